import Foundation
import Support
import Testing

/// The keybox that a hook keeps beside the repository, so that gpg need not check a certificate's self-signatures at
/// every push: it is used when it may be trusted, and changes no answer.
@Suite struct KeyboxTests {
  /// A server whose gpg notes how many keyrings it is called with: one, or two when a keybox is among them.
  struct Scene {
    let server: Server
    let clone: Clone
    private let bin: String

    var keybox: String { server.path + "/stagex-maint/keybox" }

    init() async throws {
      (server, clone) = try await Server.make()
      bin = server.sandbox.path + "/bin"
      try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
      let real = server.sandbox.environment["PATH"]!.split(separator: ":").map { "\($0)/gpg" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
      _ = try server.sandbox.script(
        "bin/gpg",
        """
        #!/bin/sh
        case "$*" in *--verify-files) echo "$*" | grep -o -e --keyring | wc -l >>'\(bin)/calls' ;; esac
        exec \(try #require(real)) "$@"
        """)
    }

    func push(_ extra: [String: String] = [:]) async throws -> Finished {
      try await clone.push(
        "staging", extra: ["PATH": "\(bin):\(server.sandbox.environment["PATH"]!)"].merging(extra) { $1 })
    }

    /// A gpg that never ends what it imports.
    func hangInImport() throws {
      let gpg = try String(contentsOfFile: bin + "/gpg", encoding: .utf8)
      _ = try server.sandbox.script(
        "bin/gpg", gpg.replacing("#!/bin/sh\n", with: "#!/bin/sh\ncase \"$*\" in *--import*) exec sleep 1000 ;; esac\n")
      )
    }

    /// A change that two maintainers stand behind, pushed.
    func pushGood(_ name: String) async throws {
      let tip = try await clone.change(name, by: server.team.alice, mergedBy: server.team.bob)
      try await server.expectAccepted("staging", at: tip) { try await push() }
    }

    /// A change that one maintainer stands behind, pushed, and taken back in the clone.
    func pushBad(_ name: String) async throws {
      let before = try await clone.git("rev-parse", "staging")
      try await clone.change(name, by: server.team.alice, mergedBy: server.team.alice)
      try await server.expectRefused("too-few-endorsers") { try await push() }
      try await clone.git("reset", "--quiet", "--hard", before)
    }

    /// How many keyrings the last call of gpg had.
    var keyrings: String? {
      get throws {
        try String(contentsOfFile: bin + "/calls", encoding: .utf8).split(separator: "\n").last.map(String.init)
      }
    }
  }

  @Test func itIsKeptByAnAcceptedPushAndUsedByTheNext() async throws {
    let scene = try await Scene()
    try await scene.pushBad("a")
    #expect(!FileManager.default.fileExists(atPath: scene.keybox), "a refused push leaves nothing behind")
    try await scene.pushGood("b")
    #expect(try scene.keyrings == "1")
    let mode = try FileManager.default.attributesOfItem(atPath: scene.keybox)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    try await scene.pushGood("c")
    #expect(try scene.keyrings == "2")
    try await scene.pushBad("d")
    #expect(try scene.keyrings == "2")
  }

  enum Trouble: String, CaseIterable, Sendable { case none, hangs, noPlace, full }

  /// The push is judged before the keybox is made: whatever befalls that costs the next push some time, and nothing
  /// else.
  @Test(arguments: Trouble.allCases)
  func whereNoneCanBeMadePushesAreJudgedAllTheSame(trouble: Trouble) async throws {
    let scene = try await Scene()
    let temporary = scene.server.sandbox.path + "/temporary"
    try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
    var environment = ["TMPDIR": temporary, "HOME": "/nonexistent"]
    switch trouble {
    case .none: break
    case .hangs: try scene.hangInImport()
    case .noPlace: environment["TMPDIR"] = "/nonexistent"
    // Every write fails there, for root too.
    case .full: environment["TMPDIR"] = "/proc"
    }
    for name in ["a", "b"] {
      let tip = try await scene.clone.change(name, by: scene.server.team.alice, mergedBy: scene.server.team.bob)
      try await scene.server.expectAccepted("staging", at: tip) { try await scene.push(environment) }
    }
    #expect(FileManager.default.fileExists(atPath: scene.keybox) == (trouble == .none))
    #expect(try scene.keyrings == (trouble == .none ? "2" : "1"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: temporary) == [])
    let kept = (try? FileManager.default.contentsOfDirectory(atPath: scene.server.path + "/stagex-maint")) ?? []
    #expect(kept.allSatisfy { ["facts", "keybox", "ledger"].contains($0) || $0.hasPrefix("lead-") }, "\(kept)")
  }

  /// In a push of many commits gpg makes one for itself, and is replaced while it works.
  @Test(arguments: [false, true]) func aPushOfManyCommitsLeavesTheKeyboxAndNothingElse(isBad: Bool) async throws {
    let scene = try await Scene()
    let temporary = scene.server.sandbox.path + "/temporary"
    try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
    let team = scene.server.team
    for number in 0..<20 {
      try await scene.clone.change("f\(number)", by: team.alice, mergedBy: isBad ? team.alice : team.bob)
    }
    let result = try await scene.push(["TMPDIR": temporary])
    #expect((result.status == 0) != isBad, "\(result)")
    #expect(FileManager.default.fileExists(atPath: scene.keybox) != isBad)
    #expect(try FileManager.default.contentsOfDirectory(atPath: temporary) == [])
  }

  /// With as many signatures as these, gpg makes a keybox before the first; it is kept no sooner than any other.
  @Test func aLongPushKeepsItOnlyWhenItIsAccepted() async throws {
    let scene = try await Scene()
    let (server, clone) = (scene.server, scene.clone)
    try await clone.git("checkout", "--quiet", "-b", "long")
    for number in 0..<70 { try await clone.commit("a", "\(number)\n", by: server.team.alice) }
    try await clone.git("checkout", "--quiet", "staging")
    try await clone.merge("long", by: server.team.alice)
    try await server.expectRefused("too-few-endorsers") { try await scene.push() }
    #expect(!FileManager.default.fileExists(atPath: scene.keybox))
    try await clone.git("reset", "--quiet", "--hard", server.start)
    let tip = try await clone.merge("long", by: server.team.bob)
    try await server.expectAccepted("staging", at: tip) { try await scene.push() }
    #expect(FileManager.default.fileExists(atPath: scene.keybox))
    try await scene.pushGood("b")
    #expect(try scene.keyrings == "2")
  }

  @Test func aServerWithoutCacheKeepsNone() async throws {
    let scene = try await Scene()
    try await scene.server.config("maint.cache", "false")
    try await scene.pushGood("a")
    #expect(!FileManager.default.fileExists(atPath: scene.keybox))
  }

  enum Harm: String, CaseIterable, Sendable { case none, cut, emptied, oneBit, writable, folderWritable, link }

  @Test(arguments: Harm.allCases)
  func oneThatMayNotBeTrustedIsNotUsed(harm: Harm) async throws {
    let scene = try await Scene()
    try await scene.pushGood("a")
    let url = URL(filePath: scene.keybox)
    var bytes = try Data(contentsOf: url)
    switch harm {
    case .none: break
    case .cut: try bytes.dropLast(100).write(to: url)
    case .emptied: try Data().write(to: url)
    case .oneBit:
      bytes[bytes.count / 2] ^= 1
      try bytes.write(to: url)
    case .writable: try FileManager.default.setAttributes([.posixPermissions: 0o620], ofItemAtPath: scene.keybox)
    case .folderWritable:
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o777], ofItemAtPath: url.deletingLastPathComponent().path(percentEncoded: false))
    case .link:
      try FileManager.default.moveItem(atPath: scene.keybox, toPath: scene.keybox + ".other")
      try FileManager.default.createSymbolicLink(atPath: scene.keybox, withDestinationPath: scene.keybox + ".other")
    }
    try await scene.pushBad("b")
    #expect(try scene.keyrings == (harm == .none ? "2" : "1"))
    try await scene.pushGood("c")
  }

  /// Attack: whoever has left the registry must not live on in the keybox that was made while he was in it.
  @Test func whoLeavesTheRegistryLeavesTheKeyboxToo() async throws {
    let scene = try await Scene()
    let (server, clone) = (scene.server, scene.clone)
    try await server.config("maint.lead", "staging")
    try await scene.pushGood("a")
    // The twin of what is refused below, while Carol is registered.
    let twin = try await clone.change("b", by: server.team.carol, mergedBy: server.team.bob)
    try await server.expectAccepted("staging", at: twin) { try await scene.push() }
    try await clone.git("checkout", "--quiet", "-b", "without-carol")
    for file in server.team.registry([server.team.alice, server.team.bob]) {
      try await clone.write(file.path, file.text)
    }
    try await clone.git("rm", "--quiet", "keys/\(server.team.carol.fingerprint).asc")
    _ = try await clone.commitIndex(by: server.team.alice, ["--message", "Carol leaves"])
    try await clone.git("checkout", "--quiet", "staging")
    let left = try await clone.merge("without-carol", by: server.team.bob)
    try await server.expectAccepted("staging", at: left) { try await scene.push() }
    try await clone.change("c", by: server.team.carol, mergedBy: server.team.bob)
    try await server.expectRefused("too-few-endorsers") { try await scene.push() }
    #expect(try scene.keyrings == "1")
  }
}
