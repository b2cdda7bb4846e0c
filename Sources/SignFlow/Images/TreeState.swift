package import GitBridge
internal import Review

/// What a work tree stands on, to be held against what it stands on after a build: HEAD, the branch, the index, the
/// files.
///
/// Attack: a step inside `make digests` commits other digests, or hides that it changed them.
package struct TreeState: Equatable {
  /// What is checked out.
  package let head: ObjectID
  /// Its short name; nil on a detached head.
  package let branch: String?
  /// `git status` lines, safe to print, and what is hidden from git status.
  package let changes: [String]

  /// - Parameter repository: Opened anew: what an older handle remembers of HEAD proves nothing.
  package init(_ repository: Repository, root: String, git: GitRunner) throws(FlowError) {
    (head, branch) = try reading { () throws(GitError) in
      (try repository.resolve(revision: "HEAD"), repository.headBranch())
    }
    // Named, for a `core.worktree` in the settings would have another folder looked at.
    func run(_ words: String...) throws(FlowError) -> [UInt8] {
      do throws(CosignError) {
        let result = try git.run(
          inWorkTree: root, ["--git-dir=\(repository.gitDirectory)", "--work-tree=\(root)"] + words)
        guard result.status == 0 else {
          throw .git(operation: words[0], text: GitRunner.shown(result.errors))
        }
        return result.output
      } catch {
        throw FlowError(.impossible, error.message, next: "git status")
      }
    }
    let status = try run(
      "status", "--porcelain=v1", "-z", "--untracked-files=no", "--ignore-submodules=none", "--no-renames")
    var changes = status.split(separator: 0).map { printable($0) }
    // Marked as unchanged, a file is not looked at.
    for entry in try run("ls-files", "-v", "-z").split(separator: 0) {
      guard let tag = entry.first, tag != UInt8(ascii: "H"), tag != UInt8(ascii: "M") else { continue }
      changes.append(
        """
        \(printable([tag])) \(printable(entry.dropFirst(2))) (hidden from git status: assume-unchanged or skip-worktree)
        """)
    }
    self.changes = changes
  }

  /// Demands that nothing is changed: somebody else could not build what is signed then.
  package func demandClean() throws(FlowError) {
    guard !changes.isEmpty else { return }
    let digests = changes.contains { $0.dropFirst(3).hasPrefix("digests/") }
    throw FlowError(
      .refused,
      (digests
        ? "what was built here has other digests than the committed lists: you did not reproduce these images"
        : "the work tree has uncommitted changes") + ":\n"
        + changes.prefix(10).map { "  \($0)" }.joined(separator: "\n"),
      next: digests ? "git diff HEAD -- digests" : "git status")
  }

  /// Demands that the build has moved nothing.
  package func demandSame(after now: TreeState) throws(FlowError) {
    func moved(_ what: String) -> FlowError {
      FlowError(
        .refused, "while it was built, \(what); nothing was signed",
        next: "git reflog, and look what in the build does that before you build again")
    }
    guard now.head == head else { throw moved("HEAD went from \(head.short) to \(now.head.short)") }
    guard now.branch == branch else {
      throw moved("the branch was changed from \(printable(branch ?? "none")) to \(printable(now.branch ?? "none"))")
    }
    try now.demandClean()
  }
}
