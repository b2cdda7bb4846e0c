import Foundation
import Support
import Testing

/// The program alone is enough: it carries its hooks, manual pages, completions and schema.
@Suite struct OneFileTests {
  @Test func `moved to a folder of its own, it installs its hooks`() async throws {
    let (server, clone) = try await Server.make(hooks: [])
    let folder = try TemporaryFolder()
    // A link would be followed back to the folder that it was built in. Copied by another process: a child that some
    // other test starts meanwhile would hold our open file, and nobody could run it ("text file busy").
    try Tool.succeed("cp", [ServerProgram.command, folder.path + "/stagex-maint"])
    let install = try await server.sandbox.run([folder.path + "/stagex-maint", "hook", "install"], in: server.path)
    #expect(install.status == 0, "\(install)")
    let tip = try await clone.change("a", by: server.team.alice, mergedBy: server.team.bob)
    try await server.expectAccepted("staging", at: tip) { try await clone.push("staging") }
    try await clone.change("b", by: server.team.alice, mergedBy: server.team.alice)
    try await server.expectRefused("too-few-endorsers") { try await clone.push("staging") }
  }

  @Test func `what it carries is what the source has`() async throws {
    let sandbox = try Sandbox()
    let schema = try await sandbox.run([ServerProgram.command, "policy", "schema"])
    #expect(
      schema.output == (try String(contentsOfFile: Tool.packageFolder + "/docs/review.schema.json", encoding: .utf8))
        + "\n",
      "\(schema.error)")
  }

  @Test func `a manual page for every command, that man reads without a complaint`() async throws {
    let sandbox = try Sandbox()
    let folder = try TemporaryFolder()
    let written = try await sandbox.run([ServerProgram.command, "man", "--directory", folder.path + "/man1"])
    #expect(written.status == 0, "\(written)")
    let pages = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/man1")
    for name in ["stagex-maint.1", "stagex-maint-gate.1", "stagex-maint-keys-fetch.1", "stagex-maint-hook-install.1"] {
      #expect(pages.contains(name), "\(pages)")
    }
    #expect(!pages.contains { $0.contains("help") })
    for name in pages {
      let page = try String(contentsOfFile: "\(folder.path)/man1/\(name)", encoding: .utf8)
      #expect(page.hasPrefix(".Dd ") && page.contains("\n.Sh NAME\n.Nm \(name.dropLast(2))\n.Nd "), "\(name)")
      // A line of text that begins as a request would be one: macros alone may, and they are ours.
      for line in page.split(separator: "\n") where line.hasPrefix(".") || line.hasPrefix("'") {
        #expect(line.wholeMatch(of: #/\.(Dd|Dt|Os|Sh|Nm|Nd|Op|Ar|Pp|Dl|Bl|It|El|Xr)( .*)?/#) != nil, "\(name): \(line)")
      }
    }
    let one = try await sandbox.run([ServerProgram.command, "man", "keys", "fetch"])
    #expect(one.status == 0 && one.output.contains(".It Fl \\-proxy Ar url"), "\(one)")
    let none = try await sandbox.run([ServerProgram.command, "man", "nosuch"])
    #expect(none.status == 64, "\(none)")
    guard Tool.find("mandoc") != nil else { return }
    let lint = try Tool.run("mandoc", ["-T", "lint", "-W", "error"] + pages.map { "\(folder.path)/man1/\($0)" })
    #expect(lint.status == 0, "\(lint.text)")
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) async throws {
    let sandbox = try Sandbox()
    let script = try await sandbox.run([ServerProgram.command, "completions", shell])
    #expect(
      script.status == 0 && script.output.contains("stagex-maint") && script.output.contains("fetch"), "\(script.error)"
    )
    if Tool.find(shell) != nil {
      let file = sandbox.path + "/script"
      try Data(script.output.utf8).write(to: URL(filePath: file))
      #expect(try Tool.run(shell, ["-n", file]).status == 0)
    }
  }

  @Test func `the doctor says in one line each what a maintainer's laptop lacks`() async throws {
    let team = try await Team.shared()
    let (server, clone) = try await Server.make(hooks: [])
    func doctor(_ extra: [String: String] = [:]) async throws -> Finished {
      try await server.sandbox.run(
        [ServerProgram.command, "doctor"], in: clone.path, extra: ["DISPLAY": ":0"].merging(extra) { $1 })
    }
    let bare = try await doctor()
    #expect(bare.status == 1 && bare.output.contains("problem git does not know which key you sign with"), "\(bare)")
    try await clone.git("config", "user.signingkey", team.alice.fingerprint)
    try await clone.git("config", "maint.trustRoot", server.start)
    let found = try await doctor()
    for words in [
      "ok      git version 2.", "ok      gpg (GnuPG) 2.", "ok      you sign with \(team.alice.fingerprint)",
      "you are alice, and your signature counts", "everything after",
    ] {
      #expect(found.output.contains(words), "\(words): \(found)")
    }
    try await clone.git("config", "gpg.format", "ssh")
    let ssh = try await doctor()
    #expect(ssh.status == 1 && ssh.output.contains("problem gpg.format is ssh"), "\(ssh)")
    let empty = try await doctor(["PATH": "/nonexistent"])
    #expect(
      empty.status == 1 && empty.output.contains("problem git is not on the PATH")
        && empty.output.contains("apt-get install gnupg"), "\(empty)")
  }
}
