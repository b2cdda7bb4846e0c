import Foundation
import GitBridge
import Support
import Synchronization
import Testing

/// A push that stops in its pre-receive hook until the test has looked around.
private final class HeldPush {
  let server: ScriptedRepository
  let client: TemporaryFolder
  private let hold: TemporaryFolder

  /// - Parameter name: the server repository's folder.
  init(server name: String) throws {
    server = try ScriptedRepository(name: name)
    client = try TemporaryFolder()
    hold = try TemporaryFolder()
    let hook = """
      #!/bin/sh
      cat > "$HOLD/stdin"
      pwd > "$HOLD/pwd"
      env -0 > "$HOLD/env"
      touch "$HOLD/ready"
      until [ -e "$HOLD/go" ]; do sleep 0.01; done
      exit "$(cat "$HOLD/go")"
      """
    try Data(hook.utf8).write(to: URL(fileURLWithPath: server.path + "/hooks/pre-receive"))
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: server.path + "/hooks/pre-receive")
  }

  /// Pushes, lets `look` see what the hook sees, and ends the hook with `verdict`.
  func push(_ refspecs: [String], verdict: Int, look: ([String: String], String) throws -> Void) throws -> Tool.Result {
    let (server, client, hold) = (server.path, client.path, hold.path)
    for name in ["/ready", "/go"] { try? FileManager.default.removeItem(atPath: hold + name) }
    let result = Mutex<Result<Tool.Result, any Error>?>(nil)
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      let finished = Result {
        try Program.run(["git", "push", "-q", server] + refspecs, in: client + "/work", adding: ["HOLD": hold])
      }
      result.withLock { $0 = finished }
      done.signal()
    }
    while !FileManager.default.fileExists(atPath: hold + "/ready") {
      if done.wait(timeout: .now() + .milliseconds(5)) == .success {
        throw ScriptedRepository.GitFailed(
          arguments: refspecs, message: "the hook did not run: \(try result.withLock { try $0!.get().errorText })")
      }
    }
    let environment = try environmentOfHook()
    let outcome = Result { try look(environment, try String(contentsOfFile: hold + "/stdin", encoding: .utf8)) }
    try Data("\(verdict)\n".utf8).write(to: URL(fileURLWithPath: hold + "/go"), options: .atomic)
    done.wait()
    try outcome.get()
    return try result.withLock { try $0!.get() }
  }

  /// What the hook was given; its folder stands for `.`, since this process is somewhere else.
  private func environmentOfHook() throws -> [String: String] {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: hold.path + "/env")))
    var environment: [String: String] = [:]
    for line in bytes.split(separator: 0) {
      let pair = line.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      environment[String(decoding: pair[0], as: UTF8.self)] = String(decoding: pair[1], as: UTF8.self)
    }
    var folder = try String(contentsOfFile: hold.path + "/pwd", encoding: .utf8)
    folder.removeLast()
    #expect(environment["GIT_DIR"] == ".")
    environment["GIT_DIR"] = folder
    return environment
  }
}

struct HookTests {
  @Test(arguments: [
    "plain.git", "with space.git", "co:lon.git", "caf\u{E9} \u{65E5}\u{672C}.git", "all: \u{E9}'\".git",
  ])
  func `a hook sees the pushed objects and what they stand on, whatever the path`(name: String) throws {
    let held = try HeldPush(server: name)
    let scripted = held.server
    let root = try scripted.commit(files: ["a": "1"])
    try scripted.setRef("refs/heads/main", to: root)
    let client = held.client.path + "/work"
    #expect(try Program.run(["git", "clone", "-q", scripted.path, client]).status == 0)
    try held.client.write("work/a", "2\n")
    for arguments in [["commit", "-q", "-a", "-m", "second"], ["commit", "-q", "--allow-empty", "-m", "third"]] {
      #expect(try Program.run(["git", "-C", client] + arguments).status == 0)
    }
    let tip = try Repository.open(path: client, configuration: .none).resolve(revision: "HEAD")

    for verdict in [1, 0] {
      let finished = try held.push(["main"], verdict: verdict) { environment, input in
        #expect(input == "\(root) \(tip) refs/heads/main\n")
        #expect(environment["GIT_QUARANTINE_PATH"] != nil)
        // The twin: without the quarantine the pushed commit is not there.
        #expect(try scripted.reopened().kind(of: tip) == nil)

        let hook = try Repository.openForHook(environment: environment)
        for repository in [hook, try hook.again()] {
          var visited: [ObjectID] = []
          try repository.walk(from: [tip], hiding: [root], exact: false) { id, _, _ in visited.append(id) }
          #expect(visited.count == 2 && visited.contains(tip))
          #expect(try repository.isAncestor(root, of: tip))
          let changes = try repository.changes(
            from: repository.treeOfCommit(root), to: repository.treeOfCommit(tip))
          #expect(changes.map(\.path) == [[UInt8(ascii: "a")]])
          #expect(try repository.read(changes[0].newID, as: .blob) == Array("2\n".utf8))
          #expect(try repository.mergeAgain(parents: [root, tip]) == .clean(tree: repository.treeOfCommit(tip)))
        }
        #expect(throws: GitError.self) { try hook.write(.blob, [1, 2, 3]) }
      }
      #expect((finished.status == 0) == (verdict == 0))
      #expect(try scripted.reopened().resolve(ref: "refs/heads/main") == (verdict == 0 ? tip : root))
      #expect((try scripted.reopened().kind(of: tip) != nil) == (verdict == 0))
    }
  }

  @Test func `a push that only deletes has no quarantine, and is readable`() throws {
    let held = try HeldPush(server: "repository.git")
    let root = try held.server.commit()
    for name in ["main", "gone"] { try held.server.setRef("refs/heads/\(name)", to: root) }
    #expect(try Program.run(["git", "clone", "-q", held.server.path, held.client.path + "/work"]).status == 0)
    let finished = try held.push([":gone"], verdict: 1) { environment, input in
      #expect(input == "\(root) \(ObjectID.zero) refs/heads/gone\n")
      #expect(environment["GIT_QUARANTINE_PATH"] == nil)
      let hook = try Repository.openForHook(environment: environment)
      #expect(try hook.readCommit(root).commit.defect == nil)
      #expect(try hook.resolve(ref: "refs/heads/gone") == root)
    }
    #expect(finished.status != 0)
    #expect(try held.server.reopened().resolve(ref: "refs/heads/gone") == root)
  }

  @Test func `a shallow pusher's missing parent is an error, not a root`() throws {
    let held = try HeldPush(server: "repository.git")
    let origin = try ScriptedRepository()
    let root = try origin.commit(files: ["a": "1"])
    try origin.setRef("refs/heads/main", to: origin.commit(files: ["a": "2"], parents: [root]))
    let client = held.client.path + "/work"
    #expect(try Program.run(["git", "clone", "-q", "--depth=1", "file://" + origin.path, client]).status == 0)
    let tip = try Repository.open(path: client, configuration: .none).resolve(revision: "HEAD")
    _ = try held.push(["main"], verdict: 0) { environment, _ in
      let hook = try Repository.openForHook(environment: environment)
      #expect(throws: GitError.missingObject(root, promised: false)) {
        try hook.walk(from: [tip], hiding: [], exact: true) { _, _, _ in }
      }
    }
  }

  @Test func `a hook opens only the folder it was started in`() throws {
    let scripted = try ScriptedRepository()
    try scripted.writeFile("objects/deeper/file", "")
    let inside = scripted.path + "/objects/deeper"
    #expect(throws: GitError.notARepository(path: inside)) {
      try Repository.openForHook(environment: ["GIT_DIR": inside])
    }
    #expect(try Repository.openForHook(environment: ["GIT_DIR": scripted.path]).gitDirectory == scripted.path)
    // A quarantine that is not there adds nothing and hides nothing.
    let commit = try scripted.commit()
    let hook = try Repository.openForHook(
      environment: ["GIT_DIR": scripted.path, "GIT_QUARANTINE_PATH": scripted.path + "/absent"])
    #expect(try hook.kind(of: commit) == .commit)
  }

  @Test func `without GIT_DIR it is the current folder`() async throws {
    await #expect(processExitsWith: .success) {
      let scripted = try ScriptedRepository()
      let commit = try scripted.commit()
      #expect(FileManager.default.changeCurrentDirectoryPath(scripted.path))
      for environment in [[:], ["GIT_DIR": "."], ["GIT_DIR": ""]] {
        #expect(try Repository.openForHook(environment: environment).kind(of: commit) == .commit)
      }
    }
  }
}
