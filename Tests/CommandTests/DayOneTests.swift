import Foundation
import Support
import Testing

/// From nothing to the first merge on a protected branch: two people with cards in software, an empty server, and what
/// the commands themselves say comes next.
@Suite(.serialized, .enabled(if: VirtualCard.isPossible, "needs gpg, scdaemon, a C compiler and python3-cryptography"))
struct DayOneTests {
  /// Somebody at a desk of their own, whose commands are counted.
  final class Desk {
    let card: VirtualCard
    let sandbox: Sandbox
    let path: String
    private(set) var typed = 0

    init(_ name: String, _ sandbox: Sandbox, serial: Int) throws {
      card = try VirtualCard(name: name, subkey: true, persona: .nitrokey, serial: serial)
      self.sandbox = sandbox
      path = "\(sandbox.path)/\(name.lowercased())"
    }

    @discardableResult
    func type(_ line: String, in folder: String? = nil) async throws -> String {
      typed += 1
      let result = try await sandbox.run(
        ["bash", "-o", "pipefail", "-c", line], in: folder ?? path,
        extra: card.environment.merging(["PATH": "\(sandbox.path)/bin:" + (sandbox.environment["PATH"] ?? "")]) { $1 })
      guard result.status == 0 else { throw StepFailed("\(line): status \(result.status)\n\(result.output)\(result.error)") }
      return result.output
    }
  }

  @Test func `two people, an empty server, a first merge`() async throws {
    let sandbox = try Sandbox()
    try FileManager.default.createDirectory(atPath: sandbox.path + "/bin", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: sandbox.path + "/bin/stagex-maint", withDestinationPath: ServerProgram.command)
    let alice = try Desk("Alice", sandbox, serial: 0x11)
    let bob = try Desk("Bob", sandbox, serial: 0x12)
    let server = sandbox.path + "/server.git"
    // What is there on day one: an empty server, a clone of it that knows whose it is, bob's certificate by mail.
    try await sandbox.must(["git", "init", "--quiet", "--bare", server])
    for (desk, name) in [(alice, "Alice"), (bob, "Bob")] {
      try await sandbox.must(["git", "clone", "--quiet", server, desk.path])
      for (key, value) in [("user.name", name), ("user.email", "\(name.lowercased())@example.org"), ("user.signingkey", desk.card.signingFingerprint)] {
        try await sandbox.must(["git", "-C", desk.path, "config", key, value])
      }
    }
    let mailed = sandbox.path + "/bob.asc"
    try Tool.succeed("gpg", ["--batch", "--yes", "--armor", "--output", mailed, "--export", bob.card.fingerprint], environment: bob.card.environment)

    func next(_ output: String) -> String { output.split(separator: "\n").last { $0.hasPrefix("next: ") || $0.hasPrefix("  stagex-maint") }.map { $0.drop { $0 == " " } }.map(String.init) ?? "" }
    var said = try await alice.type("stagex-maint init --yes --ci none")
    #expect(next(said).contains("gpg --armor --export \(alice.card.signingFingerprint) | stagex-maint keys add - --person ID --label card --name Alice"), "\(said)")
    said = try await alice.type("gpg --armor --export \(alice.card.signingFingerprint) | stagex-maint keys add - --person alice --label card --name Alice --device 'Nitrokey 3'")
    #expect(next(said) == "stagex-maint init", "\(said)")
    said = try await alice.type("stagex-maint init --yes --ci none")
    #expect(said.contains("1 of 1 can endorse: alice") && next(said).contains("| stagex-maint keys add - --person ID"), "\(said)")
    said = try await alice.type("stagex-maint keys add \(mailed) --person bob --label card --name Bob --device 'Nitrokey 3'")
    said = try await alice.type("stagex-maint init --yes --ci none")
    #expect(next(said).contains("git add MAINTAINERS keys review.toml && git commit --gpg-sign --message \"List the maintainers\" && stagex-maint init"), "\(said)")
    said = try await alice.type("git add MAINTAINERS keys review.toml && git commit --quiet --gpg-sign --message 'List the maintainers' && stagex-maint init --yes --ci none")
    let root = try await sandbox.must(["git", "-C", alice.path, "rev-parse", "HEAD"])
    #expect(said.contains("signed   by alice with"), "\(said)")
    #expect(next(said) == "next: on the server, in the bare repository: stagex-maint hook install --trust-root \(root)", "\(said)")
    said = try await alice.type("stagex-maint hook install --trust-root \(root)", in: server)
    #expect(next(said).contains("git push REMOTE BRANCH"), "\(said)")
    try await alice.type("git push --quiet origin HEAD:main")
    try await bob.type("git pull --quiet origin main")
    said = try await bob.type("stagex-maint init --yes --ci none")
    #expect(said.contains("signed   by alice with") && said.contains("maint.trustRoot = \(root)"), "\(said)")

    // The first change, by bob, merged by alice.
    try await bob.type("git switch --quiet --create hello && echo hello > hello && git add hello && git commit --quiet --gpg-sign --message 'Say hello'")
    try await bob.type("git push --quiet origin hello")
    // Attack, and the slip of day one: bob lands it alone.
    let alone = try await sandbox.run(["git", "push", server, "hello:main"], in: bob.path, extra: bob.card.environment)
    #expect(alone.status != 0 && alone.error.contains("unsigned-merge") || alone.error.contains("too-few-endorsers"), "\(alone)")
    try await alice.type("git fetch --quiet origin")
    try await alice.type("git merge --quiet --no-ff --gpg-sign --message 'Merge hello' origin/hello")
    try await alice.type("git push --quiet origin HEAD:main")
    #expect(try await sandbox.must(["git", "-C", server, "rev-parse", "main"]) == (try await sandbox.must(["git", "-C", alice.path, "rev-parse", "HEAD"])))
    #expect(alice.typed + bob.typed < 20, "\(alice.typed + bob.typed)")
  }
}
