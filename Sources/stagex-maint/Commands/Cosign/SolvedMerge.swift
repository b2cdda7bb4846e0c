internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import Review
internal import SignFlow

/// A merge with conflicts, solved by hand in a work tree of its own.
///
/// What somebody decides in a merge is content, and one signature does not cover content. So the conflict is solved on
/// the pull request's side: the branch is merged into the request's head, signed, and pushed there, where another
/// maintainer reviews it and merges.
struct SolvedMerge {
  let console: Console
  let repository: Repository
  let git: GitRunner

  /// Leaves a work tree with the conflicts in it, or the one that is there with what the person has solved so far.
  func prepare(_ pull: PullRequestFacts, _ state: ReviewedState) throws -> String {
    let number = pull.number
    let folder = workTree(number)
    let isReady = try repository.resolve(ref: ref(number, "ready")) == state.head
    if isReady, try isMerging(folder, state.head, state.base) { return folder }
    if isReady, unsafe access(folder, F_OK) == 0 {
      throw Failure(
        message: "\(printable(folder)) is from an earlier merge of \(pull.name), or was committed there by hand",
        next: "git worktree remove --force \(shellWord(folder)), if nothing in it is wanted; then run this again",
        status: ExitCode(1))
    }
    // What is there without the last note was cut off before anybody was told of it.
    _ = try? git.run(["worktree", "remove", "--force", "--force", folder])
    _ = try git.succeed("look for old work trees", ["worktree", "prune"])
    try note("head", state.head, number)
    try note("base", state.base, number)
    _ = try git.succeed(
      "make a work tree", ["worktree", "add", "--quiet", "--force", "--detach", folder, state.head.hex])
    // The conflicts are what it is for: a status other than 0 is expected.
    _ = try git.run(inWorkTree: folder, ["merge", "--no-commit", "--no-ff", "--quiet", state.base.hex])
    guard try isMerging(folder, state.head, state.base) else {
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

  /// Whether the work tree is in the middle of exactly this merge. Were it not, its index would be signed as a merge that
  /// silently drops one side.
  private func isMerging(_ folder: String, _ head: ObjectID, _ base: ObjectID) throws -> Bool {
    guard unsafe access(folder, F_OK) == 0 else { return false }
    let now = try ["HEAD", "MERGE_HEAD"].map { name in
      try git.run(inWorkTree: folder, ["rev-parse", "--verify", "--quiet", name]).output
    }
    return now == [head, base].map { Array("\($0.hex)\n".utf8) }
  }

  /// The pull request whose conflicts are being solved.
  func number() throws -> Int {
    let prefix = Array("refs/stagex-maint/solving/".utf8)
    let numbers = try repository.references().filter { $0.name.starts(with: prefix) }
      .compactMap {
        Int(String(decoding: $0.name.dropFirst(prefix.count).prefix { $0 != UInt8(ascii: "/") }, as: UTF8.self))
      }
    guard let first = numbers.first, Set(numbers).count == 1 else {
      throw Failure.usage(
        numbers.isEmpty ? "no merge is being solved here" : "several merges are being solved here",
        next: numbers.isEmpty ? "stagex-maint cosign PR-N --merge" : "name it: stagex-maint cosign PR-N --continue")
    }
    return first
  }

  /// What is being merged, and the tree that the person has put into the index of the work tree.
  func solved(_ number: Int) throws -> (head: ObjectID, base: ObjectID, tree: ObjectID) {
    guard let head = try repository.resolve(ref: ref(number, "head")),
      let base = try repository.resolve(ref: ref(number, "base"))
    else {
      throw Failure.usage(
        "no merge of PR-\(number) is being solved here", next: "stagex-maint cosign PR-\(number) --merge")
    }
    let folder = workTree(number)
    guard try isMerging(folder, head, base) else {
      throw Failure(
        message: "\(printable(folder)) is no longer in the middle of the merge that it was made for",
        next: "git worktree remove --force \(shellWord(folder)); then: stagex-maint cosign PR-\(number) --merge",
        status: ExitCode(1))
    }
    let result = try git.run(inWorkTree: folder, ["write-tree"])
    guard result.status == 0, let tree = ObjectID(hex: result.output.prefix { $0 != UInt8(ascii: "\n") }) else {
      throw Failure(
        message: "there still are conflicts in \(printable(folder))",
        next: "solve them there and git add them, then: stagex-maint cosign --continue",
        status: ExitCode(1))
    }
    return (head, base, tree)
  }

  /// Takes work tree and notes away, once the merge is on the server.
  func tidy(_ number: Int) {
    _ = try? git.run(["worktree", "remove", "--force", workTree(number)])
    for name in ["ready", "head", "base"] { _ = try? git.run(["update-ref", "-d", ref(number, name)]) }
  }

  private func ref(_ number: Int, _ name: String) -> String { "refs/stagex-maint/solving/\(number)/\(name)" }
  private func workTree(_ number: Int) -> String {
    (repository.workTree ?? repository.commonDirectory) + "-cosign-\(number)"
  }
}
