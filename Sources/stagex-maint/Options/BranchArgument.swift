internal import ArgumentParser
internal import GitBridge
internal import Review

/// A branch as people name it.
enum BranchArgument {
  /// The full ref name to show in verdicts, and the commit.
  static func resolve(_ name: String?, in repository: Repository) throws -> (ref: String, tip: ObjectID) {
    guard let name else {
      guard let head = repository.headBranch() else {
        throw Failure.usage("HEAD is on no branch", next: "name the branch, such as: stagex-maint audit main")
      }
      return (head, try Session.resolve(head, in: repository))
    }
    for ref in [name, "refs/heads/" + name] where ref.hasPrefix("refs/") && repository.mayBeRef(ref) {
      if let tip = try repository.resolve(ref: ref) { return (ref, tip) }
    }
    // In a fresh clone a branch is only where the remote has it.
    let remote = repository.config("maint.remote") ?? "origin"
    if (try? repository.resolve(revision: name)) == nil, repository.mayBeRef("refs/remotes/\(remote)/\(name)"),
      let tip = try repository.resolve(ref: "refs/remotes/\(remote)/\(name)")
    {
      return ("refs/heads/" + name, tip)
    }
    let tip = try Session.resolve(name, in: repository)
    // A remote-tracking branch is judged as the branch that it follows.
    if let slash = name.firstIndex(of: "/"), repository.mayBeRef("refs/remotes/" + name),
      try repository.resolve(ref: "refs/remotes/" + name) != nil
    {
      return ("refs/heads/" + name[name.index(after: slash)...], tip)
    }
    return (repository.headBranch() ?? "HEAD", tip)
  }
}
