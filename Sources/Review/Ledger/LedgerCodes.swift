extension RefusalCode {
  /// The server shows a state that is older than one it has shown before.
  package static let rollback = RefusalCode(rawValue: "rollback")
  /// A signature claims to be older than its key's end, and was not there yet when that end had come.
  package static let backdated = RefusalCode(rawValue: "backdated")
}
