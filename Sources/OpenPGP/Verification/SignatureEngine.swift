/// Judges signatures against one keyring. Narrow on purpose, so that independent implementations fit behind it.
package protocol SignatureEngine {
  /// For messages: `native`, `gnupg`, `gpgme`.
  var name: String { get }

  /// Answers one question. Never throws: trouble is an answer too, `failed`.
  mutating func judge(_ question: Question) -> Answer
}
