internal import GitBridge

/// Puts the trees of two branches together, entry by entry, without looking into files: in a repository where files are
/// only added nothing else is needed, and nobody's signature is ever merged with another's.
struct TreeUnion {
  /// A path that the two branches hold differently, where nobody but a person can say which of them it should be.
  struct Conflict {
    let path: [UInt8]
    /// What the second branch holds there; nil for nothing.
    let theirs: TreeEntry?
  }

  private let repository: Repository
  private(set) var conflicts: [Conflict] = []

  init(_ repository: Repository) { self.repository = repository }

  /// The tree with everything that either branch holds. At a conflict it has what `ours` holds.
  ///
  /// - Parameter base: The tree of the commit that both stem from; nil when there is none, or more than one: then what
  ///   one of them lacks counts as added by the other.
  mutating func unite(_ ours: ObjectID?, _ theirs: ObjectID?, base: ObjectID?) throws(GitError) -> ObjectID {
    try unite(ours, theirs, base, below: [])
  }

  private mutating func unite(
    _ ours: ObjectID?, _ theirs: ObjectID?, _ base: ObjectID?, below folder: [UInt8]
  ) throws(GitError) -> ObjectID {
    let (ourNames, theirNames, baseNames) = (try entries(ours), try entries(theirs), try entries(base))
    var united: [TreeEntry] = []
    for name in Set(ourNames.keys).union(theirNames.keys) {
      let (our, their, old) = (ourNames[name], theirNames[name], baseNames[name])
      if our == their || their == old {
        if let our { united.append(our) }
      } else if our == old {
        if let their { united.append(their) }
      } else if Self.isFolder(our), Self.isFolder(their) {
        let id = try unite(our?.id, their?.id, Self.isFolder(old) ? old?.id : nil, below: folder + name + [UInt8(ascii: "/")])
        united.append(TreeEntry(mode: FileMode.folder, name: name, id: id))
      } else {
        conflicts.append(Conflict(path: folder + name, theirs: their))
        if let our { united.append(our) }
      }
    }
    return try repository.writeTree(united)
  }

  private static func isFolder(_ entry: TreeEntry?) -> Bool { entry?.mode == FileMode.folder }

  private func entries(_ tree: ObjectID?) throws(GitError) -> [[UInt8]: TreeEntry] {
    guard let tree else { return [:] }
    return Dictionary(try repository.tree(tree).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }
}
