import Foundation
import Support
import Testing

/// What goes wrong around a judgement. Each time: refused, with the reason, and the repository as before.
@Suite struct FailureTests {
  /// A server, and a clone in which `staging` is one good merge ahead: nothing but the failure refuses it.
  static func make() async throws -> (server: Server, clone: Clone) {
    let (server, clone) = try await Server.make()
    try await clone.change("a", by: server.team.alice, mergedBy: server.team.bob)
    return (server, clone)
  }

  @Test func theHookIsKilledBeforeItSpeaks() async throws {
    let (server, clone) = try await Self.make()
    let killed = try server.sandbox.script("killed", "#!/bin/sh\nkill -9 $$\n")
    try await server.config("maint.program", killed)
    try await server.expectUnmoved { try await clone.push("staging") }
    try await server.config("maint.program", ServerProgram.command)
    try await server.expectAccepted("staging", at: try await clone.git("rev-parse", "staging")) {
      try await clone.push("staging")
    }
  }

  /// The command itself dies in the middle of its work: its own helper, the first that it starts, kills it.
  @Test func theHookIsKilledWhileItJudges() async throws {
    let (server, clone) = try await Self.make()
    let bin = server.sandbox.path + "/bin"
    try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
    _ = try server.sandbox.script("bin/gpg", "#!/bin/sh\n: >\"\(bin)/ran\"\nkill -9 $PPID\n")
    let path = server.sandbox.environment["PATH"]!
    try await server.expectUnmoved { try await clone.push("staging", extra: ["PATH": "\(bin):\(path)"]) }
    #expect(FileManager.default.fileExists(atPath: bin + "/ran"), "the command never started gpg")
  }

  @Test(arguments: [
    ("exits at once", "#!/bin/sh\nexit 2\n"), ("dies", "#!/bin/sh\nkill -9 $$\n"),
    ("answers rubbish", "#!/bin/sh\nhead -c 4000 /dev/urandom\n"),
  ])
  func aDeadGpg(how: String, script: String) async throws {
    let (server, clone) = try await Self.make()
    let bin = server.sandbox.path + "/bin"
    try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
    for program in ["gpg", "gpgv"] { _ = try server.sandbox.script("bin/\(program)", script) }
    let path = server.sandbox.environment["PATH"]!
    try await server.expectRefused("gpg") { try await clone.push("staging", extra: ["PATH": "\(bin):\(path)"]) }
  }

  @Test func noRegistry() async throws {
    let (server, clone) = try await Self.make()
    let bare = try await Self.rewrite(server, clone) { try await clone.git("rm", "--quiet", "MAINTAINERS") }
    try await server.expectRefused("registry-invalid", "MAINTAINERS") {
      try await clone.push("\(bare):refs/heads/staging")
    }
  }

  @Test(arguments: ["[people\n", "[=\n", "", "[people.alice]\nname = 1\n"])
  func aBrokenRegistry(text: String) async throws {
    let (server, clone) = try await Self.make()
    let bad = try await Self.rewrite(server, clone) { try await clone.write("MAINTAINERS", text) }
    try await server.expectRefused("registry-invalid", "MAINTAINERS") {
      try await clone.push("\(bad):refs/heads/staging")
    }
  }

  /// A registry is read from the step before. So the bad one is put there by the server's own hand, with the trust
  /// root moved onto it, and one good change follows.
  static func rewrite(_ server: Server, _ clone: Clone, _ edit: () async throws -> Void) async throws -> String {
    try await clone.git("checkout", "--quiet", "-B", "staging", server.start)
    try await edit()
    let root = try await clone.commitIndex(by: server.team.alice, ["--message", "Break it"])
    let at = server.path
    try await server.sandbox.must(["git", "-C", at, "fetch", "--quiet", clone.path, root])
    try await server.sandbox.must(["git", "-C", at, "update-ref", "refs/heads/staging", root])
    try await server.config("maint.trustRoot", root)
    // The branch that carries the rules is the one that the trust root is on.
    try await server.config("maint.lead", "staging")
    return try await clone.change("b", by: server.team.alice, mergedBy: server.team.bob)
  }

  /// A certificate that cannot be read makes that key count for nothing, and the refusal says which file it was.
  @Test func anUnreadableKeyFile() async throws {
    let (server, clone) = try await Self.make()
    let file = "keys/\(server.team.bob.fingerprint).asc"
    let bad = try await Self.rewrite(server, clone) { try await clone.write(file, "not a certificate\n") }
    try await server.expectRefused("too-few-endorsers", server.team.bob.fingerprint) {
      try await clone.push("\(bad):refs/heads/staging")
    }
    // The twin: the same broken file, and two others who sign.
    try await clone.git("checkout", "--quiet", "-B", "staging", "HEAD^1")
    let good = try await clone.change("c", by: server.team.alice, mergedBy: server.team.carol)
    try await server.expectAccepted("staging", at: good) { try await clone.push("staging") }
  }

  /// A registry pinned to a folder of the server: gone, or with a file in it that cannot be read.
  @Test func aPinnedRegistryThatCannotBeRead() async throws {
    let (server, clone) = try await Self.make()
    let folder = server.sandbox.path + "/registry"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for name in ["MAINTAINERS", "keys"] {
      try FileManager.default.copyItem(atPath: "\(clone.path)/\(name)", toPath: "\(folder)/\(name)")
    }
    try await server.config("maint.registry", folder + "/gone")
    try await server.expectRefused(folder + "/gone") { try await clone.push("staging") }
    try await server.config("maint.registry", folder)
    let key = "\(folder)/keys/\(server.team.bob.fingerprint).asc"
    try FileManager.default.moveItem(atPath: key, toPath: folder + "/aside")
    try FileManager.default.createSymbolicLink(atPath: key, withDestinationPath: key)  // a link to itself
    try await server.expectRefused(server.team.bob.fingerprint) { try await clone.push("staging") }
    // The twin: the same folder, whole.
    try FileManager.default.removeItem(atPath: key)
    try FileManager.default.moveItem(atPath: folder + "/aside", toPath: key)
    try await server.expectAccepted("staging", at: try await clone.git("rev-parse", "staging")) {
      try await clone.push("staging")
    }
  }

  @Test func aTrustRootThatIsNotThere() async throws {
    let (server, clone) = try await Self.make()
    try await server.config("maint.trustRoot", String(repeating: "1", count: 40))
    try await server.expectRefused("maint.trustRoot") { try await clone.push("staging") }
    try await server.config("maint.trustRoot", "main")
    try await server.expectRefused("maint.trustRoot") { try await clone.push("staging") }
  }

  /// A disk of two megabytes, mounted in a namespace that goes with the script, on which the repository lies. The
  /// same push is tried while the disk is full and when there is room again.
  @Test func aFullDiskUnderTheRepository() async throws {
    let (server, clone) = try await Self.make()
    try await Self.needMount(server)
    let script = """
      disk=$0 repository=$0/r.git
      mount -t tmpfs -o size=2m none "$disk" && cp -a "$1" "$repository" || exit 90
      state() { git -C "$repository" for-each-ref; git -C "$repository" cat-file --batch-all-objects --batch-check; }
      before=$(state)
      head -c 4m /dev/zero >"$disk/filler" 2>/dev/null
      git push "$repository" staging && exit 91
      [ "$(state)" = "$before" ] || exit 92
      rm "$disk/filler"
      git push "$repository" staging || exit 93
      """
    let result = try await server.sandbox.run(
      ["unshare", "-m", "sh", "-c", script, try Self.folder(server, "disk"), server.path], in: clone.path)
    #expect(result.status == 0, "\(result)")
    #expect(result.error.contains("No space left on device"), "\(result.error)")
  }

  /// The disk for temporary files is full: gpg's keys are then handed over in memory, and both verdicts stay.
  @Test func aFullDiskForTemporaryFiles() async throws {
    let (server, clone) = try await Self.make()
    try await Self.needMount(server)
    let script = """
      mount -t tmpfs -o size=1m,nr_inodes=1 none "$0" || exit 90
      mktemp -d "$0/XXXXXX" 2>/dev/null && exit 91
      exec git push "$@"
      """
    let full = try Self.folder(server, "full")
    func push(_ refspec: String) async throws -> Finished {
      try await server.sandbox.run(
        ["unshare", "-m", "sh", "-c", script, full, server.path, refspec], in: clone.path, extra: ["TMPDIR": full])
    }
    let good = try await clone.git("rev-parse", "staging")
    let bad = try await clone.change("b", by: server.team.carol, mergedBy: server.team.carol)
    try await server.expectRefused("too-few-endorsers") { try await push("\(bad):refs/heads/staging") }
    try await server.expectAccepted("staging", at: good) { try await push("\(good):refs/heads/staging") }
  }

  static func needMount(_ server: Server) async throws {
    let probe = try await server.sandbox.run(["unshare", "-m", "true"])
    if probe.status != 0 { try Test.cancel("not allowed to mount: a full disk is tested as root only") }
  }

  static func folder(_ server: Server, _ name: String) throws -> String {
    let path = server.sandbox.path + "/" + name
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }
}

extension Server {
  /// A push that fails without a word from the command: it was killed. Nothing has changed.
  func expectUnmoved(_ push: () async throws -> Finished) async throws {
    let before = try await state()
    let result = try await push()
    #expect(result.status != 0)
    #expect(result.error.contains("pre-receive hook declined"), "\(result.error)")
    let after = try await state()
    #expect(after == before)
  }
}
