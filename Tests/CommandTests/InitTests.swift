import Foundation
import OpenPGP
import Support
import Testing

/// `init` as somebody types it who has never seen it: what is there, what it does, what it says comes next.
@Suite struct InitTests {
  /// A repository with a list of alice and bob, committed, and no certificate.
  @Test(.enabled(if: KeyServer.isPossible, "needs curl and python3-cryptography"))
  func `a list without certificates, to a protected branch`() async throws {
    let scene = try FetchScene(people: [("alice", FetchScene.alice), ("bob", FetchScene.bob)])
    for person in [FetchScene.alice, FetchScene.bob] {
      try scene.server.put("vks/\(person.primary.fingerprint)", person.armored)
    }
    let path = scene.folder.path
    func git(_ words: String...) async throws -> String { try await scene.sandbox.must(["git", "-C", path] + words) }
    func run(_ words: String...) async throws -> Finished {
      try await scene.sandbox.run(
        [ServerProgram.command, "-C", path, "init", "--from", scene.server.url, "--ci", "none"] + words)
    }
    try await scene.sandbox.must(["git", "init", "--quiet", path])
    _ = try await git("add", ".")
    _ = try await git("commit", "--quiet", "--message", "List the maintainers")
    let before = try scene.files()
    let plan = try await run("--plan")
    #expect(plan.status == 0, "\(plan)")
    #expect(
      plan.output.contains("2 people are listed, with 2 keys") && plan.output.contains("2 of 2 keys have none"),
      "\(plan)")
    #expect(
      plan.output.contains("nobody counts: 2 people are listed, none has a certificate under keys/")
        && plan.output.contains("next: stagex-maint keys fetch\n"), "\(plan)")
    #expect(try scene.files() == before)
    #expect(try scene.server.log() == [])

    // The certificates are not committed yet, so HEAD is not what is to be trusted.
    let first = try await run("--yes")
    #expect(first.status == 0, "\(first)")
    #expect(first.output.contains("2 of 2 can endorse: alice, bob") && first.output.contains("written: "), "\(first)")
    #expect(first.output.contains("holds no MAINTAINERS whose keys count: commit it first"), "\(first)")
    #expect(
      first.output.contains("protected now: nothing")
        && first.output.contains("next: git add MAINTAINERS keys review.toml && git commit --gpg-sign"), "\(first)")
    #expect(try scene.kept(FetchScene.alice) != nil)
    #expect(try await scene.sandbox.run(["git", "-C", path, "config", "maint.trustRoot"]).status == 1)

    _ = try await git("add", "MAINTAINERS", "keys", "review.toml")
    _ = try await git("commit", "--quiet", "--message", "Add the certificates")
    let root = try await git("rev-parse", "HEAD")
    let second = try await run("--yes")
    #expect(second.status == 0, "\(second)")
    let groups = stride(from: 0, to: 40, by: 4).map { String(root.dropFirst($0).prefix(4)) }.joined(separator: " ")
    for words in [
      "subject  Add the certificates", "author   Nobody <nobody@example.invalid>", "signed   by nobody",
      "maint.trustRoot = \(root)", "maint.lead = main",
    ] {
      #expect(second.output.contains(words), "\(words): \(second)")
    }
    #expect(second.output.replacing("\n     ", with: " ").contains("The trust root is \(groups)"), "\(second)")
    #expect(
      second.output.contains("protected now: your own pushes")
        && second.output.contains(
          "next: on the server, in the bare repository: stagex-maint hook install --trust-root \(root)"),
      "\(second)")
    // Again: everything is there, nothing changes.
    let state = try scene.files()
    let third = try await run("--yes")
    #expect(
      third.status == 0 && !third.output.contains("written: ") && !third.output.contains("installed: "), "\(third)")
    #expect(try scene.files() == state)
  }

  @Test func `staging and main: staging is proposed as the lead, and what is said is taken`() async throws {
    let (_, clone) = try await Server.make(hooks: [])
    let told = try await clone.sandbox.run([ServerProgram.command, "init", "--yes", "--ci", "none"], in: clone.path)
    #expect(
      told.status == 0 && told.output.contains("maint.lead = staging")
        && told.output.contains("there are staging and main"), "\(told)")
    // The signature is checked, not believed.
    #expect(told.output.contains("signed   by alice with "), "\(told)")
    let other = try await clone.sandbox.run(
      [ServerProgram.command, "init", "--yes", "--ci", "none", "--lead", "main"], in: clone.path)
    #expect(other.output.contains("maint.lead = main"), "\(other)")
  }

  @Test func `a trust root that nobody knows is taken by an empty server only`() async throws {
    let (server, _) = try await Server.make(hooks: [])
    let id = String(repeating: "ab", count: 20)
    let slip = try await server.command("hook", "install", "--trust-root", id)
    #expect(slip.status == 64, "\(slip)")
    let empty = server.sandbox.path + "/empty.git"
    try await server.sandbox.must(["git", "init", "--quiet", "--bare", empty])
    for words in [["init", "--yes", "--trust-root", id], ["hook", "install", "--trust-root", id]] {
      let taken = try await server.sandbox.run([ServerProgram.command] + words, in: empty)
      #expect(taken.status == 0 && taken.output.contains("maint.trustRoot = \(id)"), "\(taken)")
    }
  }

  @Test func `an empty list is where the first person goes`() async throws {
    let scene = try await KeysScene()
    let file = try await scene.export(try await scene.make("dan"))
    for text in ["", "# Who may endorse.\n", "[people]\n", "[people]\n\n[keys]\n"] {
      let folder = try TemporaryFolder()
      try folder.write("MAINTAINERS", text)
      let added = try await scene.run(
        "keys", "add", file, "--person", "dan", "--label", "card", "--name", "Dan", "--device", "X", "--registry",
        folder.path, in: "/")
      #expect(added.status == 0, "\(text): \(added)")
      let list = try String(contentsOfFile: folder.path + "/MAINTAINERS", encoding: .utf8)
      #expect(
        list.hasPrefix(text.split(separator: "\n").first.map(String.init) ?? "[people]")
          && list.contains("[keys.dan.card]"), "\(list)")
      let listed = try await scene.run("keys", "audit", "--registry", folder.path, in: "/")
      #expect(listed.output.contains("1 of 1 people can endorse"), "\(listed)")
    }
    // Somebody half listed is no empty list.
    let folder = try TemporaryFolder()
    try folder.write("MAINTAINERS", "[people.eve]\nname = \"Eve\"\n")
    let refused = try await scene.run(
      "keys", "add", file, "--person", "dan", "--label", "card", "--registry", folder.path, in: "/")
    #expect(refused.status == 2 && refused.error.contains("eve"), "\(refused)")
  }

  @Test func `a CI's file takes nothing that could leave its place`() async throws {
    let (_, clone) = try await Server.make(hooks: [])
    let sum = String(repeating: "0", count: 64)
    for (program, hash) in [
      ("http://x.example/y", sum), ("https://x.example/\"; touch y", sum),
      ("https://x.example/${{ github.token }}", sum), ("https://x.example/y", "00"),
      ("https://x.example/y", String(repeating: "G", count: 64)),
    ] {
      let refused = try await clone.sandbox.run(
        [ServerProgram.command, "init", "--yes", "--ci", "github", "--ci-program", program, "--ci-sha256", hash],
        in: clone.path)
      #expect(refused.status == 64, "\(program): \(refused)")
      #expect(!FileManager.default.fileExists(atPath: clone.path + "/.github"))
    }
    let unnamed = try await clone.sandbox.run(
      [ServerProgram.command, "init", "--yes", "--ci", "github"], in: clone.path)
    #expect(unnamed.status == 0 && unnamed.output.contains("--ci-program URL --ci-sha256 SUM"), "\(unnamed)")
    let written = try await clone.sandbox.run(
      [
        ServerProgram.command, "init", "--yes", "--ci", "github", "--ci-program", "https://x.example/y", "--ci-sha256",
        sum,
      ], in: clone.path)
    #expect(written.status == 0, "\(written)")
    let text = try String(contentsOfFile: clone.path + "/.github/workflows/two-maintainers.yml", encoding: .utf8)
    #expect(text.contains("PROGRAM_SHA256: \"\(sum)\"") && !text.contains("@"), "\(text)")
  }
}
