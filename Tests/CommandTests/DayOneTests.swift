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
      guard result.status == 0 else {
        throw StepFailed("\(line): status \(result.status)\n\(result.output)\(result.error)")
      }
      return result.output
    }
  }

  @Test func `two people, an empty server, a first merge`() async throws {
    let sandbox = try Sandbox()
    try FileManager.default.createDirectory(atPath: sandbox.path + "/bin", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: sandbox.path + "/bin/stagex-maint", withDestinationPath: ServerProgram.command)
    let alice = try Desk("Alice", sandbox, serial: 0x11)
    let bob = try Desk("Bob", sandbox, serial: 0x12)
    let server = sandbox.path + "/server.git"
    // What is there on day one: an empty server, a clone of it that knows whose it is, bob's certificate by mail.
    try await sandbox.must(["git", "init", "--quiet", "--bare", server])
    for (desk, name) in [(alice, "Alice"), (bob, "Bob")] {
      try await sandbox.must(["git", "clone", "--quiet", server, desk.path])
      for (key, value) in [
        ("user.name", name), ("user.email", "\(name.lowercased())@example.org"),
        ("user.signingkey", desk.card.signingFingerprint),
      ] {
        try await sandbox.must(["git", "-C", desk.path, "config", key, value])
      }
    }
    let mailed = sandbox.path + "/bob.asc"
    try Tool.succeed(
      "gpg", ["--batch", "--yes", "--armor", "--output", mailed, "--export", bob.card.fingerprint],
      environment: bob.card.environment)

    // What is typed is what was said to be next, with the words in capitals filled in; nothing comes from anywhere
    // else.
    var said = ""
    func next(_ desk: Desk, _ line: String? = nil, in folder: String? = nil, filling words: [(String, String)] = [])
      async throws
    {
      let lines = said.split(separator: "\n").map { $0.drop { $0 == " " } }
      let offered = lines.map { $0.hasPrefix("next: ") ? $0.dropFirst("next: ".count) : $0 }.map { line in
        words.reduce(String(line)) { $0.replacing($1.0, with: $1.1) }
      }
      let typed = line ?? offered.last ?? ""
      #expect(
        offered.contains { $0 == typed || $0.hasSuffix(": \(typed)") || $0.contains("\(typed); ") },
        "\(typed) was not said to be next:\n\(said)")
      let answer = try await desk.type(typed.hasSuffix("stagex-maint init") ? typed + " --yes" : typed, in: folder)
      // git says nothing of ours: what comes after it was said before it.
      if typed.hasPrefix("git ") && !typed.contains("stagex-maint") { return }
      said = answer
    }
    said = try await alice.type("stagex-maint init --yes")
    try await next(alice, filling: [("--person ID", "--person alice"), ("YubiKey 5", "Nitrokey 3")])
    #expect(said.contains("written  MAINTAINERS"), "\(said)")
    try await next(alice)
    #expect(said.contains("1 of 1 can endorse: alice"), "\(said)")
    try await next(alice, filling: [("ID", "bob"), ("NAME", "Bob"), ("DEVICE", "'Nitrokey 3'"), ("FILE", mailed)])
    try await next(alice)
    #expect(said.contains("2 of 2 can endorse: alice, bob"), "\(said)")
    try await next(alice)
    let root = try await sandbox.must(["git", "-C", alice.path, "rev-parse", "HEAD"])
    #expect(said.contains("signed   by alice with"), "\(said)")
    try await next(alice, "stagex-maint hook install --trust-root \(root)", in: server)
    try await next(alice, "git push origin main", filling: [("REMOTE BRANCH", "origin main")])
    try await next(alice, "stagex-maint hook doctor", in: server)
    #expect(said.contains("ok: pushes to protected refs are judged"), "\(said)")
    let change = [("TOPIC", "hello"), ("WHAT", "'Say hello'")]

    // Bob begins as alice did. The first change is his, and alice merges it.
    try await bob.type("git pull --quiet origin main")
    said = try await bob.type("stagex-maint init --yes")
    #expect(said.contains("signed   by alice with") && said.contains("maint.trustRoot = \(root)"), "\(said)")
    try await next(bob, "git switch --create hello", filling: change)
    try await sandbox.must(["sh", "-c", "echo hello >hello && git add hello"], in: bob.path)
    try await next(bob, "git commit --gpg-sign --message 'Say hello'", filling: change)
    try await next(bob, "git push origin hello", filling: change)
    // Attack, and the slip of day one: bob lands it alone.
    let alone = try await sandbox.run(
      ["git", "push", "--no-verify", server, "hello:main"], in: bob.path, extra: bob.card.environment)
    #expect(alone.status != 0 && alone.error.contains("too-few-endorsers"), "\(alone)")
    try await next(alice, "git fetch origin", filling: change)
    try await next(alice, "git merge --no-ff --gpg-sign --message 'Merge hello' origin/hello", filling: change)
    try await next(alice, "git push origin main", filling: change)
    #expect(
      try await sandbox.must(["git", "-C", server, "rev-parse", "main"])
        == (try await sandbox.must(["git", "-C", alice.path, "rev-parse", "HEAD"])))
    #expect(alice.typed + bob.typed < 20, "\(alice.typed + bob.typed)")
  }
}
