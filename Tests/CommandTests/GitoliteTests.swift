import Foundation
import Support
import Testing

/// A real gitolite, where the machine has one.
@Suite struct GitoliteTests {
  /// The server's repository as gitolite's own, with a rule that names a VREF, and the VREF in its place.
  private static func make() async throws -> (
    server: Server, clone: Clone, repository: String, environment: [String: String]
  ) {
    guard Tool.find("gitolite") != nil else { try Test.cancel("gitolite3 is not installed") }
    let (server, clone) = try await Server.make(hooks: [])
    let home = server.sandbox.path + "/home"
    let environment = ["HOME": home, "GL_USER": "admin"]
    let script = """
      ssh-keygen -q -t ed25519 -N '' -C '' -f k && mv k.pub admin.pub && gitolite setup -pk admin.pub
      printf 'repo stagex\\n    RW+ = admin\\n    - VREF/stagex-maint = @all\\n' >.gitolite/conf/gitolite.conf
      sed -i 's|# LOCAL_CODE *=> *"$ENV{HOME}/local"|LOCAL_CODE => "$ENV{HOME}/local"|' .gitolite.rc
      mkdir -p local/VREF && cp "$1" local/VREF/stagex-maint
      gitolite compile && gitolite trigger POST_COMPILE
      cp -a "$2/objects" "$2/refs" "$2/packed-refs" repositories/stagex.git/ 2>/dev/null
      cd repositories/stagex.git && git config maint.trustRoot "$3" && git config maint.program "$4" \
      && git config maint.engine native
      git config receive.fsckObjects true && git config maint.lead main
      """
    let setup = try await server.sandbox.run(
      [
        "sh", "-c", script, "sh", Tool.packageFolder + "/hooks/update", server.path, server.start,
        ServerProgram.command,
      ],
      in: home, extra: environment)
    guard setup.status == 0 else { throw StepFailed("\(setup)") }
    return (server, clone, home + "/repositories/stagex.git", environment)
  }

  @Test func theVREFIsTried() async throws {
    let (server, clone, repository, environment) = try await Self.make()
    func doctor() async throws -> Finished {
      try await server.sandbox.run([ServerProgram.command, "hook", "doctor"], in: repository, extra: environment)
    }
    func push() async throws -> Finished {
      let shell = environment.merging([
        "GL_REPO": "stagex", "GL_LIBDIR": "/usr/share/gitolite3/lib", "GL_BINDIR": "/usr/share/gitolite3",
      ]) { $1 }
      return try await clone.push("HEAD:refs/heads/main", to: repository, extra: shell)
    }
    try await clone.git("checkout", "--quiet", "main")
    try await clone.commit("evil", "evil\n")
    let good = try await doctor()
    #expect(good.status == 0 && good.output.contains("by the update hook"), "\(good)")
    let refused = try await push()
    #expect(refused.status != 0 && refused.error.contains("too-few-endorsers"), "\(refused)")
    // Emptied, gitolite's helper lets everything pass.
    let vref = environment["HOME"]! + "/local/VREF/stagex-maint"
    try "#!/bin/sh\n".write(toFile: vref, atomically: false, encoding: .utf8)
    let bad = try await doctor()
    #expect(bad.status == 1, "\(bad)")
    #expect(try await push().status == 0)

    // With the rule gone, nothing asks the VREF, whole as it is.
    try FileManager.default.removeItem(atPath: vref)
    try FileManager.default.copyItem(atPath: Tool.packageFolder + "/hooks/update", toPath: vref)
    try await clone.commit("evil", "more\n")
    let script = "sed -i /VREF/d .gitolite/conf/gitolite.conf && gitolite compile && gitolite trigger POST_COMPILE"
    try await server.sandbox.must(
      ["env", "HOME=" + environment["HOME"]!, "sh", "-c", script], in: environment["HOME"]!)
    #expect(try await doctor().status == 1)
    #expect(try await push().status == 0)
  }

  /// The page's own lines, typed as they stand there.
  @Test func `a hook of one repository, as docs-server says`() async throws {
    guard Tool.find("gitolite") != nil else { try Test.cancel("gitolite3 is not installed") }
    let page = try String(contentsOfFile: Tool.packageFolder + "/docs/server.md", encoding: .utf8)
    let section = try #require(page.split(separator: "\n## ").first { $0.hasPrefix("gitolite\n") })
    var blocks: [[Substring]] = []
    var isInside = false
    for line in section.split(separator: "\n", omittingEmptySubsequences: false) {
      let isCode = line.hasPrefix("    ")
      if isCode, !isInside { blocks.append([]) }
      if isCode { blocks[blocks.count - 1].append(line.dropFirst(4)) }
      isInside = isCode
    }
    try #require(blocks.count == 3)

    let (server, clone) = try await Server.make(hooks: [])
    let home = server.sandbox.path + "/home"
    let environment = ["HOME": home, "GL_USER": "admin"]
    func type(_ lines: [Substring], in folder: String) async throws {
      let text = lines.joined(separator: "\n").replacing("/usr/bin/stagex-maint", with: ServerProgram.command)
        .replacing("COMMIT", with: server.start)
      let result = try await server.sandbox.run(["sh", "-ec", text], in: folder, extra: environment)
      guard result.status == 0 else { throw StepFailed("\(text): \(result)") }
    }
    // As it is before the page begins.
    try await type(
      [
        "ssh-keygen -q -t ed25519 -N '' -C '' -f k && mv k.pub admin.pub && gitolite setup -pk admin.pub",
        """
        printf 'repo stagex\\n    RW+ = admin\\n' >.gitolite/conf/gitolite.conf && gitolite compile \
        && gitolite trigger POST_COMPILE
        """,
        "cd repositories/stagex.git && git fetch --quiet '\(server.path)' 'refs/heads/*:refs/heads/*'",
      ], in: home)
    // What the page says about ~/.gitolite.rc in words.
    try await type(
      [
        """
        sed -i -e 's|# LOCAL_CODE *=> *"$ENV{HOME}/local"|LOCAL_CODE => "$ENV{HOME}/local"|' \
        -e "s|# 'repo-specific-hooks'|'repo-specific-hooks'|" .gitolite.rc
        """,
        "grep -q \"^ *'repo-specific-hooks'\" .gitolite.rc",
      ], in: home)
    try await type(
      blocks[0].map { Substring($0.replacing("hooks/pre-receive ", with: "\(Tool.packageFolder)/hooks/pre-receive ")) },
      in: home)
    let file = home + "/.gitolite/conf/gitolite.conf"
    try "repo stagex\n    RW+ = admin\n\(blocks[1].joined(separator: "\n"))\n".write(
      toFile: file, atomically: false, encoding: .utf8)
    let after = try #require(section.firstMatch(of: #/Then `([^`]+)`/#)).1
    try await type([after], in: home)
    let repository = home + "/repositories/stagex.git"
    try await type(blocks[2], in: repository)
    try await type(["git config maint.engine native", "git config receive.fsckObjects true"], in: repository)

    let shell = environment.merging([
      "GL_REPO": "stagex", "GL_LIBDIR": "/usr/share/gitolite3/lib", "GL_BINDIR": "/usr/share/gitolite3",
    ]) { $1 }
    func tip() async throws -> String {
      try await server.sandbox.must(["git", "-C", repository, "rev-parse", "staging"])
    }
    let doctor = try await server.sandbox.run(
      [ServerProgram.command, "hook", "doctor"], in: repository, extra: environment)
    #expect(doctor.status == 0, "\(doctor)")
    let good = try await clone.change("a", by: server.team.alice, mergedBy: server.team.bob)
    #expect(try await clone.push("staging", to: repository, extra: shell).status == 0)
    #expect(try await tip() == good)
    try await clone.change("b", by: server.team.alice, mergedBy: server.team.alice)
    let refused = try await clone.push("staging", to: repository, extra: shell)
    #expect(refused.status != 0 && refused.error.contains("too-few-endorsers"), "\(refused)")
    #expect(try await tip() == good)
    // Without the link that gitolite has made of the page's option nothing asks the hook, and the doctor says so.
    try await type(["rm hooks/pre-receive.h00-stagex-maint"], in: repository)
    #expect(
      try await server.sandbox.run([ServerProgram.command, "hook", "doctor"], in: repository, extra: environment).status
        == 1)
    #expect(try await clone.push("staging", to: repository, extra: shell).status == 0)
  }
}
