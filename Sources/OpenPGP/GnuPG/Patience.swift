internal import CLinux
internal import Glibc

/// How long a child may be silent while it owes something.
struct Patience: Sendable {
  /// In milliseconds, from its last word on.
  let each: Int32
  /// When nobody waits any longer, whatever it says.
  let deadline: ContinuousClock.Instant?

  init(each: Int32, deadline: ContinuousClock.Instant? = nil) {
    self.each = each
    self.deadline = deadline
  }

  static let none = Patience(each: 0)

  /// To wait for the next word.
  var milliseconds: Int32 {
    guard let deadline else { return each }
    let (seconds, attoseconds) = (deadline - ContinuousClock.now).components
    let left = seconds * 1000 + attoseconds / 1_000_000_000_000_000
    return Int32(clamping: max(0, min(Int64(each), left)))
  }

  var hasEnded: Bool { deadline.map { ContinuousClock.now >= $0 } ?? false }

  /// What it is when that time is over.
  var trouble: GnuPGTrouble {
    milliseconds < each
      ? GnuPGTrouble("gpg did not answer before the time budget was spent")
      : GnuPGTrouble("gpg did not answer within \(each) ms", isSilence: true)
  }
}
