import Support
import Testing

/// `cosign` with the key behind another program, as Qubes Split GPG has it: Bob's card is reached through a script
/// only.
@Suite(.enabled(if: VirtualCard.isPossible, "needs gnupg, scdaemon, cc and python3-cryptography"))
struct CosignSplitTests {
  let alice: VirtualCard
  let bob: VirtualCard
  let server: CosignServer
  let folder: TemporaryFolder

  init() throws {
    alice = try VirtualCard()
    bob = try VirtualCard(name: "Bob")
    folder = try TemporaryFolder()
    server = try CosignServer(
      ["alice": alice, "bob": bob], policy: "version = 1\nrepository = \"example.org/os\"\nsplit-gpg = true\n")
    // This computer's own GnuPG home is empty.
    try Tool.succeed("mkdir", ["-m", "700", "\(folder.path)/h"])
    try Tool.succeed("git", ["-C", server.clone("bob"), "config", "user.signingkey", bob.fingerprint])
  }

  /// A stand-in for `qubes-gpg-client-wrapper`; `gpg` in the script is the one of the other computer.
  func program(_ script: String, home: String? = nil) throws -> String {
    let path = "\(folder.path)/split"
    try CosignServer.write(
      path, Array("#!/bin/sh\nexport GNUPGHOME=\(home ?? bob.home)\necho \"$*\" >>\(path)-calls\n\(script)\n".utf8))
    try Tool.succeed("chmod", ["+x", path])
    return path
  }

  /// How the program is made known.
  enum Setting: CaseIterable { case gpgProgram, environment }

  func cosign(
    _ number: Int, _ way: String, program: String, by setting: Setting = .environment, in place: CosignServer? = nil
  )
    throws -> Tool.Result
  {
    let server = place ?? server
    var environment = ["GNUPGHOME": "\(folder.path)/h"]
    switch setting {
    case .gpgProgram: try Tool.succeed("git", ["-C", server.clone("bob"), "config", "maint.gpgProgram", program])
    case .environment: environment["STAGEX_GPG_SIGN"] = program
    }
    return try server.cosign("bob", number, way, extra: environment)
  }

  func issuer(of commit: String) throws -> String {
    try Tool.run(
      "git", ["-C", server.path, "verify-commit", "--raw", commit], environment: bob.environment
    ).errorText
  }

  @Test(arguments: Setting.allCases)
  func `Adopted, merged and co-signed through Split GPG, and the hook accepts`(setting: Setting) throws {
    let split = try program("exec gpg \"$@\"")
    let head = try server.pullRequest(1)
    let adopted = try cosign(1, "--adopt", program: split, by: setting)
    #expect(adopted.status == 0, "\(adopted.all)")
    #expect(adopted.text.contains("by a key that is on no card of this computer"), "\(adopted.all)")
    let adoption = try #require(try server.tip("refs/pull/1/head"))
    #expect(adoption != head)
    #expect(try issuer(of: adoption).contains("VALIDSIG \(bob.signingFingerprint) "))
    #expect(try server.cosign("alice", 1).status == 0)

    try server.pullRequest(2, file: "other", as: "alice")
    let merged = try cosign(2, "--merge", program: split, by: setting)
    #expect(merged.status == 0, "\(merged.all)")
    #expect(try issuer(of: "staging").contains("VALIDSIG \(bob.signingFingerprint) "))

    let third = try server.pullRequest(3, file: "third")
    let stated = try cosign(3, "--detached", program: split, by: setting)
    #expect(stated.status == 0, "\(stated.all)")
    let files = try Tool.succeed("git", ["-C", server.path, "ls-tree", "-r", "--name-only", "cosignatures"]).line
    #expect(files == "\(third.prefix(2))/\(third)/\(bob.fingerprint)")
    // One request of the other computer for each signature.
    #expect(try Tool.succeed("cat", ["\(split)-calls"]).text.split(separator: "\n").count == 3)
  }

  @Test(arguments: Setting.allCases)
  func `Where the policy does not allow it nothing is asked of the program`(setting: Setting) throws {
    let strict = try CosignServer(["alice": alice, "bob": bob], policy: "version = 1\nsplit-gpg = false\n")
    let split = try program("exec gpg \"$@\"")
    for (place, status) in [(strict, Int32(2)), (server, 0)] {
      try Tool.succeed("git", ["-C", place.clone("bob"), "config", "user.signingkey", bob.fingerprint])
      try place.pullRequest(1, as: "alice")
      let before = try place.refs()
      let result = try cosign(1, "--merge", program: split, by: setting, in: place)
      #expect(result.status == status, "\(result.all)")
      guard status != 0 else { continue }
      #expect(result.errorText.contains("signing through \(split) is set up, and the policy does not allow Split GPG"))
      #expect(try place.refs() == before)
      #expect(try Tool.run("test", ["-e", "\(split)-calls"]).status != 0)
    }
  }

  @Test(arguments: ["--adopt", "--merge", "--detached"])
  func `What the program returns is held against key and commit, and nothing else is pushed`(way: String) throws {
    // Alice's own change can be merged at once; the outsider's can be adopted.
    try server.pullRequest(1, as: way == "--merge" ? "alice" : nil)
    let before = try server.refs()
    // Another card of nobody's, and a second one that is registered as somebody else's.
    let mallory = try VirtualCard(name: "Mallory")
    let asAnother = { (card: VirtualCard) in "exec gpg --batch --armor --detach-sign --local-user \(card.fingerprint)" }
    let faults: [(script: String, home: String?, message: String)] = [
      ("printf 'request \\033[2J denied\\n' >&2; exit 1", nil, "did not sign: request \\x1b[2J denied"),
      ("exit 0", nil, "what it returned was thrown away: the signature is malformed"),
      (asAnother(alice), alice.home, "it signed with \(alice.fingerprint) instead of \(bob.signingFingerprint)"),
      (asAnother(mallory), mallory.home, "it signed with \(mallory.fingerprint) instead of \(bob.signingFingerprint)"),
      (
        "cat >/dev/null; echo something else | gpg \"$@\"", nil,
        "what it returned was thrown away: our own engine finds it bad"
      ),
    ]
    for fault in faults {
      let result = try cosign(1, way, program: program(fault.script, home: fault.home))
      #expect(result.status == 2, "\(fault.script): \(result.all)")
      #expect(result.errorText.contains(fault.message), "\(fault.script): \(result.all)")
      // The way on is about the program, not about a card that there is none of.
      #expect(!result.errorText.contains("\u{1B}") && !result.errorText.contains("card-status"), "\(result.all)")
      #expect(try server.refs() == before, "\(fault.script)")
      // Nor is it kept for the next run to push.
      let kept = try Tool.succeed("git", ["-C", server.clone("bob"), "for-each-ref", "refs/stagex-maint/signed"]).text
      #expect(kept.isEmpty, "\(fault.script): \(kept)")
    }
    let good = try cosign(1, way, program: program("exec gpg \"$@\""))
    #expect(good.status == 0, "\(good.all)")
    #expect(try server.refs() != before)
  }
}
