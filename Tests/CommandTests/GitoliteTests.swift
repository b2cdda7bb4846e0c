import Foundation
import Support
import Testing

/// A real gitolite, where the machine has one.
@Suite struct GitoliteTests {
  /// The server's repository as gitolite's own, with a rule that names a VREF, and the VREF in its place.
  private static func make() async throws -> (server: Server, clone: Clone, repository: String, environment: [String: String]) {
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
      cd repositories/stagex.git && git config maint.trustRoot "$3" && git config maint.program "$4" && git config maint.engine native
      git config receive.fsckObjects true && git config maint.lead main
      """
    let setup = try await server.sandbox.run(
      ["sh", "-c", script, "sh", Tool.packageFolder + "/hooks/update", server.path, server.start, ServerProgram.command],
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
      let shell = environment.merging(["GL_REPO": "stagex", "GL_LIBDIR": "/usr/share/gitolite3/lib", "GL_BINDIR": "/usr/share/gitolite3"]) { $1 }
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
    try await server.sandbox.must(["env", "HOME=" + environment["HOME"]!, "sh", "-c", script], in: environment["HOME"]!)
    #expect(try await doctor().status == 1)
    #expect(try await push().status == 0)
  }
}
