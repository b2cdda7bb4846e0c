import Foundation
import Support
import Testing

/// `keys add` as a maintainer types it, with certificates that a real gpg made.
@Suite struct KeysAddTests {
  @Test func `a new maintainer's certificate and entry come into the work tree, and no further`() async throws {
    let scene = try await KeysScene()
    let dan = try await scene.make("dan")
    let (head, list) = (try await scene.clone.git("rev-parse", "HEAD"), try scene.text("MAINTAINERS"))
    let file = try await scene.export(dan)
    let dry = try await scene.run(
      "keys", "add", file, "--person", "dan", "--label", "card", "--name", "Dan", "--device", "YubiKey 5", "--dry-run")
    #expect(dry.status == 0, "\(dry)")
    #expect(dry.output.contains("would write  MAINTAINERS") && dry.output.contains("  + [keys.dan.card]"), "\(dry)")
    #expect(try await scene.status() == "")

    let added = try await scene.run(
      "keys", "add", file, "--person", "dan", "--label", "card", "--name", "Dan", "--device", "YubiKey 5")
    #expect(added.status == 0, "\(added)")
    for command in [
      "git switch --create key-dan-card\n", "git add keys/\(dan).asc MAINTAINERS\n", "git commit --gpg-sign ",
      "stagex-maint cosign PR-NUMBER ",
    ] {
      #expect(added.output.contains("\n  " + command), "\(command): \(added.output)")
    }
    #expect(try await scene.status() == " M MAINTAINERS\n?? keys/\(dan).asc")
    #expect(try await scene.clone.git("rev-parse", "HEAD") == head)
    let text = try scene.text("MAINTAINERS")
    #expect(
      text.replacing("\n[people.dan]\nname = \"Dan\"\n", with: "")
        .replacing("\n[keys.dan.card]\nid = \"\(dan)\"\nalgorithm = \"ED25519\"\ndevices = \"YubiKey 5\"\n", with: "")
        == list)
    let listed = try await scene.run("keys", "list", "--registry", ".")
    #expect(listed.output.contains("dan card  \(dan)  counts") && listed.output.contains("4 of 4 people"), "\(listed)")
  }

  /// gpg must take from the registry what it takes from the maintainer.
  @Test func `gpg reads the file in the registry as it reads its own`() async throws {
    let scene = try await KeysScene()
    let dan = try await scene.make("dan")
    let bytes = Array(try Data(contentsOf: URL(filePath: try await scene.export(dan))))
    let added = try await scene.run("keys", "add", "-", "--person", "dan", "--label", "card", input: bytes)
    #expect(added.status == 0, "\(added)")
    #expect(added.output.contains("no --device"), "\(added)")
    let other = try Sandbox()
    /// Everything that gpg lists of the key but the trust in it, which is a person's own.
    func colons(_ home: String) async throws -> [[String]] {
      let listing = try await other.must([
        "gpg", "--homedir", home, "--batch", "--quiet", "--with-colons", "--check-sigs", dan,
      ])
      var lines: [[String]] = []
      for line in listing.split(separator: "\n") where !line.hasPrefix("tru:") {
        var fields = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if fields[0] != "sig" { for trust in [1, 8] where trust < fields.count { fields[trust] = "" } }
        lines.append(fields)
      }
      return lines
    }
    try await other.must([
      "gpg", "--homedir", other.path + "/home", "--batch", "--quiet", "--import", "\(scene.clone.path)/keys/\(dan).asc",
    ])
    #expect(try await colons(other.path + "/home") == (try await colons(scene.keys.path + "/home")))
  }

  /// Attack, and the worst of mistakes: the private half, handed in for the public one.
  @Test func `a private key is refused aloud, and read no further`() async throws {
    let scene = try await KeysScene()
    let dan = try await scene.make("dan")
    let secret = try await scene.export(dan, secret: true)
    let refused = try await scene.run("keys", "add", secret, "--person", "dan", "--label", "card")
    #expect(refused.status == 1, "\(refused)")
    #expect(
      refused.error.contains("PRIVATE KEY") && refused.error.contains("leaked")
        && refused.error.contains("(secret-key)"), "\(refused)")
    #expect(refused.output == "")
    #expect(try await scene.status() == "")
    let accepted = try await scene.run("keys", "add", try await scene.export(dan), "--person", "dan", "--label", "card")
    #expect(accepted.status == 0, "\(accepted)")
  }

  @Test func `what is refused leaves everything as it was`() async throws {
    let scene = try await KeysScene()
    let (dan, old) = (try await scene.make("dan"), try await scene.make("old", lasting: "1d", at: "20240101T000000!"))
    let (good, expired) = (try await scene.export(dan), try await scene.export(old))
    let alice = "\(scene.clone.path)/keys/\(scene.server.team.alice.fingerprint).asc"
    for (words, status, code) in [
      ([expired, "--person", "old", "--label", "card"], Int32(1), "(expired)"),
      ([alice, "--person", "dan", "--label", "card"], 1, "(taken)"),
      ([good, "--person", "alice", "--label", "card"], 1, "(label-exists)"), ([good], 64, "(usage)"),
      ([good, "--person", "d n", "--label", "card"], 64, "(bad-text)"),
      (["nosuchfile", "--person", "dan", "--label", "card"], 2, "nosuchfile"),
    ] {
      let result = try await scene.server.sandbox.run(
        [ServerProgram.command, "keys", "add"] + words, in: scene.clone.path)
      #expect(
        result.status == status && result.error.contains(code) && result.error.contains("next: "), "\(words): \(result)"
      )
      #expect(try await scene.status() == "")
    }
    let accepted = try await scene.run("keys", "add", good, "--person", "alice", "--label", "spare")
    #expect(accepted.status == 0 && accepted.output.contains("another key of alice"), "\(accepted)")
  }

  /// Attack: a stranger's branch, checked out, in which the folder of keys is a link to somewhere else.
  @Test func `nothing is written through a link`() async throws {
    let scene = try await KeysScene()
    let file = try await scene.export(try await scene.make("dan"))
    let elsewhere = scene.keys.path + "/elsewhere"
    try FileManager.default.moveItem(atPath: scene.clone.path + "/keys", toPath: elsewhere)
    try FileManager.default.createSymbolicLink(atPath: scene.clone.path + "/keys", withDestinationPath: elsewhere)
    let before = try FileManager.default.contentsOfDirectory(atPath: elsewhere).sorted()
    let refused = try await scene.run("keys", "add", file, "--person", "dan", "--label", "card")
    #expect(refused.status == 2 && refused.error.contains("symbolic link"), "\(refused)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere).sorted() == before)
    try FileManager.default.removeItem(atPath: scene.clone.path + "/keys")
    try FileManager.default.moveItem(atPath: elsewhere, toPath: scene.clone.path + "/keys")
    #expect(try await scene.run("keys", "add", file, "--person", "dan", "--label", "card").status == 0)
  }

  @Test func `an extended key replaces its certificate, and an older export takes nothing back`() async throws {
    let scene = try await KeysScene()
    let dan = try await scene.make("dan", lasting: "30d")
    let first = try await scene.export(dan)
    _ = try await scene.run("keys", "add", first, "--person", "dan", "--label", "card", "--device", "YubiKey 5")
    let old = try Data(contentsOf: URL(filePath: first))
    // A newer second, or gpg's two self-signatures would be of the same age.
    try await scene.gpg("--faked-system-time", "20300101T000000!", "--quick-set-expire", dan, "10y")
    try await scene.gpg("--faked-system-time", "20300101T000000!", "--quick-set-expire", dan, "10y", "*")
    let renewed = try await scene.run("keys", "add", try await scene.export(dan))
    #expect(renewed.status == 0 && renewed.output.contains("listed already; the certificate changes"), "\(renewed)")
    #expect(renewed.output.contains("2039-12-"), "\(renewed)")
    let text = try scene.text("keys/\(dan).asc")
    let back = try await scene.run("keys", "add", "-", input: Array(old))
    #expect(back.status == 0 && back.output.contains("the registry has all of this already"), "\(back)")
    #expect(try scene.text("keys/\(dan).asc") == text)
  }

  @Test func `a folder outside of any repository can be a registry`() async throws {
    let scene = try await KeysScene()
    let folder = try TemporaryFolder()
    let file = try await scene.export(try await scene.make("dan"))
    let added = try await scene.run(
      "keys", "add", file, "--person", "dan", "--label", "card", "--device", "X", "--registry", folder.path, in: "/")
    #expect(added.status == 0 && added.output.contains("git -C \(folder.path) add"), "\(added)")
    let listed = try await scene.run("keys", "audit", "--registry", folder.path, in: "/")
    #expect(listed.output.contains("1 of 1 people can endorse"), "\(listed)")
    let none = try await scene.run(
      "keys", "add", file, "--person", "dan", "--label", "card", "--registry", folder.path + "/no", in: "/")
    #expect(none.status == 2 && none.error.contains("--registry DIR"), "\(none)")
    let bare = try await scene.run(
      "-C", scene.server.path, "keys", "add", file, "--person", "dan", "--label", "card", in: "/")
    #expect(bare.status == 64 && bare.error.contains("work tree"), "\(bare)")
  }

  /// Good for us, unknown to the GnuPG of Debian 12: found out here, not at the first push.
  @Test func `a key that this machine's GnuPG does not know is told`() async throws {
    let scene = try await KeysScene()
    var certificate = TestCertificate(primary: .ed25519(seed: 7000))
    certificate.addUser("Dan <dan@example.invalid>", flags: 0x01)
    let subkey = TestKey.ed25519(seed: 7001, algorithm: .ed25519)
    certificate.addSubkey(subkey)
    let words = ["keys", "add", "-", "--person", "dan", "--label", "card", "--device", "YubiKey 5"]
    func add(_ words: [String]) async throws -> Finished {
      try await scene.server.sandbox.run(
        [ServerProgram.command] + words, in: scene.clone.path, input: certificate.armored)
    }
    let told = try await add(words + ["--dry-run"])
    #expect(
      told.status == 0 && told.output.contains("  warning   the key \(subkey.fingerprint) does not count\n"), "\(told)")
    #expect(told.output.contains("algorithm 27"), "\(told)")
    try await scene.clone.git("config", "maint.engine", "native")
    #expect(try await add(words + ["--dry-run"]).output.contains("warning") == false)
    try await scene.clone.git("config", "--unset", "maint.engine")
    #expect(try await add(words).status == 0)
    let audit = try await scene.run("keys", "audit", "--registry", ".")
    #expect(
      audit.status == 1 && audit.output.contains("error gnupg: ") && audit.output.contains("dan: does not count"),
      "\(audit)")
  }

  /// As `gpg --export` without a name writes it.
  @Test func `of a whole keyring the one that is named is taken`() async throws {
    let scene = try await KeysScene()
    let (dan, eve) = (try await scene.make("dan"), try await scene.make("eve"))
    let file = scene.keys.path + "/all.asc"
    try await scene.gpg("--yes", "--armor", "--output", file, "--export")
    let refused = try await scene.run("keys", "add", file, "--person", "dan", "--label", "card")
    #expect(
      refused.status == 1 && refused.error.contains(dan) && refused.error.contains(eve)
        && refused.error.contains("--key"), "\(refused)")
    let accepted = try await scene.run("keys", "add", file, "--person", "dan", "--label", "card", "--key", dan)
    #expect(
      accepted.status == 0 && accepted.output.contains("left out:\n            \(eve)")
        && accepted.output.contains(dan), "\(accepted)")
    #expect(try await scene.status() == " M MAINTAINERS\n?? keys/\(dan).asc")
    let usage = try await scene.run("keys", "add", file, "--person", "eve", "--label", "card", "--key", "eve")
    #expect(usage.status == 64 && usage.error.contains("--key"), "\(usage)")
  }
}
