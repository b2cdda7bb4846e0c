/// What is left of three trees when everything is taken out that is the same in all of them.
///
/// libgit2 opens every folder and looks at every file of the trees that it merges; most are the same on all sides, and
/// then take no part in the merge nor in the search for renames. Without them a merge costs what was changed, not what
/// the distribution holds.
struct PrunedTrees {
  /// The trees to be merged instead; written to the merge store.
  private(set) var base = ObjectID.zero
  private(set) var ours = ObjectID.zero
  private(set) var theirs = ObjectID.zero
  /// What was taken out: files, and folders as a whole.
  private(set) var kept: [TreeEntry] = []

  /// Where libgit2 would go on and we stop: files that both sides added with different modes, as git does, and files
  /// too long to be merged line by line.
  private(set) var conflicts: [[UInt8]] = []

  private let repository: Repository
  private let store: MergeStore
  /// How many files libgit2 may be made to look at; see ``Repository/mostPaths``.
  private var budget: Int
  private var folder: [UInt8] = []

  init(
    base: ObjectID, ours: ObjectID, theirs: ObjectID, repository: Repository, store: MergeStore
  ) throws(GitError) {
    self.repository = repository
    self.store = store
    budget = repository.mostPaths
    let pruned = try prune(base, ours, theirs, depth: 0)
    self.base = try top(pruned.base)
    self.ours = try top(pruned.ours)
    self.theirs = try top(pruned.theirs)
  }

  /// The three versions of one folder; nil for one that is left empty.
  private typealias Folder = (base: ObjectID?, ours: ObjectID?, theirs: ObjectID?)

  private mutating func prune(
    _ base: ObjectID, _ ours: ObjectID, _ theirs: ObjectID, depth: Int
  ) throws(GitError) -> Folder {
    guard depth <= Repository.deepestFolder else {
      throw .limit(ours, reason: "folders nested deeper than \(Repository.deepestFolder)")
    }
    return try unsafe repository.withTree(base) { baseBytes throws(GitError) in
      try unsafe repository.withTree(ours) { ourBytes throws(GitError) in
        try unsafe repository.withTree(theirs) { theirBytes throws(GitError) in
          var sides = [
            try unsafe PrunedSide(baseBytes, base, repository), try unsafe PrunedSide(ourBytes, ours, repository),
            try unsafe PrunedSide(theirBytes, theirs, repository),
          ]
          while let present = PrunedTrees.next(in: sides) {
            try take(present, &sides, depth)
            for side in present { try sides[side].step() }
          }
          unsafe repository.remember(base, baseBytes)
          unsafe repository.remember(ours, ourBytes)
          unsafe repository.remember(theirs, theirBytes)
          return (try write(sides[0]), try write(sides[1]), try write(sides[2]))
        }
      }
    }
  }

  /// The sides that have the next name, a folder's and a file's name being two; nil when no entry is left.
  private static func next(in sides: [PrunedSide]) -> [Int]? {
    var present: [Int] = []
    for side in sides.indices where sides[side].hasEntry {
      guard let first = present.first else {
        present = [side]
        continue
      }
      let order = sides[side].reader.compareName(with: sides[first].reader)
      if order < 0 { present = [side] }
      if order == 0 { present.append(side) }
    }
    return present.isEmpty ? nil : present
  }

  private mutating func take(_ present: [Int], _ sides: inout [PrunedSide], _ depth: Int) throws(GitError) {
    let reader = sides[present[0]].reader
    let length = folder.count
    defer { folder.removeSubrange(length...) }
    unsafe folder.append(contentsOf: reader.nameBytes)
    if present.count == sides.count {
      if sides.allSatisfy({ $0.reader.id == reader.id && $0.reader.mode == reader.mode }) {
        kept.append(TreeEntry(mode: reader.mode, name: folder, id: reader.id))
        return
      }
      if reader.isFolder {
        folder.append(UInt8(ascii: "/"))
        let pruned = try prune(sides[0].reader.id, sides[1].reader.id, sides[2].reader.id, depth: depth + 1)
        sides[0].add(pruned.base)
        sides[1].add(pruned.ours)
        sides[2].add(pruned.theirs)
        return
      }
    }
    if try isBeyondMeasure(present, sides) {
      // Left out of all three sides: libgit2 would merge it line by line, whatever we say of it.
      conflicts.append(folder)
      return
    }
    // Added on both sides with different modes: libgit2 takes one of them.
    if present == [1, 2], sides[1].reader.mode != sides[2].reader.mode { conflicts.append(folder) }
    for side in present {
      try charge(sides[side].reader, depth)
      sides[side].add(sides[side].reader.id)
    }
  }

  /// Attack: three files that inflate to gigabytes, to be held in memory together and merged line by line.
  private func isBeyondMeasure(_ present: [Int], _ sides: [PrunedSide]) throws(GitError) -> Bool {
    let (base, ours, theirs) = (sides[0].reader, sides[1].reader, sides[2].reader)
    guard present == [0, 1, 2], base.id != ours.id, base.id != theirs.id, ours.id != theirs.id else { return false }
    for reader in [base, ours, theirs] where reader.mode != FileMode.gitlink {
      if try repository.size(of: reader.id) ?? 0 > PrunedTrees.longestFile { return true }
    }
    return false
  }

  /// In bytes, of a file that both sides changed.
  private static let longestFile = 64 << 20

  /// Attack: a few small trees that contain each other many times, which libgit2 would expand to billions of files.
  private mutating func charge(_ entry: TreeReader, _ depth: Int) throws(GitError) {
    budget -= entry.isFolder ? try repository.fileCount(entry.id, depth: depth + 1) : 1
    guard budget >= 0 else {
      throw .limit(entry.id, reason: "more than \(repository.mostPaths) files to merge")
    }
  }

  private func top(_ tree: ObjectID?) throws(GitError) -> ObjectID {
    if let tree { return tree }
    return try store.write(.tree, [])
  }

  private func write(_ side: PrunedSide) throws(GitError) -> ObjectID? {
    side.bytes.isEmpty ? nil : try store.write(.tree, side.bytes)
  }
}

/// One of the three trees, at one of its entries, and what is kept of it to be merged.
private struct PrunedSide {
  private(set) var reader: TreeReader
  private(set) var hasEntry = false
  private(set) var bytes: [UInt8] = []
  private let tree: ObjectID

  init(_ bytes: UnsafeRawBufferPointer, _ tree: ObjectID, _ repository: Repository) throws(GitError) {
    unsafe reader = TreeReader(bytes, isKnown: repository.knownTrees[tree] != nil)
    self.tree = tree
    try step()
  }

  mutating func step() throws(GitError) { hasEntry = try reader.next(in: tree) }

  /// Adds the current entry with another id; nothing when there is none.
  mutating func add(_ id: ObjectID?) {
    guard let id else { return }
    unsafe bytes.appendTreeEntry(mode: reader.mode, name: reader.nameBytes, id: id)
  }
}

extension Repository {
  /// How many files a tree holds in all its folders, at most one more than ``mostPaths``.
  func fileCount(_ tree: ObjectID, depth: Int) throws(GitError) -> Int {
    if let known = fileCounts[tree] { return known }
    guard depth <= Repository.deepestFolder else {
      throw .limit(tree, reason: "folders nested deeper than \(Repository.deepestFolder)")
    }
    let count = try unsafe withTree(tree) { bytes throws(GitError) in
      var reader = unsafe TreeReader(bytes)
      var count = 0
      while try reader.next(in: tree) {
        count += reader.isFolder ? try fileCount(reader.id, depth: depth + 1) : 1
        count = min(count, mostPaths + 1)
      }
      return count
    }
    if fileCounts.count >= Repository.mostFileCounts { fileCounts.removeAll(keepingCapacity: true) }
    fileCounts[tree] = count
    return count
  }

  private static let mostFileCounts = 100_000
}
