import Foundation
import Support
import Testing

/// The installed hook in surroundings that nobody planned: what it cannot judge it refuses, and it never lets pass what
/// it has not judged.
@Suite struct HookEnvironmentTests {
  struct Scene {
    let server: Server
    let good: String
    let bad: String
    private static let made = Task {
      let (server, clone) = try await Server.make(hooks: [])
      guard try await server.command("hook", "install").status == 0 else { throw StepFailed("no hook") }
      let good = try await clone.change("a", by: server.team.alice, mergedBy: server.team.bob)
      try await clone.git("reset", "--quiet", "--hard", server.start)
      let bad = try await clone.commit("evil", "evil\n")
      try await server.sandbox.must(["git", "-C", server.path, "fetch", "--quiet", clone.path, good, bad])
      return Scene(server: server, good: good, bad: bad)
    }
    static func shared() async throws -> Scene { try await made.value }

    /// - Parameter how: What a shell does to run `"$@"`, which is the hook.
    func ask(_ new: String, _ how: String, _ extra: [String: String] = [:]) async throws -> Finished {
      try await server.sandbox.run(
        ["/bin/sh", "-c", how, "sh", "hooks/pre-receive"], in: server.path,
        extra: ["GIT_DIR": "."].merging(extra) { $1 },
        input: Array("\(server.start) \(new) refs/heads/staging\n".utf8))
    }
  }

  /// Surroundings in which a good push still passes: the verdict does not depend on them.
  @Test(
    arguments: [
      ("as ever", "\"$@\"", [:]),
      ("another locale", "\"$@\"", ["LC_ALL": "tr_TR.UTF-8", "LANG": "xx"]),
      ("no locale", "unset LC_ALL LANG; \"$@\"", [:]),
      ("another time zone", "\"$@\"", ["TZ": "Pacific/Apia"]), ("a broken time zone", "\"$@\"", ["TZ": ":/etc/passwd"]),
      ("umask 0777", "umask 0777; \"$@\"", [:]), ("umask 0", "umask 0; \"$@\"", [:]),
      ("no home", "unset HOME GNUPGHOME; \"$@\"", [:]),
      ("a home that is not there", "\"$@\"", ["HOME": "/nonexistent", "GNUPGHOME": "/nonexistent"]),
      (
        "another repository's settings", "\"$@\"",
        [
          "GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "maint.program", "GIT_CONFIG_VALUE_0": "/bin/true",
          "GIT_CONFIG_KEY_1": "maint.trustRoot", "GIT_CONFIG_VALUE_1": "0",
        ]
      ),
      ("settings in git's own form", "\"$@\"", ["GIT_CONFIG_PARAMETERS": "'maint.program'='/bin/true'"]),
      (
        "index and work tree elsewhere", "\"$@\"",
        ["GIT_INDEX_FILE": "/nonexistent", "GIT_WORK_TREE": "/tmp", "GIT_NAMESPACE": "x"]
      ),
      ("replacements", "\"$@\"", ["GIT_REPLACE_REF_BASE": "refs/heads/"]),
      ("closed output", "\"$@\" >&-", [:]), ("closed error output", "\"$@\" 2>&-", [:]),
      ("both closed", "\"$@\" >&- 2>&-", [:]),
      ("full disk behind the output", "\"$@\" >/dev/full 2>&1", [:]),
      ("SIGPIPE ignored", "trap '' PIPE; \"$@\"", [:]),
      ("few open files", "ulimit -n 128; \"$@\"", [:]),
    ] as [(String, String, [String: String])])
  func theVerdictDoesNotDepend(name: String, how: String, extra: [String: String]) async throws {
    let scene = try await Scene.shared()
    let bad = try await scene.ask(scene.bad, how, extra)
    #expect(bad.status == 1, "\(bad)")
    let good = try await scene.ask(scene.good, how, extra)
    #expect(good.status == 0, "\(good)")
  }

  /// Surroundings in which nothing can be judged, and so nothing passes.
  @Test(
    arguments: [
      ("closed input", "\"$@\" <&-", [:]), ("empty input", "\"$@\" </dev/null", [:]),
      ("everything closed", "\"$@\" <&- >&- 2>&-", [:]),
      ("a folder as input", "\"$@\" <.", [:]), ("input that was read", "cat >/dev/null; \"$@\"", [:]),
      ("half a line", "printf 'abc' | \"$@\"", [:]),
      ("a repository that is not there", "\"$@\"", ["GIT_DIR": "/nonexistent"]),
      ("a quarantine that is not there", "\"$@\"", ["GIT_QUARANTINE_PATH": "/nonexistent"]),
      ("hardly any open files", "ulimit -n 8; \"$@\"", [:]),
      ("no gpg", "\"$@\"", ["PATH": "/nonexistent"]),
    ] as [(String, String, [String: String])])
  func whatCannotBeJudgedIsRefused(name: String, how: String, extra: [String: String]) async throws {
    let scene = try await Scene.shared()
    for new in [scene.bad, scene.good] {
      let result = try await scene.ask(new, how, extra)
      if new == scene.good, ["no gpg", "a quarantine that is not there"].contains(name), result.status == 0 {
        continue
      }
      #expect(result.status != 0, "\(result)")
    }
  }

  /// A reader who has gone away ends no judgement, and a signal is no acceptance.
  @Test func theOtherSideIsGone() async throws {
    let scene = try await Scene.shared()
    for (new, status) in [(scene.bad, 1), (scene.good, 0)] {
      let result = try await scene.ask(
        new, "{ \"$@\"; echo $? >status-\(new); } 2>&1 | true; cat status-\(new); rm status-\(new)")
      #expect(result.output == "\(status)\n", "\(result)")
    }
  }

  /// What a killed hook leaves in the folder for temporary files, the next one removes; and nothing else.
  @Test func foldersOfAKilledHookGo() async throws {
    let (server, clone) = try await Server.make()
    let folder = server.sandbox.path + "/tmp"
    for name in ["stagex-maint-abcdef", "stagex-maint-locked", "stagex-maint-longer1", "stagex-other-abcdef"] {
      try await server.sandbox.must([
        "sh", "-c",
        "mkdir \(folder)/\(name); : >\(folder)/\(name)/pubring.kbx; touch -d '1 hour ago' \(folder)/\(name)",
      ])
    }
    let tip = try await clone.change("a", by: server.team.alice, mergedBy: server.team.bob)
    // Young however long the push takes.
    let young = folder + "/stagex-maint-young1"
    try await server.sandbox.must(["sh", "-c", "mkdir \(young) && touch -d 'now + 1 hour' \(young)"])
    // The lock of a process that is still at work.
    let push = try await server.sandbox.run(
      ["flock", folder + "/stagex-maint-locked", "git", "push", "--quiet", server.path, "staging"], in: clone.path)
    #expect(push.status == 0, "\(push)")
    #expect(try await server.tip("staging") == tip)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("stagex-") }.sorted()
    #expect(left == ["stagex-maint-locked", "stagex-maint-longer1", "stagex-maint-young1", "stagex-other-abcdef"])
  }
}
