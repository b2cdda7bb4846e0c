import Foundation
import OpenPGP
import Review
import SignFlow
import Support
import Testing

@testable import GitBridge

/// Two maintainers bring their signatures together, whatever the order, and none is lost or hidden.
@Suite struct ImagesStagingTests {
  static let release = "2026.03.0"
  static let branch = "release/2026.03.0"
  static let identity = "Test <test@example.org> 1700001000 +0000"

  /// One maintainer with a work tree of signatures.
  struct Desk {
    let bench: ImageBench
    let name: String
    let path: String

    init(_ bench: ImageBench, _ name: String) throws {
      self.bench = bench
      self.name = name
      path = bench.tree.path + "-" + name
      try Tool.succeed("git", ["clone", "--quiet", bench.tree.signatures, path])
    }

    var store: SignatureStore { get throws { try SignatureStore(path: path)! } }

    /// Puts a signature over every image into the work tree, at this number.
    func sign(as number: Int) throws {
      for (image, tag) in try bench.plan(name).toSign.map({ ($0.image, $0.tag) }) {
        try Tool.succeed("mkdir", ["-p", "\(path)/\(image.folder)"])
        try Tool.succeed(
          "tee", ["\(path)/\(image.folder)/signature-\(number)"],
          input: bench.team[name].sign("\(image.repository):\(tag)", image.digest))
      }
    }

    /// - Parameter looksAround: false to pass over what lies in the work tree.
    func stage(_ way: Staging.Way, looksAround: Bool = true) throws -> Staging.Staged {
      let clone = try SignaturesClone(path: path, environment: Tool.bareEnvironment)
      #expect(try clone.fetch("origin"))
      let staging = Staging(
        clone: clone, judge: bench.judge, person: name, release: ImagesStagingTests.release, remote: "origin",
        base: "main",
        namespace: "stagex")
      var signer = DoubleSigner(bench.team[name])
      let images = looksAround ? try bench.entries.map(\.image) : []
      let staged = try staging.commit(images, way: way, identity: ImagesStagingTests.identity, by: &signer)
      try staging.cleanUp(images)
      return staged
    }

    func push() throws -> PushOutcome {
      try SignaturesClone(path: path, environment: Tool.bareEnvironment).push(
        "origin", branch: ImagesStagingTests.branch)
    }

    /// Merges the staged branch into main, as whoever accepts the pull request does; false when git finds a conflict.
    func mergeIntoMain() throws -> Bool {
      let folder = try TemporaryFolder()
      try Tool.succeed("git", ["clone", "--quiet", bench.tree.signatures, folder.path + "/m"])
      try Tool.succeed("git", ["-C", folder.path + "/m", "fetch", "--quiet", path, ImagesStagingTests.branch])
      guard
        try Tool.run("git", ["-C", folder.path + "/m", "merge", "--quiet", "--no-ff", "--no-edit", "FETCH_HEAD"]).status
          == 0
      else { return false }
      try Tool.succeed("git", ["-C", folder.path + "/m", "push", "--quiet", "origin", "main"])
      return true
    }
  }

  /// Away from Swift's own threads: what waits for git there would keep git's output from being read.
  func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
  }

  func bench() throws -> (ImageBench, Desk, Desk) {
    let bench = try ImageBench(packages: 4)
    return (bench, try Desk(bench, "alice"), try Desk(bench, "bob"))
  }

  /// What the signatures repository's main holds, counted.
  func quorum(_ bench: ImageBench, _ branch: String) throws -> QuorumReport {
    let folder = try TemporaryFolder()
    try Tool.succeed("git", ["clone", "--quiet", "--branch", branch, bench.tree.signatures, folder.path + "/c"])
    return try QuorumReport.make(
      try bench.entries, store: try SignatureStore(path: folder.path + "/c"), judge: bench.judge, threshold: 2,
      threads: 1)
  }

  @Test func `Both push to the release's branch: the second stands on the first, with the next numbers`() async throws {
    try await onThread {
      let (bench, alice, bob) = try bench()
      try alice.sign(as: 1)
      try bob.sign(as: 1)
      #expect(try alice.stage(.branch).images.count == 4)
      #expect(try bob.stage(.branch).images.count == 4)
      #expect(try alice.push() == .done)
      #expect(try bob.push() == .behind)
      #expect(try bob.stage(.branch).isNew)
      #expect(try bob.push() == .done)
      let report = try quorum(bench, Self.branch)
      #expect(report.outcome == .accepted)
      #expect(
        report.images.allSatisfy { $0.files.map(\.number) == [1, 2] && $0.files.allSatisfy { $0.standing == .counts } })
      // The work tree is as the branch is, and nothing is left to do.
      #expect(try Tool.succeed("git", ["-C", bob.path, "status", "--porcelain"]).text.isEmpty)
      #expect(try !bob.stage(.branch).isNew)
    }
  }

  @Test(arguments: [true, false]) func `Pull requests of their own merge in either order`(_ aliceFirst: Bool)
    async throws
  {
    try await onThread {
      let (bench, alice, bob) = try bench()
      let (first, second) = aliceFirst ? (alice, bob) : (bob, alice)
      try first.sign(as: 1)
      try second.sign(as: 1)
      _ = try first.stage(.agit)
      let before = try second.stage(.agit).commit
      #expect(try first.mergeIntoMain())
      // As it stands the second conflicts; staged again it does not: one commit on what has been merged, and no merge.
      #expect(try !second.mergeIntoMain())
      let after = try second.stage(.agit)
      #expect(after.isNew)
      #expect(before != after.commit)
      #expect(
        try Tool.succeed("git", ["-C", second.path, "rev-list", "--parents", "-1", after.commit.hex]).text.split(
          separator: " "
        ).count == 2)
      #expect(try second.mergeIntoMain())
      let report = try quorum(bench, "main")
      #expect(report.outcome == .accepted)
      #expect(
        report.images.allSatisfy { $0.files.map(\.number) == [1, 2] && $0.files.allSatisfy { $0.standing == .counts } })
    }
  }

  @Test func `Only one's own good signatures are staged`() async throws {
    try await onThread {
      let (bench, alice, _) = try bench()
      try alice.sign(as: 1)
      let image = try bench.entries[0].image
      try Tool.succeed(
        "tee", ["\(alice.path)/\(image.folder)/signature-2"],
        input: bench.team["bob"].sign("\(image.repository):1", image.digest))
      try Tool.succeed("tee", ["\(alice.path)/\(image.folder)/signature-3"], input: Array("garbage".utf8))
      try Tool.succeed("tee", ["\(alice.path)/notes"], input: Array("private".utf8))
      _ = try alice.stage(.branch)
      let files = try Tool.succeed("git", ["-C", alice.path, "ls-tree", "-r", "--name-only", Self.branch]).text.split(
        separator: "\n")
      #expect(files.count == 5 && files.filter { $0.hasSuffix("/signature-1") }.count == 4)
      // What was not staged still lies there.
      #expect(try Tool.run("test", ["-f", "\(alice.path)/\(image.folder)/signature-2"]).status == 0)
      #expect(try Tool.run("test", ["-f", "\(alice.path)/notes"]).status == 0)
    }
  }

  /// Commits files on a branch of the remote, as somebody else does.
  func commit(_ bench: ImageBench, _ branch: String, _ files: [String: [UInt8]], executable: String? = nil) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/other"
    try Tool.succeed("git", ["clone", "--quiet", "--branch", branch, bench.tree.signatures, path])
    for (name, bytes) in files {
      try Tool.succeed("mkdir", ["-p", (path + "/" + name as NSString).deletingLastPathComponent])
      try Tool.succeed("tee", [path + "/" + name], input: bytes)
    }
    if let executable { try Tool.succeed("chmod", ["+x", path + "/" + executable]) }
    try Tool.succeed("git", ["-C", path, "add", "."])
    try Tool.succeed("git", ["-C", path, "commit", "--quiet", "--message", "something else"])
    try Tool.succeed("git", ["-C", path, "push", "--quiet", "origin", branch])
  }

  func show(_ desk: Desk, _ path: String) throws -> String {
    try Tool.succeed("git", ["-C", desk.path, "show", "\(Self.branch):\(path)"]).text
  }

  @Test func `What else the branches hold stays as it is`() async throws {
    try await onThread {
      let (bench, alice, bob) = try bench()
      try alice.sign(as: 1)
      _ = try alice.stage(.branch)
      #expect(try alice.push() == .done)
      // On the base meanwhile: other files, one of them a program. (One in a folder of signatures would be refused.)
      let program = "tools/check"
      try commit(
        bench, "main",
        [
          "README": Array("signatures, and how to read them\n".utf8), "LICENSE": Array("CC0\n".utf8),
          program: Array("#!/bin/sh\n".utf8),
        ],
        executable: program)
      try bob.sign(as: 1)
      #expect(try bob.stage(.branch).images.count == 4)
      #expect(try bob.push() == .done)
      // The branch brings signatures alone: bob does not sign for what others put on the base.
      #expect(try Tool.run("git", ["-C", bob.path, "cat-file", "-e", "\(Self.branch):LICENSE"]).status != 0)
      #expect(try bob.mergeIntoMain())
      let server = bench.tree.signatures
      #expect(try Tool.succeed("git", ["-C", server, "show", "main:README"]).text.contains("how to read them"))
      #expect(try Tool.succeed("git", ["-C", server, "show", "main:LICENSE"]).text == "CC0\n")
      #expect(try Tool.succeed("git", ["-C", server, "ls-tree", "main", program]).text.hasPrefix("100755"))
      #expect(try quorum(bench, "main").images.allSatisfy { $0.signers.count == 2 })
    }
  }

  @Test func `What both branches changed is left to people, and nothing is signed`() async throws {
    try await onThread {
      let (bench, alice, bob) = try bench()
      try alice.sign(as: 1)
      _ = try alice.stage(.branch)
      #expect(try alice.push() == .done)
      let folder = try bench.entries[0].image.folder
      try commit(bench, "main", ["\(folder)/signature-1": Array("another".utf8)])
      try bob.sign(as: 1)
      let before = try Tool.succeed("git", ["-C", bob.path, "for-each-ref", "refs/heads"]).text
      do {
        _ = try bob.stage(.branch)
        Issue.record("a collision was staged")
      } catch Staging.Stop.flow(let error) {
        #expect(error.message.contains("\(folder)/signature-1") && error.kind == .refused, "\(error.message)")
      }
      #expect(try Tool.succeed("git", ["-C", bob.path, "for-each-ref", "refs/heads"]).text == before)
    }
  }

  @Test func `Somebody else's signatures in a commit of one's own are not lost when others were faster`() async throws {
    try await onThread {
      let (bench, alice, bob) = try bench()
      // Bob has staged for a pull request of his own; Alice merges it at her desk, and stages hers.
      try bob.sign(as: 1)
      _ = try bob.stage(.agit)
      try Tool.succeed("git", ["-C", alice.path, "fetch", "--quiet", bob.path, Self.branch])
      try Tool.succeed("git", ["-C", alice.path, "checkout", "--quiet", "-b", Self.branch, "FETCH_HEAD"])
      try alice.sign(as: 2)
      #expect(try alice.stage(.branch).images.count == 4)
      // Dave was faster.
      try Tool.succeed("git", ["-C", bench.tree.signatures, "branch", Self.branch, "main"])
      try commit(bench, Self.branch, ["LICENSE": Array("CC0\n".utf8)])
      #expect(try alice.push() == .behind)
      let staged = try alice.stage(.branch)
      #expect(staged.isNew)
      #expect(try alice.push() == .done)
      let report = try quorum(bench, Self.branch)
      // Bob's stay in his own request: what others have signed is nobody's to stage, and no merge of theirs is made.
      #expect(report.images.allSatisfy { $0.signers.map(\.person) == ["alice"] }, "\(report.images.map(\.signers))")
      #expect(try !Tool.succeed("git", ["-C", bob.path, "rev-parse", "--verify", Self.branch]).line.isEmpty)
      #expect(try show(alice, "LICENSE") == "CC0\n")
    }
  }

  @Test func `A committed signature whose number was taken gets another, though its file is gone from the work tree`()
    async throws
  {
    try await onThread {
      let (bench, alice, bob) = try bench()
      for desk in [alice, bob] {
        try desk.sign(as: 1)
        _ = try desk.stage(.branch)
      }
      #expect(try alice.push() == .done)
      #expect(try bob.push() == .behind)
      let staged = try bob.stage(.branch, looksAround: false)
      #expect(staged.images.count == 4)
      #expect(try bob.push() == .done)
      #expect(try quorum(bench, Self.branch).outcome == .accepted)
    }
  }

  @Test func `Where the base holds everything there is nothing to sign or to push`() async throws {
    try await onThread {
      let (bench, alice, _) = try bench()
      // Nothing but a README on either side.
      let idle = try alice.stage(.branch)
      #expect(!idle.isNew && idle.isInBase)
      try alice.sign(as: 1)
      #expect(try alice.stage(.branch).isNew)
      #expect(try alice.push() == .done)
      #expect(try !alice.stage(.branch).isInBase)
      #expect(try alice.mergeIntoMain())
      // The base is ahead of the branch now: to bring it back would cost a touch, and say nothing.
      let after = try alice.stage(.branch)
      #expect(!after.isNew && after.isInBase)
      _ = bench
    }
  }

  @Test func `The commit is signed, well formed, and passes the rule of the repository`() async throws {
    try await onThread {
      let (bench, alice, _) = try bench()
      // The signatures repository with a policy and a registry of its own, trusted.
      for (name, text) in bench.team.registry() {
        try Tool.succeed("mkdir", ["-p", alice.path + "/keys"])
        try Tool.succeed("tee", [alice.path + "/" + name], input: Array(text.utf8))
      }
      try Tool.succeed("tee", [alice.path + "/review.toml"], input: Array("version = 1\nkind = \"signatures\"\n".utf8))
      try Tool.succeed("git", ["-C", alice.path, "add", "."])
      try Tool.succeed("git", ["-C", alice.path, "commit", "--quiet", "--message", "rules"])
      try Tool.succeed("git", ["-C", alice.path, "push", "--quiet", "origin", "HEAD:main"])
      try alice.sign(as: 1)
      let staged = try alice.stage(.branch)
      let repository = try Repository.open(path: alice.path)
      let root = try #require(try repository.resolve(ref: "refs/remotes/origin/main"))
      var settings = ReviewSettings(clock: TestKey.defaultCreation + 5000, threads: 1)
      settings.engines = .native
      settings.trustRoot = root
      let verdict = Reviewer(repository, settings).judge(inThought: [
        RefUpdate(ref: Array("refs/heads/\(Self.branch)".utf8), old: root, new: staged.commit)
      ])
      #expect(verdict.outcome == .accepted, "\(verdict.refusals.map(\.message))")
    }
  }
}
