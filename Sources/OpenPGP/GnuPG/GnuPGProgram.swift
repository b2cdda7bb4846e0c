internal import Glibc

/// Where GnuPG is, and how it is called.
enum GnuPGProgram {
  /// The first `gpg` on this process's PATH, as an absolute path; else Debian's.
  static func find() -> String { find("gpg") ?? "/usr/bin/gpg" }

  /// The `gpgv` of the same GnuPG, else the first on the PATH; nil where there is none.
  static func verifier(beside gpg: String) -> String? {
    let beside = gpg.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/gpgv"
    if unsafe access(beside, X_OK) == 0 { return beside }
    return find("gpgv")
  }

  private static func find(_ name: String) -> String? {
    let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? ""
    for folder in path.split(separator: ":").map(String.init) + ["/usr/bin"] where folder.hasPrefix("/") {
      let candidate = "\(folder)/\(name)"
      if unsafe access(candidate, X_OK) == 0 { return candidate }
    }
    return nil
  }

  /// Keeps GnuPG away from the user's configuration, keys, agent, trust and network.
  static let isolation = [
    "--no-options", "--no-autostart", "--no-tty", "--quiet", "--trust-model", "always", "--no-auto-check-trustdb",
    "--no-auto-key-locate", "--no-auto-key-retrieve", "--disable-dirmngr", "--lock-never", "--no-random-seed-file",
    "--status-fd", "1",
  ]

  /// It does not exist, so nothing can be read from it or put into it.
  static let noFolder = "/nonexistent/stagex-maint"

  /// No home at all.
  static let noHome = ["--homedir", noFolder, "--no-default-keyring"]
}
