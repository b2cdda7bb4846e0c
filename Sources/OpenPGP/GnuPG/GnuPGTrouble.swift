internal import CLinux
internal import Glibc

/// Trouble with a GnuPG process: never a verdict on a signature.
struct GnuPGTrouble: Error {
  let text: String
  /// Whether it is that gpg was waited for in vain.
  let isSilence: Bool

  init(_ text: String, isSilence: Bool = false) {
    self.text = text
    self.isSilence = isSilence
  }

  /// `operation` failed with `code`, an `errno` value. The number is shown, since texts depend on the locale.
  init(_ operation: String, errno code: Int32) {
    let hint = code == EMFILE || code == ENFILE ? ": too many open files, raise ulimit -n" : ""
    self.init("\(operation) failed (errno \(code)\(hint))")
  }
}
