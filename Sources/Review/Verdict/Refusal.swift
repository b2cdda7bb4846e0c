package import GitBridge

/// One reason against an update: what is wrong, with which object, and the next command to type.
package struct Refusal: Sendable {
  /// What is wrong, as one stable word.
  package let code: RefusalCode
  /// The commit that it is about, if it is about one.
  package let commit: ObjectID?
  /// The full name of the ref, as the pusher wrote it (bytes from outside).
  package let ref: String
  /// One sentence, safe to print.
  package let message: String
  /// The next command to type; empty where none helps.
  package private(set) var next: String
  /// Signatures that were there and did not count.
  package var because: [Because] = []

  package init(
    _ code: RefusalCode, commit: ObjectID? = nil, ref: String, message: String, next: String,
    because: [Because] = []
  ) {
    self.code = code
    self.commit = commit
    self.ref = ref
    self.message = message
    self.next = next
    self.because = because
  }

  /// The same reason, with another command to type.
  func advising(_ next: String) -> Refusal {
    var other = self
    other.next = next
    return other
  }
}
