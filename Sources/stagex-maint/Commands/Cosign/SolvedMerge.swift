internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import Review
internal import SignFlow

/// A merge with conflicts, solved by hand in a work tree of its own.
///
/// What somebody decides in a merge is content, and one signature does not cover content. So the solved merge is signed
/// and pushed to the request's head, where another maintainer reviews it and merges. The work tree is the base's, into
/// which the request is merged: the base is the first parent, and the merge endorses what the request brings and
/// nothing else.
struct SolvedMerge {
  let console: Console
  let repository: Repository
  let git: GitRunner

  /// Leaves a work tree with the conflicts in it, or the one that is there with what the person has solved so far.
  func prepare(_ pull: PullRequestFacts, _ state: ReviewedState) throws -> String {
    let number = pull.number
    let folder = workTree(number)
    let isReady = try repository.resolve(ref: ref(number, "ready")) == state.head
    if isReady, try repository.resolve(ref: ref(number, "base")) == state.base, unsafe access(folder, F_OK) == 0 {
      guard try standing(folder, state) != nil else { throw left(folder, number, state) }
      return folder
    }
    if try repository.resolve(ref: ref(number, "ready")) != nil, unsafe access(folder, F_OK) == 0 {
      throw Failure(
        message:
          """
          \(printable(folder)) is of another merge of \(pull.name): \
          its head or \(printable(pull.base)) has moved since, or it was left
          """,
        next: "\(moveAway(number)); then run this again", status: ExitCode(1))
    }
    // What is there without the last note was cut off before anybody was told of it.
    _ = try? git.run(["worktree", "remove", "--force", "--force", folder])
    _ = try git.succeed("look for old work trees", ["worktree", "prune"])
    try note("head", state.head, number)
    try note("base", state.base, number)
    _ = try git.succeed(
      "make a work tree", ["worktree", "add", "--quiet", "--force", "--detach", folder, state.base.hex])
    // The conflicts are what it is for: a status other than 0 is expected.
    _ = try git.run(inWorkTree: folder, ["merge", "--no-commit", "--no-ff", "--quiet", state.head.hex])
    guard try standing(folder, state) != nil else {
      throw Failure(
        message: "git did not begin the merge in \(printable(folder))", next: "git -C \(shellWord(folder)) status",
        status: ExitCode(2))
    }
    try note("ready", state.head, number)
    return folder
  }

  private func note(_ name: String, _ id: ObjectID, _ number: Int) throws {
    _ = try git.succeed("note the merge", ["update-ref", ref(number, name), id.hex])
  }

  private enum Standing {
    case merging
    /// The person has committed the solved merge there.
    case committed(ObjectID)
  }

  /// Whether the work tree is in the middle of exactly this merge, or holds it as a commit; nil for anything else. Were
  /// it not, its index would be signed as a merge that silently drops one side.
  private func standing(_ folder: String, _ state: ReviewedState) throws -> Standing? {
    guard unsafe access(folder, F_OK) == 0 else { return nil }
    let now = try ["HEAD", "MERGE_HEAD"].map { name in
      try ObjectID(
        hex: git.run(inWorkTree: folder, ["rev-parse", "--verify", "--quiet", name]).output.prefix {
          $0 != UInt8(ascii: "\n")
        })
    }
    if now == [state.base, state.head] { return .merging }
    guard now[1] == nil, let head = now[0], try repository.kind(of: head) == .commit,
      try repository.readCommit(head).commit.parents == [state.base, state.head]
    else { return nil }
    return .committed(head)
  }

  /// The pull request whose conflicts are being solved: that of the work tree we are in, or the only one.
  func number() throws -> Int {
    let prefix = Array("refs/stagex-maint/solving/".utf8)
    let found = try repository.references().filter { $0.name.starts(with: prefix) }
      .compactMap {
        Int(String(decoding: $0.name.dropFirst(prefix.count).prefix { $0 != UInt8(ascii: "/") }, as: UTF8.self))
      }
    let numbers = Set(found)
    if let here = numbers.first(where: { isHere($0) }) { return here }
    guard let first = numbers.first, numbers.count == 1 else {
      throw Failure.usage(
        numbers.isEmpty ? "no merge is being solved here" : "several merges are being solved here",
        next: numbers.isEmpty ? "stagex-maint cosign PR-N --merge" : "name it: stagex-maint cosign PR-N --continue")
    }
    return first
  }

  /// The tree that the person has put into the index of the work tree, or committed there.
  func solved(_ number: Int, _ state: ReviewedState) throws -> ObjectID {
    guard let head = try repository.resolve(ref: ref(number, "head")),
      let base = try repository.resolve(ref: ref(number, "base"))
    else {
      throw Failure.usage(
        "no merge of PR-\(number) is being solved here", next: "stagex-maint cosign PR-\(number) --merge")
    }
    // Solved for another head or base, it would bring back what has changed since.
    guard head == state.head else { throw CosignError.headChanged(from: head, to: state.head) }
    guard base == state.base else { throw CosignError.baseMoved(from: base, to: state.base) }
    let folder = workTree(number)
    switch try standing(folder, state) {
    case .committed(let made)?: return try repository.treeOfCommit(made)
    case .merging?: break
    case nil:
      guard unsafe access(folder, F_OK) == 0 else {
        throw Failure(
          message: "the work tree \(printable(folder)) is gone",
          next: "stagex-maint cosign PR-\(number) --merge makes it anew",
          status: ExitCode(1))
      }
      throw left(folder, number, state)
    }
    let result = try git.run(inWorkTree: folder, ["write-tree"])
    guard result.status == 0, let tree = ObjectID(hex: result.output.prefix { $0 != UInt8(ascii: "\n") }) else {
      throw Failure(
        message: "there still are conflicts in \(printable(folder))",
        next: "solve them there and git add them, then: stagex-maint cosign --continue",
        status: ExitCode(1))
    }
    return tree
  }

  /// Takes work tree and notes away, once the merge is on the server. The folder that the person is in stays.
  func tidy(_ number: Int) {
    if isHere(number) {
      console.out("done with this work tree: git -C \(shellWord(main)) worktree remove \(shellWord(workTree(number)))")
    } else {
      _ = try? git.run(["worktree", "remove", "--force", workTree(number)])
    }
    for name in ["ready", "head", "base"] { _ = try? git.run(["update-ref", "-d", ref(number, name)]) }
  }

  private func left(_ folder: String, _ number: Int, _ state: ReviewedState) -> Failure {
    Failure(
      message: "\(printable(folder)) is no longer in the middle of the merge that it was made for",
      next:
        """
        begin it again there: git -C \(shellWord(folder)) checkout --detach \(state.base.hex) \
        && git -C \(shellWord(folder)) merge --no-commit --no-ff \(state.head.hex); \
        or \(moveAway(number)), and stagex-maint cosign PR-\(number) --merge
        """,
      status: ExitCode(1))
  }

  private func moveAway(_ number: Int) -> String {
    let folder = workTree(number)
    return
      "keep what is in it: git -C \(shellWord(main)) worktree move \(shellWord(folder)) \(shellWord(folder + "-old"))"
  }

  private func ref(_ number: Int, _ name: String) -> String { "refs/stagex-maint/solving/\(number)/\(name)" }

  private func isHere(_ number: Int) -> Bool {
    guard let here = repository.workTree else { return false }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    guard unsafe realpath(workTree(number), &buffer) != nil else { return false }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) == here
  }

  /// The folder of the repository itself, whichever of its work trees we are in.
  private var main: String {
    let common = repository.commonDirectory
    return common.hasSuffix("/.git")
      ? String(common.dropLast(5)) : repository.gitDirectory == common ? repository.workTree ?? common : common
  }

  private func workTree(_ number: Int) -> String { "\(main)-cosign-\(number)" }
}
