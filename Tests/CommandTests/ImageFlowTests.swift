import Foundation
import Support
import Testing

/// Image signatures from two cards to podman's eyes, by the commands that people type.
@Suite(.enabled(if: VirtualCard.isPossible), .serialized) struct ImageFlowTests {
  static let release = "2026.03.0"
  static let branch = "release/2026.03.0"

  @Test func `Two maintainers sign and stage at the same moment, and both land`() throws {
    let team = try ImageMaintainers(packages: 40)
    #expect(try team.run(0, "signatures", "verify").status == 1)
    // One by the repository's own make sign, one without make.
    let first = try team.run(0, "sign", "--release", Self.release, "--yes")
    #expect(first.status == 0, "\(first.errorText)")
    let second = try team.run(1, "sign", "--release", Self.release, "--yes", "--no-make")
    #expect(second.status == 0, "\(second.errorText)")
    for result in try team.together("stage") { #expect(result.status == 0, "\(result.errorText)") }
    let report = try team.report(0, branch: Self.branch)
    #expect(report.status == 0)
    #expect(report.images.count == 40)
    for image in report.images {
      #expect((image["signers"] as? [[String: Any]])?.compactMap { $0["person"] as? String } == ["alice", "bob"])
      #expect((image["findings"] as? [Any])?.isEmpty == true)
    }
    // No number is left out, and nothing but signatures was added.
    let names = try Tool.succeed("git", ["-C", team.tree.signatures, "ls-tree", "-r", "--name-only", Self.branch]).text
      .split(separator: "\n")
    #expect(
      names.count == 81 && names.filter { $0.hasSuffix("/signature-1") }.count == 40
        && names.filter { $0.hasSuffix("/signature-2") }.count == 40)
    // Again: nothing new, no second pull of the card.
    let before = try team.people[0].card.signatureCount()
    let again = try team.run(0, "stage", "--release", Self.release)
    #expect(again.status == 0 && again.text.contains("nothing new"), "\(again.errorText)\(again.text)")
    #expect(try team.people[0].card.signatureCount() == before)
  }

  @Test(.enabled(if: Tool.find("skopeo") != nil))
  func `Skopeo verifies our files, standalone and by policy from a lookaside`() throws {
    // Signing subkeys are understood under a policy only by containers/image since August 2025, so these sign with the
    // primary key.
    let team = try ImageMaintainers(packages: 3, subkey: false)
    for person in [0, 1] {
      let result = try team.run(person, "sign", "--release", Self.release, "--yes", "--no-make", "--stage")
      #expect(result.status == 0, "\(result.errorText)")
    }
    let tree = team.people[1].path
    let work = try TemporaryFolder()
    let list = try String(contentsOfFile: tree + "/digests/core.txt", encoding: .utf8).split(separator: "\n")[0].split(
      separator: " ")
    let (digest, name) = (String(list[0]), String(list[1]))
    let version = "1.\(name.dropFirst("core-package".count)).0"
    func standalone(_ file: Int, reference: String, by person: Int) throws -> Bool {
      try Tool.run(
        "skopeo",
        [
          "standalone-verify", "\(tree)/out/\(name)/blobs/sha256/\(digest)", reference,
          team.people[person].card.fingerprint,
          "\(tree)/signatures/stagex/\(name)@sha256=\(digest)/signature-\(file)",
        ], environment: team.environment(person)
      ).status == 0
    }
    #expect(try standalone(1, reference: "stagex/\(name):\(version)", by: 0))
    #expect(try standalone(2, reference: "stagex/\(name):\(version)", by: 1))
    #expect(try !standalone(1, reference: "stagex/\(name):\(version)", by: 1))
    #expect(try !standalone(1, reference: "stagex/other:\(version)", by: 0))

    let server = try Server(tree: tree, work: work)
    let port = try server.port()
    let scope = "127.0.0.1:\(port)/stagex"
    let written = try team.run(1, "signatures", "policy", "--output", work.path + "/policy", "--scope", scope)
    #expect(written.status == 0, "\(written.errorText)")
    func pull(_ policy: String, _ reference: String) throws -> Bool {
      try Tool.run(
        "skopeo",
        [
          "--policy", "\(work.path)/policy/\(policy)", "--registries.d", "\(work.path)/policy/registries.d", "copy",
          "--src-tls-verify=false",
          "docker://127.0.0.1:\(port)/stagex/\(reference)", "dir:\(work.path)/image",
        ], environment: ["HOME": work.path]
      ).status == 0
    }
    for policy in ["policy.json", "policy-quorum.json", "policy-digests.json"] {
      #expect(try pull(policy, "\(name)@sha256:\(digest)"), "\(policy)")
    }
    #expect(try pull("policy.json", "\(name):\(version)"))
    // By tag there is no digest to look up in the list.
    #expect(try !pull("policy-quorum.json", "\(name):\(version)"))

    // One signature less: any one maintainer still does, both do not.
    let folder = "\(tree)/signatures/stagex/\(name)@sha256=\(digest)"
    try Tool.succeed("mv", [folder + "/signature-2", work.path + "/kept"])
    #expect(try pull("policy.json", "\(name)@sha256:\(digest)"))
    #expect(try !pull("policy-quorum.json", "\(name)@sha256:\(digest)"))
    #expect(try team.run(1, "signatures", "verify").status == 1)
    try Tool.succeed("mv", [folder + "/signature-1", work.path + "/kept-1"])
    #expect(try !pull("policy.json", "\(name)@sha256:\(digest)"))
  }

  @Test func `Killed at any moment and resumed: one good signature each, no gap, no touch twice`() throws {
    let team = try ImageMaintainers(["alice"], packages: 60, delayMilliseconds: 15)
    let tree = team.people[0].path
    try Tool.succeed("git", ["clone", "--quiet", team.tree.signatures, tree + "/signatures"])
    let before = try team.people[0].card.signatureCount()
    var kills = 0
    var slowness = 1
    for round in 0..<20 {
      // A little later each time, so that every part of the work is met, on a slow machine too.
      if round % 4 == 3, try team.people[0].card.signatureCount() == before { slowness *= 3 }
      let milliseconds = (150 + round * 37) * slowness
      if try team.runAndKill(0, ["sign", "--resume", "--yes"], afterMilliseconds: UInt32(milliseconds)) { kills += 1 }
    }
    #expect(try kills > 0 && team.people[0].card.signatureCount() > before)
    let result = try team.run(0, "sign", "--resume")
    #expect(result.status == 0, "\(result.errorText)")
    let files = try Tool.succeed("find", [tree + "/signatures/stagex", "-type", "f"]).text.split(separator: "\n")
    #expect(files.count == 60 && files.allSatisfy { $0.hasSuffix("/signature-1") })
    #expect(try team.run(0, "signatures", "verify", "--threshold", "1").status == 0)
    // A kill can lose the one signature that is being made at that moment, and no other.
    let made = try team.people[0].card.signatureCount() - before
    #expect(made <= 60 + kills, "\(made) signatures made for 60 files and \(kills) kills")
    print("kill and resume: \(kills) kills, \(made) signatures made for 60 files")
  }

  @Test func `A planted claim does not keep make sign from signing`() throws {
    let team = try ImageMaintainers(packages: 4)
    let path = team.people[0].path
    #expect(try team.run(1, "sign", "--release", Self.release, "--yes", "--no-make", "--stage").status == 0)
    try Tool.succeed("git", ["clone", "--quiet", "--branch", Self.branch, team.tree.signatures, path + "/signatures"])
    let line = try String(contentsOfFile: path + "/digests/core.txt", encoding: .utf8).split(separator: "\n")[0].split(
      separator: " ")
    let folder = "\(path)/signatures/stagex/\(line[1])@sha256=\(line[0])"
    // Alice's own signature over something else: it names her, and gpgv finds nothing wrong with it.
    let payload = Array("something else".utf8)
    let planted = try team.people[0].card.gpg("--sign", input: payload).output
    try Data(planted).write(to: URL(fileURLWithPath: folder + "/signature-2"))
    let result = try team.run(0, "sign", "--release", Self.release, "--yes")
    #expect(result.status == 0, "\(result.errorText)")
    let verified = try team.run(0, "signatures", "verify", "--format", "json")
    #expect(verified.text.contains(#""lacking":0"#), "\(verified.text)")
  }

  @Test func `What make would sign and the list does not hold is refused`() throws {
    let team = try ImageMaintainers(packages: 4)
    let path = team.people[0].path
    // The script is told to sign another tag than the layout's.
    try Tool.succeed(
      "sed", ["-i", "s/\"\\$registry\" \"\\$name\" \"\\$tag\"/\"$registry\" \"$name\" 6.6.6/", path + "/src/sign"])
    try team.agree(0, "change the script")
    let before = try team.people[0].card.signatureCount()
    let result = try team.run(0, "sign", "--release", Self.release, "--yes")
    #expect(result.status == 1)
    #expect(result.errorText.contains("which is not in the list that you confirmed"), "\(result.errorText)")
    #expect(try team.people[0].card.signatureCount() == before)
    // The twin: the script as it was.
    try ImageTree.git(path, "revert", "--no-edit", "HEAD")
    try team.agree(0, "as it was")
    #expect(try team.run(0, "sign", "--release", Self.release, "--yes").status == 0)
  }

  /// Attack: a Makefile that goes on whatever happens could wear a person down until they touch.
  @Test func `After a stop the card is not asked again in the same run`() throws {
    let team = try ImageMaintainers(packages: 4)
    let path = team.people[0].path
    try Tool.succeed("sed", ["-i", "s/exit 255/exit 0/", path + "/src/sign"])
    try team.agree(0, "go on whatever happens")
    let before = try team.people[0].card.signatureCount()
    try team.people[0].card.answerPrompts("cancel")
    let result = try team.run(0, "sign", "--release", Self.release, "--yes")
    #expect(result.status == 3 && result.errorText.contains("--resume"), "\(result.status) \(result.errorText)")
    #expect(try team.people[0].card.signatureCount() == before)
    // The twin: nobody stops it.
    #expect(try team.run(0, "sign", "--release", Self.release, "--yes").status == 0)
    #expect(try team.people[0].card.signatureCount() == before + 4)
  }

  @Test func `What the base holds is neither pushed again nor asked for`() throws {
    let team = try ImageMaintainers(["alice"], packages: 2)
    #expect(try team.run(0, "sign", "--release", Self.release, "--no-make", "--yes", "--stage").status == 0)
    let clone = team.people[0].path + "/signatures"
    try ImageTree.git(clone, "push", "--quiet", "origin", "\(Self.branch):main")
    let before = try team.people[0].card.signatureCount()
    let again = try team.run(0, "stage")
    #expect(
      again.status == 0 && again.text == "nothing to stage: main holds everything of \(Self.branch)\n",
      "\(again.text)\(again.errorText)")
    #expect(try team.people[0].card.signatureCount() == before)
  }

  @Test func `Without a name nothing is touched; the distribution's own is enough for a clone that was just made`()
    throws
  {
    let team = try ImageMaintainers(["alice"], packages: 2)
    let nameless = ["GIT_COMMITTER_NAME": "", "GIT_COMMITTER_EMAIL": "", "GIT_AUTHOR_NAME": "", "GIT_AUTHOR_EMAIL": ""]
    let before = try team.people[0].card.signatureCount()
    let unknown = try team.run(
      0, "sign", "--release", Self.release, "--no-make", "--yes", "--stage", environment: nameless)
    #expect(
      unknown.status == 2 && unknown.errorText.hasPrefix("error: git does not know who you are\nnext: "),
      "\(unknown.errorText)")
    #expect(try team.people[0].card.signatureCount() == before)
    let known = try team.run(0, "sign", "--release", Self.release, "--no-make", "--yes", "--stage")
    #expect(known.status == 0, "\(known.errorText)")
  }

  @Test func `Nothing is signed without a confirmed list, or from a changed tree`() throws {
    let team = try ImageMaintainers(["alice"], packages: 2)
    let path = team.people[0].path
    let before = try team.people[0].card.signatureCount()
    try Tool.succeed("git", ["clone", "--quiet", team.tree.signatures, path + "/signatures"])
    let asked = try team.run(0, "sign", "--no-make")
    #expect(asked.status == 64 && asked.errorText.contains("--yes"), "\(asked.errorText)")
    try Tool.succeed("sh", ["-c", "echo >> '\(path)/packages.txt'"])
    let dirty = try team.run(0, "sign", "--no-make", "--yes")
    #expect(dirty.status == 1 && dirty.errorText.contains("uncommitted"), "\(dirty.errorText)")
    try ImageTree.git(path, "checkout", "--quiet", "packages.txt")
    let looked = try team.run(0, "sign", "--no-make", "--dry-run").text
    #expect(looked.contains("2 to sign") && looked.contains("forcesig"), "\(looked)")
    try team.people[0].card.card("pin-for", "many")
    #expect(try !team.run(0, "sign", "--no-make", "--dry-run").text.contains("forcesig"))
    // The hint is no reason to fail: whoever only looks on may have no program for smartcards at all.
    let card = team.people[0].card
    try Tool.succeed("sh", ["-c", "echo 'scdaemon-program /nonexistent' >> \(card.home)/gpg-agent.conf"])
    try Tool.succeed("gpgconf", ["--kill", "all"], environment: card.environment)
    let without = try team.run(0, "sign", "--no-make", "--dry-run")
    #expect(without.status == 0 && without.text.contains("2 to sign"), "\(without.errorText)\(without.text)")
    try Tool.succeed("sh", ["-c", "sed -i /scdaemon-program/d \(card.home)/gpg-agent.conf"])
    try Tool.succeed("gpgconf", ["--kill", "all"], environment: card.environment)
    #expect(try team.people[0].card.signatureCount() == before)
    #expect(try team.run(0, "sign", "--no-make", "--yes").status == 0)
  }

  @Test func `Without the remote everything is done but the push`() throws {
    let team = try ImageMaintainers(["alice"], packages: 2)
    #expect(try team.run(0, "sign", "--release", Self.release, "--no-make", "--yes").status == 0)
    try Tool.succeed("mv", [team.tree.signatures, team.tree.signatures + ".away"])
    let offline = try team.run(0, "stage")
    #expect(offline.status == 75)
    #expect(offline.errorText.contains("push origin \(Self.branch)"), "\(offline.errorText)")
    try Tool.succeed("mv", [team.tree.signatures + ".away", team.tree.signatures])
    try ImageTree.git(team.people[0].path + "/signatures", "push", "--quiet", "origin", Self.branch)
    let after = try team.run(0, "stage")
    #expect(after.status == 0 && after.text.contains("nothing new"), "\(after.errorText)")
  }
}

/// The registry, as long as this value lives.
private final class Server {
  private let process = Process()
  private let work: TemporaryFolder

  init(tree: String, work: TemporaryFolder) throws {
    self.work = work
    try? FileManager.default.removeItem(atPath: work.path + "/port")
    process.executableURL = URL(fileURLWithPath: "\(Tool.packageFolder)/Tests/ImageTree/registry")
    process.arguments = ["\(tree)/out", work.path + "/port"]
    try process.run()
  }

  func port() throws -> String {
    for _ in 0..<500 {
      if let text = try? String(contentsOfFile: work.path + "/port", encoding: .utf8) { return text }
      usleep(10_000)
    }
    throw StepFailed("the registry did not start")
  }

  deinit { process.terminate() }
}
