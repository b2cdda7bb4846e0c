package import GitBridge
internal import Review
internal import Synchronization

/// Runs git for what needs the network or a work tree: fetch, push, diff, worktree. The only place that starts it.
///
/// The environment is closed, and everything is switched off that could make git run somebody's program or show, merge
/// or send something else than what was judged (`GitSwitches`).
package final class GitRunner: Sendable {
  let gitDirectory: String
  /// Where git runs. Relative addresses of remotes are meant from here.
  let folder: String
  private let environment: [String: String]
  private let tell: (@Sendable (String) -> Void)?
  /// What the settings say that matters to us; looked up once.
  private let known = Mutex<GitSettings?>(nil)

  /// - Parameters:
  ///   - environment: The process's; what git needs to reach the server and the person is taken from it.
  ///   - tell: Told when a server lets us wait, safe to print.
  package init(
    gitDirectory: String, folder: String? = nil, environment: [String: String], mayPrompt: Bool,
    tell: (@Sendable (String) -> Void)? = nil
  ) {
    self.gitDirectory = gitDirectory
    self.folder = folder ?? gitDirectory
    self.environment = ChildEnvironment.forGit(environment, mayPrompt: mayPrompt)
    self.tell = tell
  }

  /// For what all work trees of a repository share.
  package convenience init(
    _ repository: Repository, environment: [String: String], mayPrompt: Bool, tell: (@Sendable (String) -> Void)? = nil
  ) {
    self.init(
      gitDirectory: repository.commonDirectory, folder: repository.workTree, environment: environment,
      mayPrompt: mayPrompt,
      tell: tell)
  }

  private static let network: Set<String> = ["fetch", "push", "ls-remote", "clone"]

  /// Whether a command of git's speaks to a server.
  static func isNetwork(_ name: String?) -> Bool { network.contains(name ?? "") }

  /// After so long a person is told that git still waits.
  private static let patience = Duration.seconds(5)

  /// Runs git in the repository as if it were bare: no work tree, no attributes out of it.
  package func run(_ arguments: [String], input: [UInt8] = []) throws(CosignError) -> ChildProgram.Result {
    try run(["--git-dir=\(gitDirectory)", "-c", "core.bare=true"] + arguments, arguments.first, in: folder, input)
  }

  /// Runs git in a work tree of its own.
  package func run(inWorkTree folder: String, _ arguments: [String]) throws(CosignError) -> ChildProgram.Result {
    try run(arguments, arguments.first, in: folder, [])
  }

  /// Clones. There is no repository yet whose settings could be read.
  package func clone(_ url: String, to path: String) throws(CosignError) -> ChildProgram.Result {
    try run(["clone", "--quiet", "--template=", "--no-recurse-submodules", "--", url, path], "clone", in: "/", [])
  }

  private func run(
    _ arguments: [String], _ name: String?, in folder: String, _ input: [UInt8]
  ) throws(CosignError) -> ChildProgram.Result {
    let settings = try settings()
    let isNetwork = Self.isNetwork(name)
    let switches = GitSwitches.fixed + settings.driversOff + (isNetwork ? [] : GitSwitches.withoutNetwork)
    // Attack: a credential helper, an ssh command or a prompt for passwords that is set as "./helper" is looked for
    // where git runs, and in a work tree that would be the request's. Where nothing relative is meant, nothing relative
    // is found.
    let place = isNetwork && !settings.hasRelativeRemote ? "/" : folder
    return try start(["--no-pager"] + arguments, name, in: place, GitSwitches.variables(switches), input)
  }

  private func settings() throws(CosignError) -> GitSettings {
    if let found = known.withLock({ $0 }) { return found }
    let words = gitDirectory.isEmpty ? [] : ["--git-dir=\(gitDirectory)"]
    let result = try start(
      words + ["config", "--list", "-z"], "config", in: folder, GitSwitches.variables(GitSwitches.fixed), [])
    guard result.status == 0 else { throw .git(operation: "read the settings", text: Self.shown(result.errors)) }
    let found = GitSettings(result.output)
    known.withLock { $0 = found }
    return found
  }

  private func start(
    _ arguments: [String], _ name: String?, in folder: String, _ variables: [String: String], _ input: [UInt8]
  ) throws(CosignError) -> ChildProgram.Result {
    let program = ChildProgram("git", environment: environment.merging(variables) { $1 })
    // A silent server would else look like a program that hangs.
    let note = tell.flatMap { tell in
      Self.isNetwork(name)
        ? Task.detached { [name] in
          do { try await Task.sleep(for: Self.patience) } catch { return }
          tell(
            """
            note: git \(name ?? "") goes on for 5 s: the server is slow or silent, or asks you something; \
            Ctrl-C stops it
            """)
        } : nil
    }
    defer { note?.cancel() }
    do throws(ChildProgram.Failure) {
      return try program.run(arguments, input: input, folder: folder)
    } catch {
      throw .git(operation: name ?? "run", text: printable(error.message, limit: 500))
    }
  }

  /// The same; a status other than 0 is an error.
  package func succeed(_ operation: String, _ arguments: [String], input: [UInt8] = []) throws(CosignError) -> [UInt8] {
    let result = try run(arguments, input: input)
    guard result.status == 0 else { throw .git(operation: operation, text: Self.shown(result.errors)) }
    return result.output
  }

  /// What git said, in lines that are safe to print. The server's words are in it.
  package static func shown(_ bytes: [UInt8]) -> String {
    bytes.split(separator: UInt8(ascii: "\n")).prefix(40).map { printable($0, limit: 300) }.joined(separator: "\n")
  }
}
