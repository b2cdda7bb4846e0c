internal import Synchronization

/// The gpg programs that this process has waited for in vain. None is waited for again: a push of a thousand commits
/// would wait a thousand times.
enum GnuPGSilence {
  private static let silent = Mutex<Set<String>>([])

  static func remember(_ program: String) { silent.withLock { _ = $0.insert(program) } }

  static func of(_ program: String) -> GnuPGTrouble? {
    silent.withLock { $0.contains(program) }
      ? GnuPGTrouble("gpg did not answer before, and is not asked again", isSilence: true) : nil
  }
}
