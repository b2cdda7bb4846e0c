internal import GitBridge

/// The ids of the files that the rules of a tree are read from; nil for one that is not there.
struct RuleFileIDs: Hashable, Sendable {
  let list: ObjectID?
  let keys: ObjectID?
  let policy: ObjectID?
  // A link may have the id of the file that it replaced, and readers that follow it see something else.
  var listIsFile = true
  var policyIsFile = true

  /// Whether the ids alone tell all: rules are read from files only, and only such ids are remembered.
  var areFiles: Bool { listIsFile && policyIsFile }

  init(list: ObjectID?, keys: ObjectID?, policy: ObjectID?) {
    self.list = list
    self.keys = keys
    self.policy = policy
  }

  /// All of them lie at the top of the tree.
  init(tree: ObjectID, in repository: Repository) throws(GitError) {
    let entries = try repository.entries(tree: tree, named: [MaintainersFile.path, Registry.keysFolder, Policy.path])
    // Attack: a submodule that has the id of the folder whose place it takes. No certificate can be read from it.
    let keys = entries[1].flatMap { $0.mode == FileMode.folder ? $0.id : nil }
    self.init(list: entries[0]?.id, keys: keys, policy: entries[2]?.id)
    listIsFile = entries[0]?.isRegularFile ?? true
    policyIsFile = entries[2]?.isRegularFile ?? true
  }
}
