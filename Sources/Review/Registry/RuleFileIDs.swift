internal import GitBridge

/// The ids of the files that the rules of a tree are read from; nil for one that is not there.
struct RuleFileIDs: Hashable, Sendable {
  let list: ObjectID?
  let keys: ObjectID?
  let policy: ObjectID?
  // A link may have the id of the file that it replaced, and readers that follow it see something else.
  // Rules are read from files only, so what is remembered is always a file.
  var listIsFile = true
  var policyIsFile = true

  init(list: ObjectID?, keys: ObjectID?, policy: ObjectID?) {
    self.list = list
    self.keys = keys
    self.policy = policy
  }

  /// All of them lie at the top of the tree.
  init(tree: ObjectID, in repository: Repository) throws(GitError) {
    let entries = try repository.entries(tree: tree, named: [MaintainersFile.path, Registry.keysFolder, Policy.path])
    self.init(list: entries[0]?.id, keys: entries[1]?.id, policy: entries[2]?.id)
    listIsFile = entries[0]?.isRegularFile ?? true
    policyIsFile = entries[2]?.isRegularFile ?? true
  }
}
