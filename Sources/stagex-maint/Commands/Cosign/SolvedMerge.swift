internal import ArgumentParser
internal import GitBridge
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

  /// Leaves a work tree with the conflicts in it.
  func prepare(_ pull: PullRequestFacts, _ state: ReviewedState) throws -> String {
    let folder = workTree(pull.number)
    // Noted first: a run that is cut off between the two finds the note and makes the work tree anew.
    _ = try git.succeed(
      "note the merge", ["update-ref", "--stdin"],
      input: Array(
        "update \(ref(pull.number, "head")) \(state.head.hex)\nupdate \(ref(pull.number, "base")) \(state.base.hex)\n"
          .utf8))
    _ = try git.succeed(
      "make a work tree", ["worktree", "add", "--quiet", "--force", "--detach", folder, state.head.hex])
    // The conflicts are what it is for: a status other than 0 is expected.
    _ = try? git.program.run(["-C", folder, "merge", "--no-commit", "--no-ff", "--quiet", state.base.hex])
    return folder
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
    let result = try git.program.run(["-C", folder, "write-tree"])
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
    for name in ["head", "base"] { _ = try? git.run(["update-ref", "-d", ref(number, name)]) }
  }

  private func ref(_ number: Int, _ name: String) -> String { "refs/stagex-maint/solving/\(number)/\(name)" }
  private func workTree(_ number: Int) -> String {
    (repository.workTree ?? repository.commonDirectory) + "-cosign-\(number)"
  }
}
