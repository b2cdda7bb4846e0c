import Foundation
import Support
import Testing

/// A team of four of whom dave has a key of a real gpg that somebody else uses too: they sign with it and set the clock
/// back.
struct BackdatedScene {
  let server: Server
  let clone: Clone
  /// dave's GnuPG home.
  private let keys: Sandbox
  private let dave: String
  private let now = Int(Date().timeIntervalSince1970)

  static let main = "refs/remotes/origin/main"

  static func make() async throws -> BackdatedScene {
    let keys = try Sandbox()
    let team = try await Team.shared()
    let now = Int(Date().timeIntervalSince1970)
    func script(_ name: String, _ home: String) throws -> String {
      try keys.script(
        name, "#!/bin/sh\nexec gpg --homedir '\(keys.path)/\(home)' --faked-system-time \"$AT\" \"$@\"\n")
    }
    let program = try script("gpg", "home")
    // What the thief has copied knows nothing of a later revocation.
    _ = try script("thief", "stolen")
    func gpg(_ words: String...) async throws -> String {
      let result = try await keys.run(
        [program, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""] + words,
        extra: ["AT": stamp(now - 2 * 86_400)])
      guard result.status == 0 else { throw StepFailed("gpg \(words): \(result.error)") }
      return result.output
    }
    _ = try await gpg("--quick-generate-key", "Dave <dave@example.invalid>", "ed25519", "cert", "never")
    let listing = try await gpg("--with-colons", "--list-keys")
    guard let line = listing.split(separator: "\n").first(where: { $0.hasPrefix("fpr:") }) else {
      throw StepFailed(listing)
    }
    let dave = String(line.split(separator: ":", omittingEmptySubsequences: false)[9])
    _ = try await gpg("--quick-add-key", dave, "ed25519", "sign", "never")
    let copy = "mkdir -m 700 ../stolen && cp -R p* ../stolen/"
    try await keys.must(["sh", "-c", "cd '\(keys.path)/home' && \(copy)"])
    let registry =
      team.registry(team.maintainers)[0].text.replacing("[keys]\n", with: "[people.dave]\nname = \"dave\"\n\n[keys]\n")
      + "\n[keys.dave.card]\nid = \"\(dave)\"\ndevices = \"Nitrokey 3\"\n"
    let (server, clone) = try await Server.make(
      files: [("MAINTAINERS", registry), ("keys/\(dave).asc", try await gpg("--armor", "--export", dave))])
    try await clone.git("checkout", "--quiet", "main")
    return BackdatedScene(server: server, clone: clone, keys: keys, dave: dave)
  }

  /// As gpg takes a time.
  private static func stamp(_ time: Int) -> String {
    let parts = Calendar(identifier: .gregorian).dateComponents(
      in: TimeZone(identifier: "UTC")!, from: Date(timeIntervalSince1970: TimeInterval(time)))
    func two(_ number: Int?) -> String { (number! < 10 ? "0" : "") + String(number!) }
    return
      "\(parts.year!)\(two(parts.month))\(two(parts.day))T\(two(parts.hour))\(two(parts.minute))\(two(parts.second))!"
  }

  /// A change with dave's key that says it was made so many seconds ago, merged by alice; adopted by bob before, or
  /// not.
  @discardableResult
  func change(_ file: String, signedAgo ago: Int, adoptedByBob: Bool = false) async throws -> String {
    try await clone.git("checkout", "--quiet", "-b", "topic/\(file)")
    try await clone.write(file, "\(file)\n")
    let result = try await clone.sandbox.run(
      [
        "git", "-c", "gpg.program=\(keys.path)/thief", "-c", "user.name=Dave", "-c", "user.email=dave@example.invalid",
        "commit", "--quiet",
        "--gpg-sign=\(dave)", "--message", "Change \(file)",
      ], in: clone.path, extra: ["AT": Self.stamp(now - ago), "GIT_COMMITTER_DATE": "\(now - ago) +0000"])
    guard result.status == 0 else { throw StepFailed("commit: \(result.error)") }
    if adoptedByBob { try await clone.adopt(by: server.team.bob) }
    try await clone.git("checkout", "--quiet", "main")
    return try await clone.merge("topic/\(file)", by: server.team.alice)
  }

  /// dave's revocation of his signing key, "no longer used", dated so many seconds ago, landed by bob and carol.
  @discardableResult
  func revoke(ago: Int) async throws -> String { try await revoke(at: now - ago) }

  /// - Parameter time: In seconds since 1970.
  @discardableResult
  func revoke(at time: Int) async throws -> String {
    let edit = try await keys.run(
      [
        "\(keys.path)/gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", "--no-tty",
        "--command-fd", "0",
        "--status-fd", "2", "--edit-key", dave,
      ], extra: ["AT": Self.stamp(time)], input: Array("key 1\nrevkey\ny\n3\n\ny\nsave\n".utf8))
    guard edit.status == 0 else { throw StepFailed("revkey: \(edit.error)") }
    let certificate = try await keys.must(["gpg", "--homedir", "\(keys.path)/home", "--armor", "--export", dave])
    try await clone.git("checkout", "--quiet", "-b", "topic/revoke")
    try await clone.commit("keys/\(dave).asc", certificate + "\n", by: server.team.bob, message: "Dave retires his key")
    try await clone.git("checkout", "--quiet", "main")
    return try await clone.merge("topic/revoke", by: server.team.carol)
  }

  func push() async throws -> String {
    let tip = try await clone.git("rev-parse", "main")
    try await server.expectAccepted("main", at: tip) { try await clone.push("main") }
    return tip
  }

  /// A clone that has looked once.
  func client(_ name: String) async throws -> ProtectedClone {
    let client = try await ProtectedClone.make(of: "file://\(server.path)", server, name: name)
    let first = try await client.run("fetch")
    #expect(first.status == 0, "\(first.output)\(first.error)")
    return client
  }

  func check(state: String = "state") async throws -> Finished {
    try await server.sandbox.run(
      [ServerProgram.command, "check", "file://\(server.path)", "--trust-root", server.start],
      extra: [
        "XDG_STATE_HOME": "\(server.sandbox.path)/\(state)", "XDG_CACHE_HOME": "\(server.sandbox.path)/\(state)-cache",
      ])
  }
}
