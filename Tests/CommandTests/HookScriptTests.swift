import Foundation
import Support
import Testing

/// The shell scripts in `hooks/`, run by dash. The program that they call is a script which tells how it was called.
@Suite struct HookScriptTests {
  /// A bare repository and a program that reports, in a folder of their own.
  struct Scene {
    let sandbox: Sandbox
    let repository: String
    let teller: String

    init() async throws {
      sandbox = try Sandbox()
      repository = sandbox.path + "/r.git"
      teller = try sandbox.script(
        "teller",
        """
        #!/bin/sh
        printf '%s\\n' "$@"
        cat
        exit "${STATUS:-0}"
        """)
      try await sandbox.must(["git", "init", "--quiet", "--bare", repository])
    }

    func use(_ program: String) async throws {
      try await sandbox.must(["git", "-C", repository, "config", "maint.program", program])
    }

    func run(_ hook: String, _ words: String..., input: String = "", extra: [String: String] = [:]) async throws
      -> Finished
    {
      try await sandbox.run(
        ["dash", Tool.packageFolder + "/hooks/" + hook] + words, in: repository,
        extra: ["GIT_DIR": "."].merging(extra) { $1 }, input: Array(input.utf8))
    }
  }

  static let hooks = ["pre-receive", "reference-transaction", "update", "pre-push"]

  @Test(arguments: [
    ("pre-receive", ["x"], "hook\npre-receive\n"),
    ("reference-transaction", ["prepared"], "hook\nreference-transaction\nprepared\n"),
    (
      "update", ["refs/heads/a b", "1", "2", "3", "4", "W", "VREF/m"],
      "hook\nupdate-vref\nrefs/heads/a b\n1\n2\n3\n4\nW\nVREF/m\n"
    ),
  ])
  func theProgramGetsWhatGitGives(hook: String, words: [String], called: String) async throws {
    let scene = try await Scene()
    try await scene.use(scene.teller)
    let result = try await scene.sandbox.run(
      ["dash", Tool.packageFolder + "/hooks/" + hook] + words, in: scene.repository, extra: ["GIT_DIR": "."],
      input: Array("old new ref\n".utf8))
    #expect(result.status == 0)
    #expect(result.output == called + "old new ref\n")
    #expect(result.error == "")
  }

  @Test(arguments: hooks, [1, 2, 75])
  func theProgramsStatusIsTheHooks(hook: String, status: Int32) async throws {
    let scene = try await Scene()
    try await scene.use(scene.teller)
    let result = try await scene.run(hook, "prepared", extra: ["STATUS": "\(status)"])
    #expect(result.status == status)
  }

  @Test func thePushIsAskedInTheFormOfTheServersHookFromAnyFolder() async throws {
    let scene = try await Scene()
    let work = scene.sandbox.path + "/work"
    try await scene.sandbox.must(["git", "init", "--quiet", work])
    try await scene.sandbox.must(["git", "-C", work, "config", "maint.program", scene.teller])
    let below = work + "/a/b"
    try FileManager.default.createDirectory(atPath: below, withIntermediateDirectories: true)
    for folder in [work, below] {
      let result = try await scene.sandbox.run(
        ["dash", Tool.packageFolder + "/hooks/pre-push", "origin", "url"], in: folder,
        input: Array("refs/heads/x 1111 refs/heads/staging 2222\n(delete) 0000 refs/heads/old 3333\n".utf8))
      #expect(result.output == "hook\npre-push\n2222 1111 refs/heads/staging\n3333 0000 refs/heads/old\n")
      #expect(result.status == 0)
    }
  }

  @Test(arguments: ["preparing", "committed", "aborted"])
  func theBackstopActsInNoOtherState(state: String) async throws {
    let scene = try await Scene()
    try await scene.use(scene.teller)
    let result = try await scene.run("reference-transaction", state, extra: ["STATUS": "1"])
    #expect(result.status == 0)
    #expect(result.output == "")
  }

  /// What may lie where the program should be.
  enum Wreck: String, CaseIterable, Sendable {
    case absent, empty, zeroed, torn, unreadableHead, notExecutable, folder, relative, notInPath
  }

  @Test(arguments: hooks, Wreck.allCases)
  func aProgramThatIsNotThereWholeRefuses(hook: String, wreck: Wreck) async throws {
    let scene = try await Scene()
    let place = scene.sandbox.path + "/program"
    let whole = try [UInt8](Data(contentsOf: URL(filePath: "/bin/true")))
    func put(_ bytes: [UInt8], mode: Int = 0o755) throws {
      #expect(
        FileManager.default.createFile(atPath: place, contents: Data(bytes), attributes: [.posixPermissions: mode]))
    }
    switch wreck {
    case .absent: break
    case .empty: try put([])
    case .zeroed: try put([UInt8](repeating: 0, count: 5000))
    case .torn: try put(Array(whole.prefix(4096)))
    case .unreadableHead: try put(Array("true\n".utf8))  // no kernel runs it, but sh would
    case .notExecutable: try put(whole, mode: 0o644)
    case .folder: try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    case .relative, .notInPath: break
    }
    if wreck == .relative {
      try await scene.use("./program")
      _ = try Data(whole).write(to: URL(filePath: scene.repository + "/program"))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scene.repository + "/program")
    } else if wreck != .notInPath {
      try await scene.use(place)
    }
    let result = try await scene.run(hook, "prepared")
    #expect(result.status != 0)
    #expect(result.output == "")
    guard wreck != .torn else { return }  // its start is right: the kernel stops it, and says nothing
    let lines = result.error.split(separator: "\n")
    #expect(lines.first?.hasPrefix("error: ") == true)
    #expect(lines.first?.hasSuffix("the program that has to judge it cannot be run") == true)
    #expect(lines.contains { $0.hasPrefix("next") })
    #expect(lines.last?.hasSuffix("maint.program /path/to/stagex-maint") == true)
    let ours = lines.filter { !$0.hasPrefix("    /") && !$0.hasPrefix("found") }  // without this machine's paths
    #expect(ours.allSatisfy { $0.count + "remote: ".count < 80 })
  }

  /// The twin of the table above: the same file, whole.
  @Test(arguments: hooks)
  func aWholeProgramIsRun(hook: String) async throws {
    let scene = try await Scene()
    try await scene.use("/bin/true")
    #expect(try await scene.run(hook, "prepared").status == 0)
  }

  @Test func theProgramIsFoundInPath() async throws {
    let scene = try await Scene()
    let bin = scene.sandbox.path + "/bin"
    try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: scene.teller, toPath: bin + "/stagex-maint")
    let path = scene.sandbox.environment["PATH"]!
    let found = try await scene.run("pre-receive", input: "x\n", extra: ["PATH": "\(bin):\(path)"])
    #expect(found.status == 0)
    #expect(found.output == "hook\npre-receive\nx\n")
    // The same program, named by a folder that depends on where the hook stands: a checkout could hold it.
    try FileManager.default.copyItem(atPath: scene.teller, toPath: scene.repository + "/stagex-maint")
    let dot = try await scene.run("pre-receive", input: "x\n", extra: ["PATH": ".:\(path)"])
    #expect(dot.status == 1)
    #expect(dot.output == "")
  }

  @Test func aHomeFolderMayBeWrittenWithATilde() async throws {
    let scene = try await Scene()
    try FileManager.default.copyItem(atPath: scene.teller, toPath: scene.sandbox.path + "/home/teller")
    try await scene.use("~/teller")
    #expect(try await scene.run("pre-receive").status == 0)
  }
}
