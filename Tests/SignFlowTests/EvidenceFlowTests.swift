import Foundation
import OpenPGP
import Review
import Support
import Testing

/// `keys attest` and `keys witness` with cards, up to the server's hook that asks for what they write.
@Suite(.enabled(if: VirtualCard.isPossible, "needs gnupg, scdaemon, cc and python3-cryptography"))
struct EvidenceFlowTests {
  private static func card(_ name: String, _ serial: Int, touch: VirtualCard.Touch = .fixed) throws -> VirtualCard {
    let card = try VirtualCard(name: name, touch: touch, persona: .yubikey, serial: serial)
    try card.person(.gives(afterMilliseconds: 0))
    return card
  }

  /// What a card says of its key: the files, and the digest of the root of the test's own.
  private func attestation(_ card: VirtualCard) throws -> (
    statement: String, device: String, chain: String, root: String
  ) {
    let out = "\(card.home)/attestation"
    try card.card("attest", out)
    let authority = try #require(try readWholeFile("\(out)/authority.pem"))
    let root = try AttestationFile.certificates(in: authority)[0]
    let digest = try Tool.succeed("sha256sum", [], input: root).text.prefix(64)
    return ("\(out)/sig.der", "\(out)/device.der", "\(out)/authority.pem", String(digest))
  }

  /// Commits what lies in a person's clone and makes it the trust root: the start of a team, agreed on by voice.
  private func found(_ server: CosignServer, _ person: String) throws {
    let clone = try server.clone(person)
    try Tool.succeed("git", ["add", "keys"], folder: clone)
    try Tool.succeed("git", ["commit", "--quiet", "-m", "Evidence"], folder: clone)
    let start = try Tool.succeed("git", ["rev-parse", "HEAD"], folder: clone).line
    try Tool.succeed("git", ["-C", server.path, "fetch", "--quiet", clone, "+HEAD:refs/heads/staging"])
    for repository in [server.path] + (try server.cards.keys.map(server.clone)) {
      try Tool.succeed("git", ["-C", repository, "config", "maint.trustRoot", start])
    }
  }

  /// A signed change by one and a signed merge by another, pushed to the hook.
  private func push(_ server: CosignServer, _ author: String, _ merger: String) throws -> Tool.Result {
    let clone = try server.clone(merger)
    func git(_ person: String, _ words: String...) throws {
      let card = try #require(server.cards[person])
      try Tool.succeed(
        "git", words + ["--gpg-sign=\(card.signingFingerprint)!"], environment: card.environment, folder: clone)
    }
    try Tool.succeed("git", ["fetch", "--quiet", "origin"], folder: clone)
    try Tool.succeed("git", ["checkout", "--quiet", "--force", "-B", "change", "origin/staging"], folder: clone)
    try git(author, "commit", "--quiet", "--allow-empty", "-m", "Change")
    try Tool.succeed("git", ["checkout", "--quiet", "-B", "landing", "origin/staging"], folder: clone)
    try git(merger, "merge", "--quiet", "--no-ff", "-m", "Merge", "change")
    return try Tool.run("git", ["push", "origin", "HEAD:staging"], folder: clone, seconds: 120)
  }

  private func lists(_ folder: String) throws -> [String] {
    try Tool.succeed(
      "find",
      ["keys", "-name", "*.evidence", "-o", "-name", "*.pem", "-o", "-name", "*.witness", "-o", "-name", "*.new"],
      folder: folder
    )
    .text.split(separator: "\n").map(String.init).sorted()
  }

  @Test func `The hook refuses keys that nothing attests, and accepts them once their cards have`() throws {
    let cards = ["alice": try Self.card("Alice", 11_111_111), "bob": try Self.card("Bob", 22_222_222)]
    let said = try cards.mapValues(attestation)
    let roots = said.values.map { "\"\($0.root)\"" }.sorted().joined(separator: ", ")
    let policy =
      "version = 1\nrepository = \"example.org/os\"\nevidence = \"attested\"\nattestation-roots = [\(roots)]\n"
    let server = try CosignServer(cards, policy: policy)

    let refused = try push(server, "alice", "bob")
    #expect(refused.status != 0)
    #expect(refused.errorText.contains("key-not-on-card"), "\(refused.all)")
    #expect(refused.errorText.contains("is not attested"), "\(refused.all)")

    let clone = try server.clone("alice")
    try Tool.succeed("git", ["checkout", "--quiet", "staging"], folder: clone)
    let before = try server.run("alice", ["keys", "audit"])
    #expect(before.status == 1 && before.text.contains("asks for evidence \"attested\""), "\(before.all)")
    let alice = try #require(said["alice"])
    // Bob's key is not what alice's card speaks of. Nothing is written.
    let wrong = try server.run(
      "alice",
      ["keys", "attest", "bob", "--statement", alice.statement, "--device", alice.device, "--chain", alice.chain])
    #expect(wrong.status == 1, "\(wrong.all)")
    #expect(wrong.errorText.contains("no key of this certificate"), "\(wrong.all)")
    #expect(try lists(clone) == [])
    for (person, files) in said {
      let result = try server.run(
        "alice",
        ["keys", "attest", person, "--statement", files.statement, "--device", files.device, "--chain", files.chain])
      #expect(result.status == 0, "\(result.all)")
      #expect(result.text.contains("touch fixed"))
      #expect(result.text.contains("next: git add"))
    }
    #expect(try lists(clone).filter { $0.hasSuffix("attestation.pem") }.count == 2)
    // Again: the same, not more.
    let again = try server.run(
      "alice",
      ["keys", "attest", "alice", "--statement", alice.statement, "--device", alice.device, "--chain", alice.chain])
    #expect(again.status == 0, "\(again.all)")
    #expect(
      try Tool.run(CosignServer.program, ["policy", "lint"], folder: clone).text.contains("nothing will be accepted")
        == false)
    try found(server, "alice")
    // As HEAD has it, and as the folder lies there outside of any repository.
    for place in [[], ["--registry", "."]] {
      let after = try server.run("alice", ["keys", "audit"] + place)
      #expect(after.status == 0 && !after.text.contains("asks for evidence"), "\(after.all)")
    }
    let copy = "\(server.path).files"
    try Tool.succeed("mkdir", [copy])
    for part in ["MAINTAINERS", "review.toml", "keys"] { try Tool.succeed("cp", ["-r", "\(clone)/\(part)", copy]) }
    let outside = try Tool.run(CosignServer.program, ["keys", "audit", "--registry", copy], folder: "/")
    #expect(outside.status == 0, "\(outside.all)")

    let accepted = try push(server, "alice", "bob")
    #expect(accepted.status == 0, "\(accepted.all)")
    let list = try server.run("alice", ["keys", "list"])
    #expect(list.text.contains("attested: YubiKey no. 11111111"), "\(list.all)")
    let work = try server.clone("bob")
    try Tool.succeed("git", ["checkout", "--quiet", "-B", "staging", "landing"], folder: work)
    let explained = try Tool.run(
      CosignServer.program, ["explain", "HEAD", "--target", "staging"], folder: work, seconds: 60)
    #expect(explained.text.contains("evidence  attested: YubiKey no. "), "\(explained.all)")
    let status = try server.run("bob", ["card", "status"])
    #expect(status.text.contains("evidence   "), "\(status.all)")
  }

  @Test func `A card whose touch can be switched off is not taken`() throws {
    let card = try Self.card("Alice", 11_111_111, touch: .on)
    let files = try attestation(card)
    let bob = try VirtualCard(name: "Bob")
    let server = try CosignServer(
      ["alice": card, "bob": bob], policy: "version = 1\nattestation-roots = [\"\(files.root)\"]\n")
    let words = [
      "keys", "attest", "alice", "--statement", files.statement, "--device", files.device, "--chain", files.chain,
    ]
    let refused = try server.run("alice", words)
    #expect(refused.status == 1, "\(refused.all)")
    #expect(refused.errorText.contains("can be switched off"))
    #expect(try lists(server.clone("alice")) == [])
  }

  @Test func `Two witnesses make a key count where the hook asks for witnesses`() throws {
    let alice = try VirtualCard(name: "Alice", touch: .on)
    let bob = try VirtualCard(name: "Bob")
    let carol = try VirtualCard(name: "Carol")
    try alice.person(.gives(afterMilliseconds: 0))
    let server = try CosignServer(
      ["alice": alice, "bob": bob, "carol": carol],
      policy: "version = 1\nrepository = \"example.org/os\"\nevidence = \"witnessed\"\n")
    let refused = try push(server, "alice", "bob")
    #expect(refused.status != 0)
    #expect(refused.errorText.contains("is not witnessed"), "\(refused.all)")

    let clone = try server.clone("carol")
    try Tool.succeed("git", ["checkout", "--quiet", "staging"], folder: clone)
    func witness(_ person: String, _ card: VirtualCard, _ more: String...) throws -> Tool.Result {
      try server.run(
        "carol", ["keys", "witness", person, "--device", "Nitrokey 3", "--serial", "0F1E"] + more, card: card)
    }
    // Without a terminal, a word, or a touch, or by the key's owner, nothing is signed.
    #expect(try witness("alice", bob, "--touch", "fixed").status == 64)
    #expect(try witness("alice", bob, "--touch", "off", "--yes").status == 1)
    #expect(try witness("alice", bob, "--yes").status == 64)
    let own = try witness("alice", alice, "--touch", "fixed", "--yes")
    #expect(own.status == 1, "\(own.all)")
    #expect(own.errorText.contains("own cause"))
    #expect(try lists(clone) == [])

    let first = try witness("alice", bob, "--touch", "fixed", "--yes")
    #expect(first.status == 0, "\(first.all)")
    #expect(first.text.contains("needs the same statement by one more maintainer"))
    let second = try witness("alice", carol, "--touch", "fixed", "--yes")
    #expect(second.status == 0, "\(second.all)")
    #expect(second.text.contains("witnessed by bob and carol: Nitrokey 3 no. 0F1E"), "\(second.all)")
    #expect(try witness("bob", alice, "--touch", "on", "--yes").status == 0)
    #expect(try witness("bob", carol, "--touch", "on", "--yes").status == 0)
    try found(server, "carol")
    let accepted = try push(server, "alice", "bob")
    #expect(accepted.status == 0, "\(accepted.all)")
    // Carol has made no key of hers witnessed by witnessing others.
    let alone = try push(server, "carol", "bob")
    #expect(alone.errorText.contains("is not witnessed"), "\(alone.all)")
  }

  @Test(.enabled(if: Terminal.isPossible, "needs tmux"))
  func `The card in the reader is read, then the witness's own signs`() throws {
    let alice = try VirtualCard(name: "Alice", touch: .fixed, persona: .yubikey, serial: 35_718_625)
    let bob = try VirtualCard(name: "Bob")
    let server = try CosignServer(["alice": alice, "bob": bob], policy: "version = 1\n")
    let clone = try server.clone("bob")
    try Tool.succeed("git", ["checkout", "--quiet", "staging"], folder: clone)
    try alice.remove()
    try bob.remove()
    try bob.card("insert", "\(alice.home)/card")
    let terminal = try Terminal(
      [CosignServer.program, "keys", "witness", "alice"], environment: bob.environment, in: clone)
    try terminal.wait(for: "Type \"witness\"")
    let shown = try terminal.joined()
    #expect(shown.contains("Yubico no. 35718625"), "\(shown)")
    #expect(shown.contains("touch    fixed"), "\(shown)")
    try bob.remove()
    try bob.card("insert", "\(bob.home)/card")
    try terminal.type("witness")
    try terminal.wait(for: "[status 0]")
    #expect(try lists(clone).contains("keys/\(alice.fingerprint).evidence/\(bob.fingerprint).witness"))
    try bob.remove()
    try bob.card("insert", "\(alice.home)/card")
    let stopped = try Terminal(
      [CosignServer.program, "keys", "witness", "alice"], environment: bob.environment, in: clone)
    try stopped.wait(for: "Type \"witness\"")
    try stopped.type("no")
    try stopped.wait(for: "[status 3]")
  }
}
