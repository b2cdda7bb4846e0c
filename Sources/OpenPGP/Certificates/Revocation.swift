/// That a key was taken back, when, and how badly.
package struct Revocation: Hashable, Sendable {
  /// Seconds since 1970, as the revocation itself says.
  package let time: Int64
  /// Whether signatures from before `time` are worthless too.
  package let isHard: Bool

  package init(time: Int64, isHard: Bool) {
    self.time = time
    self.isHard = isHard
  }

  init(_ signature: SelfSignature) {
    time = signature.created
    // RFC 9580, section 5.2.3.31: 1 superseded, 3 retired. No reason, compromise, or a reason that is not known
    // must be taken for a theft; so must a revocation that could not be checked.
    let isSoft = signature.revocationReason == 1 || signature.revocationReason == 3
    isHard = !isSoft || signature.objection != nil
  }

  /// By a designated revoker, whose key is not at hand to check it.
  init(uncheckedAt time: Int64) {
    self.time = time
    isHard = true
  }

  /// The one of several that weighs most: a hard one, else the earliest.
  static func worst(of revocations: [Revocation]) -> Revocation? {
    revocations.min { ($0.isHard ? 0 : 1, $0.time) < ($1.isHard ? 0 : 1, $1.time) }
  }
}

/// What takes one key back.
struct Revocations: Sendable {
  var checked: [Revocation] = []
  /// Those that the key may have made or not.
  var unchecked: [Revocation] = []

  mutating func append(_ signature: SelfSignature) {
    if signature.isChecked { checked.append(Revocation(signature)) } else { unchecked.append(Revocation(signature)) }
  }
}
