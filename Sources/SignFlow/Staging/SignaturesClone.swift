package import GitBridge
internal import Glibc
internal import Review

/// The clone of the signatures repository in which new signatures lie until they are staged.
package struct SignaturesClone {
  /// The folder.
  package let path: String
  /// The same as libgit2 has it.
  package let repository: Repository
  let git: GitRunner
  private let tell: @Sendable (String) -> Void

  /// - Parameter tell: Told what git says where it fails, safe to print: the server's words are in it.
  /// - Throws: `FlowError` when there is no clone at `path` itself: a parent's repository is not meant.
  package init(path: String, environment: [String: String], tell: @escaping @Sendable (String) -> Void = { _ in })
    throws(FlowError)
  {
    self.path = path
    self.tell = tell
    guard unsafe access(path + "/.git", F_OK) == 0 else {
      throw FlowError(
        .impossible, "\(printable(path)) is not a clone of the signatures repository",
        next: "git clone URL \(shellWord(path))")
    }
    repository = try Self.reading { () throws(GitError) in try Repository.open(path: path) }
    git = GitRunner(
      gitDirectory: repository.gitDirectory, folder: path, environment: environment, mayPrompt: true, tell: tell)
  }

  /// Clones where there is no clone yet.
  package static func clone(_ url: String, to path: String, environment: [String: String]) throws(FlowError) {
    guard unsafe access(path + "/.git", F_OK) != 0 else { return }
    let place = path.hasPrefix("/") ? path : currentFolder + "/" + path
    let result = try asFlow { () throws(CosignError) in
      try GitRunner(gitDirectory: "", folder: "/", environment: environment, mayPrompt: true).clone(url, to: place)
    }
    guard result.status == 0 else {
      throw FlowError(
        .tryAgain, "\(printable(url)) could not be cloned: \(GitRunner.shown(result.errors))",
        next: "git clone \(shellWord(url)) \(shellWord(path))")
    }
  }

  private static var currentFolder: String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    guard unsafe getcwd(&buffer, buffer.count) != nil else { return "" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Runs git in it; its status is the caller's to look at.
  @discardableResult
  package func run(_ arguments: String...) throws(FlowError) -> ChildProgram.Result { try run(arguments) }

  @discardableResult
  func run(_ arguments: [String]) throws(FlowError) -> ChildProgram.Result {
    let result = try Self.asFlow { () throws(CosignError) in
      GitRunner.isNetwork(arguments.first) ? try git.run(arguments) : try git.run(inWorkTree: path, arguments)
    }
    if result.status != 0, !result.errors.isEmpty { tell(GitRunner.shown(result.errors)) }
    return result
  }

  private static func asFlow<Value>(_ body: () throws(CosignError) -> Value) throws(FlowError) -> Value {
    do throws(CosignError) {
      return try body()
    } catch {
      throw FlowError(.impossible, error.message, next: error.next)
    }
  }

  /// Who commits here, `NAME <EMAIL> SECONDS ZONE`: as this clone's settings say or, for one that was just made, the
  /// distribution's own. Nil when git knows nobody.
  ///
  /// - Parameter path: The clone, if there is one yet.
  package static func committer(_ path: String, or root: String?, environment: [String: String]) throws(FlowError)
    -> String?
  {
    for folder in [path, root ?? ""] where unsafe access(folder + "/.git", F_OK) == 0 {
      let answer = try asFlow { () throws(CosignError) in
        try GitRunner(gitDirectory: "", folder: folder, environment: environment, mayPrompt: false)
          .run(inWorkTree: folder, ["var", "GIT_COMMITTER_IDENT"])
      }
      if answer.status == 0, !answer.line.isEmpty { return answer.line }
    }
    return nil
  }

  /// Fetches; false when the remote cannot be reached.
  package func fetch(_ remote: String) throws(FlowError) -> Bool {
    try run(
      "fetch", "--quiet", "--prune", "--no-tags", "--no-auto-maintenance", "--no-recurse-submodules", remote,
      "+refs/heads/*:refs/remotes/\(remote)/*"
    ).status == 0
  }

  /// Where a ref stands; nil where there is none.
  package func tip(_ ref: String) throws(FlowError) -> ObjectID? {
    try Self.reading { () throws(GitError) in try repository.resolve(ref: ref) }
  }

  /// The tree of a commit.
  package func tree(of commit: ObjectID) throws(FlowError) -> ObjectID {
    try Self.reading { () throws(GitError) in try repository.treeOfCommit(commit) }
  }

  /// The trees of everything on the remote in which a number of ours could already be taken.
  package func takenTrees(remote: String, release: String?, base: String) throws(FlowError) -> [ObjectID] {
    var trees: [ObjectID] = []
    for branch in [base] + (release.map { ["release/\($0)"] } ?? []) {
      if let tip = try tip("refs/remotes/\(remote)/\(branch)") { trees.append(try tree(of: tip)) }
    }
    return trees
  }

  /// Checks out `release/R`: the remote's, fast-forward only, the local one, or a new one from the remote's base.
  package func checkOut(release: String, remote: String, base: String) throws(FlowError) {
    let branch = "release/\(release)"
    let remoteTip = try tip("refs/remotes/\(remote)/\(branch)")
    if try tip("refs/heads/\(branch)") == nil {
      let startsAtBase = try tip("refs/remotes/\(remote)/\(base)") != nil
      let start =
        remoteTip != nil ? ["refs/remotes/\(remote)/\(branch)"] : startsAtBase ? ["refs/remotes/\(remote)/\(base)"] : []
      guard try run(["checkout", "--quiet", "--no-track", "-b", branch] + start).status == 0 else {
        throw FlowError(
          .impossible, "the branch \(branch) cannot be made in \(printable(path))",
          next: "git -C \(shellWord(path)) status")
      }
      return
    }
    if repository.headBranch() != "refs/heads/\(branch)" {
      guard try run("checkout", "--quiet", branch, "--").status == 0 else {
        throw FlowError(
          .impossible, "the branch \(branch) cannot be checked out in \(printable(path))",
          next: "git -C \(shellWord(path)) status")
      }
    }
    guard remoteTip != nil else { return }
    // Local commits of our own are staged on top of what is there; then there is nothing to forward to.
    _ = try run("merge", "--quiet", "--ff-only", "refs/remotes/\(remote)/\(branch)")
  }

  /// The release that the checked out branch is for.
  package var release: String? {
    repository.headBranch().flatMap {
      $0.hasPrefix("refs/heads/release/") ? String($0.dropFirst("refs/heads/release/".count)) : nil
    }
  }

  /// A release as StageX numbers them, `YYYY.MM.N`: it becomes part of a branch's name.
  package static func isRelease(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 3 && parts[0].utf8.count == 4 && parts[1].utf8.count == 2
      && (1...6).contains(parts[2].utf8.count)
      && parts.allSatisfy { $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }
  }

  /// Names a failure of git's as one of ours.
  package static func reading<Value>(_ body: () throws(GitError) -> Value) throws(FlowError) -> Value {
    do throws(GitError) {
      return try body()
    } catch {
      throw FlowError(.impossible, printable(error.message, limit: 500), next: error.next)
    }
  }
}
