internal import Basics
internal import Crypto
internal import Glibc
package import Review

/// Where a computer keeps what it knows of a project that its owner checks: the trust root and the ledger under
/// XDG_STATE_HOME, a mirror of the repository under XDG_CACHE_HOME.
package struct CheckPlaces: Sendable {
  /// An address, or a folder's absolute path.
  package let address: String
  /// The folder for what must not be lost.
  package let state: String
  /// The mirror: it can be fetched again.
  package let mirror: String

  /// - Throws: `FileDefect` where neither HOME nor the XDG variables say where.
  package init(_ address: String, environment: [String: String]) throws(FileDefect) {
    self.address = address
    // A folder's name that says nothing of the address and cannot be made to lie elsewhere.
    let name = SHA256.hash(data: Array(Self.plain(address).utf8)).prefix(16)
      .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    func place(_ variable: String, _ fallback: String) throws(FileDefect) -> String {
      // XDG Base Directory Specification: a path that is not absolute is to be ignored.
      if let path = environment[variable], path.hasPrefix("/") { return path }
      guard let home = environment["HOME"], home.hasPrefix("/") else {
        throw FileDefect("neither \(variable) nor HOME names a folder")
      }
      return home + "/" + fallback
    }
    state = try place("XDG_STATE_HOME", ".local/state") + "/stagex-maint/check/\(name)"
    mirror = try place("XDG_CACHE_HOME", ".cache") + "/stagex-maint/check/\(name).git"
  }

  /// One address for the ways in which people write it.
  private static func plain(_ address: String) -> String {
    var text = address
    while text.hasSuffix("/") { text.removeLast() }
    return text.hasSuffix(".git") ? String(text.dropLast(4)) : text
  }

  /// Makes the folder for what must not be lost.
  package func makeState() throws(FlowError) { try Self.makeFolder(state) }

  static func makeFolder(_ path: String) throws(FlowError) {
    var made = ""
    for part in path.split(separator: "/") {
      made += "/" + part
      _ = unsafe mkdir(made, 0o700)
    }
    guard unsafe access(path, W_OK) == 0 else {
      throw FlowError(.impossible, "the folder \(printable(path)) cannot be made: \(errorText(errno))")
    }
  }

  /// Where the trust root is kept.
  package var trustRootPath: String { state + "/trust-root" }
  /// What this place has seen, and when.
  package var ledger: Ledger { Ledger(folder: state + "/ledger") }
}
