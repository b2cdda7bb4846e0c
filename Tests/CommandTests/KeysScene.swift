import Foundation
import Support

/// A clone with a registry of three, and somebody with a real gpg who makes keys for it.
struct KeysScene {
  let server: Server
  let clone: Clone
  let keys: Sandbox

  init() async throws {
    (server, clone) = try await Server.make(hooks: [])
    keys = try Sandbox()
  }

  @discardableResult
  func gpg(_ words: String...) async throws -> String {
    try await keys.must(
      [
        "gpg", "--homedir", keys.path + "/home", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase",
        "",
      ] + words)
  }

  /// Makes a primary key that certifies and a subkey that signs, and gives the primary key's fingerprint.
  ///
  /// - Parameter at: When, for gpg, instead of now.
  func make(_ name: String, lasting time: String = "2y", at moment: String? = nil) async throws -> String {
    let clock = moment.map { ["--faked-system-time", $0] } ?? []
    func gpg(_ words: String...) async throws -> String {
      try await keys.must(
        [
          "gpg", "--homedir", keys.path + "/home", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase",
          "",
        ] + clock + words)
    }
    let user = "\(name) <\(name)@example.invalid>"
    _ = try await gpg("--quick-generate-key", user, "ed25519", "cert", time)
    let listing = try await gpg("--with-colons", "--list-keys", "=\(user)")
    guard let line = listing.split(separator: "\n").first(where: { $0.hasPrefix("fpr:") }) else {
      throw StepFailed("gpg lists no fingerprint:\n\(listing)")
    }
    let fingerprint = String(line.split(separator: ":", omittingEmptySubsequences: false)[9])
    _ = try await gpg("--quick-add-key", fingerprint, "ed25519", "sign", time)
    return fingerprint
  }

  /// What gpg exports for a key, in a file.
  func export(_ fingerprint: String, secret: Bool = false) async throws -> String {
    let file = "\(keys.path)/\(fingerprint).\(secret ? "secret" : "asc")"
    try await gpg("--yes", "--armor", "--output", file, secret ? "--export-secret-keys" : "--export", fingerprint)
    return file
  }

  func run(_ words: String..., in folder: String? = nil, input: [UInt8] = []) async throws -> Finished {
    try await server.sandbox.run([ServerProgram.command] + words, in: folder ?? clone.path, input: input)
  }

  func text(_ path: String) throws -> String { try String(contentsOfFile: "\(clone.path)/\(path)", encoding: .utf8) }

  /// What differs from the last commit.
  func status() async throws -> String {
    try await clone.git("status", "--porcelain", "--untracked-files=all", "--ignored")
  }
}
