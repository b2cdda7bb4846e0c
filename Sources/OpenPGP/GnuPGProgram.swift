internal import Glibc

/// Where GnuPG is, and how it is called.
enum GnuPGProgram {
  /// The first `gpg` on this process's PATH, as an absolute path; else Debian's.
  static func find() -> String {
    let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? ""
    for folder in path.split(separator: ":") where folder.hasPrefix("/") {
      let candidate = "\(folder)/gpg"
      if unsafe access(candidate, X_OK) == 0 { return candidate }
    }
    return "/usr/bin/gpg"
  }

  /// Keeps GnuPG away from the user's configuration, keys, agent, trust and network.
  static let isolation = [
    "--no-options", "--no-autostart", "--no-tty", "--quiet", "--trust-model", "always", "--no-auto-check-trustdb",
    "--no-auto-key-locate", "--no-auto-key-retrieve", "--disable-dirmngr", "--lock-never", "--no-random-seed-file",
    "--status-fd", "1",
  ]

  /// No home at all: the folder does not exist, so nothing can be read from it or put into it.
  static let noHome = ["--homedir", "/nonexistent/stagex-maint", "--no-default-keyring"]
}
