import Support
import Testing

/// `cosign` with a key that only a program reaches (Qubes Split GPG), from the request to a push that the hook accepts.
@Suite(.enabled(if: VirtualCard.isPossible, "needs gnupg, scdaemon, cc and python3-cryptography"))
struct CosignSplitTests {
  let alice: VirtualCard
  let bob: VirtualCard
  let empty: TemporaryFolder

  init() throws {
    alice = try VirtualCard(subkey: true)
    bob = try VirtualCard(name: "Bob")
    empty = try TemporaryFolder()
  }

  /// A server with a request that Alice has adopted. Bob's clone names his key; his keys are behind a program.
  func server(splitGPG: Bool = true) throws -> CosignServer {
    let server = try CosignServer(
      ["alice": alice, "bob": bob], policy: "version = 1\nrepository = \"example.org/os\"\nsplit-gpg = \(splitGPG)\n")
    try server.pullRequest(1)
    let adopted = try server.cosign("alice", 1)
    #expect(adopted.status == 0, "\(adopted.all)")
    try Tool.succeed("git", ["-C", server.clone("bob"), "config", "user.signingkey", bob.signingFingerprint])
    return server
  }

  /// A program in Bob's other qube: `$bob` and `$alice` run gpg there and in Alice's home.
  func program(_ server: CosignServer, _ script: String) throws -> String {
    let path = "\(server.folder.path)/split"
    let gpgs = "bob() { GNUPGHOME=\(bob.home) gpg \"$@\"; }\nalice() { GNUPGHOME=\(alice.home) gpg \"$@\"; }\n"
    try CosignServer.write(path, Array("#!/bin/sh\n\(gpgs)\(script)\n".utf8))
    try Tool.succeed("chmod", ["+x", path])
    return path
  }

  /// Bob's cosign, in a home that has no keys at all.
  func cosign(_ server: CosignServer, _ more: String..., environment: [String: String] = [:]) throws -> Tool.Result {
    let head = try server.tip("refs/pull/1/head") ?? ""
    return try server.run(
      "bob", ["cosign", "PR-1", "--reviewed", head] + more, extra: ["GNUPGHOME": empty.path].merging(environment) { $1 })
  }

  @Test(arguments: ["maint.gpgProgram", "STAGEX_GPG_SIGN"]) func `A merge is signed elsewhere, and the hook accepts`(_ setting: String) throws {
    let server = try server()
    let split = try program(server, "bob \"$@\"")
    var environment: [String: String] = [:]
    if setting == "STAGEX_GPG_SIGN" {
      environment[setting] = split
    } else {
      try Tool.succeed("git", ["-C", server.clone("bob"), "config", setting, split])
    }
    let merged = try cosign(server, environment: environment)
    #expect(merged.status == 0, "\(merged.all)")
    #expect(try server.tip("staging") != server.start)
    let signer = try Tool.succeed("git", ["-C", server.path, "log", "-1", "--format=%GF", "staging"], environment: bob.environment).line
    #expect(signer == bob.signingFingerprint)
  }

  @Test func `Where the policy does not allow it nothing is run; where it does, it is`() throws {
    let forbidding = try server(splitGPG: false)
    let split = try program(forbidding, "touch \(forbidding.folder.path)/was-run; bob \"$@\"")
    let before = try forbidding.refs()
    let refused = try cosign(forbidding, environment: ["STAGEX_GPG_SIGN": split])
    #expect(refused.status != 0 && refused.errorText.contains("split-gpg in review.toml"), "\(refused.all)")
    #expect(try Tool.run("test", ["-e", "\(forbidding.folder.path)/was-run"]).status != 0)
    #expect(try forbidding.refs() == before)
    let allowing = try server()
    #expect(try cosign(allowing, environment: ["STAGEX_GPG_SIGN": try program(allowing, "bob \"$@\"")]).status == 0)
  }

  /// What the program does, and what the person is told.
  static let attacks: [(String, String, String)] = [
    ("fails", "echo 'request refused by dom0' >&2; exit 1", "request refused by dom0"),
    ("answers nothing", "exit 0", "what it returned was thrown away: the signature is malformed"),
    ("signs something else", "echo other | bob \"$@\"", "what it returned was thrown away: our own engine finds it bad"),
    ("signs with another maintainer's key", "cat | alice --batch --armor --detach-sign", "it signed with "),
  ]

  @Test(arguments: attacks.indices) func `A program that does something else is found out, and nothing is pushed`(_ index: Int) throws {
    let (name, script, words) = Self.attacks[index]
    let server = try server()
    let before = try server.refs()
    let stopped = try cosign(server, environment: ["STAGEX_GPG_SIGN": try program(server, script)])
    #expect(stopped.status != 0 && stopped.errorText.contains(words), "\(name): \(stopped.all)")
    // The way on is about the program, not about a card that there is none of.
    #expect(stopped.errorText.contains("next: ") && !stopped.errorText.contains("card-status"), "\(name): \(stopped.errorText)")
    #expect(try server.refs() == before, "\(name)")
    // The twin: the same request, with a program that does its work.
    #expect(try cosign(server, environment: ["STAGEX_GPG_SIGN": try program(server, "bob \"$@\"")]).status == 0, "\(name)")
  }
}
