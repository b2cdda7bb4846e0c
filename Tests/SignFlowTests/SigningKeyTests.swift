import Glibc
import OpenPGP
import Review
import SignFlow
import Support
import Testing

/// Whose key signs: none that the registry does not have, none on a disk or behind another machine against the policy.
extension SigningTests {
  @Test func `A key on disk does not sign, where the policy asks for cards`() throws {
    let card = try VirtualCard()
    let disk = try card.gpg(
      "--quick-gen-key", "--passphrase", "", "--pinentry-mode", "loopback", "Disk <d@example.org>", "ed25519", "sign",
      "never")
    #expect(disk.status == 0, "\(disk.errorText)")
    let listing = try card.gpg("--with-colons", "--list-secret-keys", "Disk").text
    let key = try #require(
      listing.split(separator: "\n").first { $0.hasPrefix("fpr:") }?.split(
        separator: ":", omittingEmptySubsequences: false)[9])
    let text = "[people.dora]\nname=\"d\"\n[keys.dora.x]\nid=\"\(key)\"\ndevices=\"none\"\n"
    let file = try MaintainersFile.read(Array(text.utf8))
    let certificate = try Certificate.read(card.gpg("--export", String(key)).output)
    let registry = try Registry(
      people: file.people, keys: file.keys, certificates: [certificate.primary: certificate], warnings: [])
    var policy = Policy.standard
    func attempt() -> SigningError? {
      failure {
        var source = SignerSource(registry: registry, policy: policy, environment: [:], clock: { Int64(time(nil)) })
        source.home = card.gnupgHome
        var signer = try source.signer(report: { _ in }).signer
        _ = try signer.detachedSignature(over: payload)
      }
    }
    #expect(attempt() == .softwareKey(person: "dora", key: certificate.primary))
    policy.evidence = .off
    #expect(attempt() == nil)
  }

  @Test(arguments: [("machine = true\n", "machine"), ("shared = true\n", "share")])
  func `A key that cannot count is not used`(line: String, word: String) throws {
    let card = try VirtualCard()
    let team = try SigningTeam([("alice", card)], extra: line)
    guard case .doesNotCount("alice", _, let reason)? = failure({ _ = try signer(card, team) }) else {
      return #expect(Bool(false), "used")
    }
    #expect(reason.contains(word))
  }

  @Test func `A card of somebody who is not registered signs nothing`() throws {
    let alice = try VirtualCard()
    let mallory = try VirtualCard(name: "Mallory")
    let team = try SigningTeam([("alice", alice)])
    #expect(failure { _ = try signer(mallory, team) } == .noRegisteredKey)
    #expect(failure { _ = try signer(alice, team) } == nil)
  }

  @Test func `Split GPG is used only where the policy allows it`() throws {
    let card = try VirtualCard()
    let team = try SigningTeam([("alice", card)])
    var policy = Policy.standard
    var split = source(card, team, policy: policy)
    split.splitProgram = "/usr/bin/gpg"
    split.wanted = card.fingerprint
    #expect(failure { _ = try split.key() } == .splitGPGNotAllowed(program: "/usr/bin/gpg"))
    policy.allowsSplitGPG = true
    split = source(card, team, policy: policy)
    split.splitProgram = "/usr/bin/gpg"
    split.wanted = card.fingerprint
    #expect(try split.key().signing.hex == card.signingFingerprint)
  }

  @Test func `Split GPG signs through its program, and what comes back is held against the key`() throws {
    let card = try VirtualCard()
    let team = try SigningTeam([("alice", card)])
    let folder = try TemporaryFolder()
    var policy = Policy.standard
    policy.allowsSplitGPG = true
    func attempt(_ script: String, wanted: String?, environment: [String: String] = [:]) throws -> SigningError? {
      let program = "\(folder.path)/split"
      try CosignServer.write(program, Array("#!/bin/sh\n\(script)\n".utf8))
      try Tool.succeed("chmod", ["+x", program])
      var source = SignerSource(
        registry: team.registry, policy: policy,
        environment: ["PATH": "/usr/bin:/bin", "GNUPGHOME": card.home].merging(environment) { $1 },
        clock: { Int64(time(nil)) })
      source.home = GnuPGHome(folder: folder.path, agentSocket: folder.path + "/none")
      source.splitProgram = program
      source.wanted = wanted
      return failure {
        var signer = try source.signer(report: { _ in }).signer
        _ = try signer.detachedSignature(over: payload)
        _ = try signer.signedMessage(over: payload)
      }
    }
    #expect(try attempt("exec gpg \"$@\"", wanted: card.fingerprint) == nil)
    #expect(try attempt("exec gpg \"$@\"", wanted: nil) == .noKeyNamed)
    // A program that signs something else than it was given.
    for script in ["echo other | gpg \"$@\"", "echo no signature"] {
      guard case .splitGPGFailed(_, let text)? = try attempt(script, wanted: card.fingerprint) else {
        return #expect(Bool(false), "\(script): its answer came through")
      }
      #expect(text.hasPrefix("what it returned was thrown away: "), "\(text)")
    }
    #expect(
      try attempt("printf 'denied \\033[2J by dom0\\n' >&2; exit 1", wanted: card.fingerprint)
        == .splitGPGFailed(program: "\(folder.path)/split", text: "denied \\x1b[2J by dom0"))
    // The forge's token is not for another machine.
    #expect(
      try attempt(
        "[ -z \"$MAINT_TOKEN\" ] || exit 1; exec gpg \"$@\"", wanted: card.fingerprint,
        environment: ["MAINT_TOKEN": "secret"]) == nil)
  }
}
