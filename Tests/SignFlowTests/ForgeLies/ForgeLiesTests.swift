import Support
import Testing

/// A forge and a git server that lie: `cosign` and `queue` are told, or go on without being fooled, and soon.
///
/// One world for many lies, each told to it as it was before the others. The honest forge is the twin, in each world's
/// making and at its end.
@Suite(
  .enabled(
    if: ForgeLie.areAsked && VirtualCard.isPossible && TestForge.isPossible, "takes minutes: set STAGEX_MAINT_LIES=1")
)
struct ForgeLiesTests {
  static let honest = ForgeLie(says: "none", person: .agrees, cosign: .honest, queue: .honest)

  /// Beginnings of what a world is told, so that two worlds share the work.
  @Test(arguments: [0, 1])
  func `Of the interface's lies each is told, or fools nobody`(half: Int) throws { try tell(InterfaceLies.all, half) }

  @Test(arguments: [0, 1])
  func `Of the git server's lies each is told, or fools nobody`(half: Int) throws { try tell(GitLies.all, half) }

  private func tell(_ lies: [ForgeLie], _ half: Int) throws {
    let world = try ForgeLieWorld()
    for (index, lie) in lies.enumerated() where index % 2 == half {
      if let outcome = lie.cosign { try world.cosign(lie, outcome) }
      if let outcome = lie.queue { try world.queue(lie, outcome) }
    }
    var honest = Self.honest
    for request in [1, 2] {
      honest.request = request
      try world.cosign(honest, .honest)
      try world.queue(honest, .honest)
    }
  }

  // A contributor's repository is among the remotes, and a link to it is pasted: judged by the same rules, for another
  // place.
  @Test func `A fork among the remotes is not the project`() throws {
    let world = try ForgeLieWorld()
    let clone = try world.freshClone()
    try Tool.succeed("git", ["-C", clone, "remote", "add", "bob", world.forge.remote(TestForge.fork)])
    try Tool.succeed(
      "git", ["-C", world.forge.path(TestForge.fork), "update-ref", "refs/pull/1/head", world.places["HEAD"]!])
    try world.forge.call(
      "POST", "/repos/\(TestForge.fork)/pulls", as: "bob",
      body: #"{"title": "x", "head": "topic", "base": "staging", "body": ""}"#)
    for words in [["--remote", "bob", "1"], ["\(world.forge.url)/\(TestForge.fork)/pulls/1"]] {
      let result = try world.run(["cosign", "--dry-run"] + words, in: clone)
      #expect(result.status == 1 && result.text.isEmpty, "\(result.all)")
      #expect(
        result.errorText.contains("the remote bob is 127.0.0.1:")
          && result.errorText.contains("the policy's repository is 127.0.0.1/stagex/stagex"), "\(result.all)")
    }
    #expect(
      try world.run(["cosign", "--dry-run", "\(world.forge.url)/\(TestForge.repository)/pulls/1"], in: clone).status
        == 0)
  }

  @Test func `There are sixty lies and more, each said once`() {
    let sentences = (InterfaceLies.all + GitLies.all).map(\.says)
    #expect(sentences.count >= 60 && Set(sentences).count == sentences.count)
  }
}
