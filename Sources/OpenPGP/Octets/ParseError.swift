/// Why a run of octets is not what it should be. Internal: each reader turns it into its own public defect.
/// The text is ours alone; it never quotes octets from outside.
struct ParseError: Error, Equatable {
  let reason: String

  init(_ reason: String) { self.reason = reason }

  static let truncated = ParseError("it ends too early")
}
