/// What stops a flow, in three parts: what is wrong, what to type next, and which sort of stop it is.
package struct FlowError: Error, Equatable, Sendable {
  /// The sort of stop: it decides the exit status.
  package enum Kind: Equatable, Sendable {
    /// Something was found that must not be signed or published.
    case refused
    /// Something could not be read or done.
    case impossible
    /// The person declined, or took the card away.
    case stopped
    /// The network or a lock: the same command may work later.
    case tryAgain
    /// An option is missing or wrong.
    case usage
  }

  /// The sort of stop: it decides the exit status.
  package let kind: Kind
  /// One sentence without a full stop, safe to print.
  package let message: String
  /// The next command to type.
  package let next: String?

  package init(_ kind: Kind, _ message: String, next: String? = nil) {
    self.kind = kind
    self.message = message
    self.next = next
  }
}
