/// Merges three trees where there is only one possible result: the sides touch different paths, and neither both
/// removes and adds files, so that nothing can have been renamed.
///
/// Where that is not so, it says that it cannot tell, as early as it sees it.
struct TreeMerge {
  enum Result: Equatable {
    case tree(ObjectID)
    /// Only git can say.
    case unclear
    /// Neither: no program may be asked what becomes of such a tree.
    case malformed(TreeDefect)
  }

  private enum Side { case ours, theirs }

  /// Folders that were merged, or compared, before: the answer is in them alone.
  private struct Triple: Hashable { let base, ours, theirs: ObjectID? }
  private struct Pair: Hashable {
    let old, new: ObjectID?
    let side: Side
  }

  private let repository: Repository
  private let store: MergeStore
  private let deadline: ContinuousClock.Instant
  /// What keeps us from an answer, as soon as there is something.
  private var obstacle: Result?
  private var adds: Set<Side> = []
  private var removes: Set<Side> = []
  /// Attack: a few small trees that contain each other many times. Each is merged once.
  private var merged: [Triple: ObjectID?] = [:]
  private var compared: Set<Pair> = []

  static func merge(
    base: ObjectID, ours: ObjectID, theirs: ObjectID, _ repository: Repository, _ store: MergeStore,
    until deadline: ContinuousClock.Instant
  ) throws(GitError) -> Result {
    var merge = TreeMerge(repository, store, deadline)
    let tree = try merge.folder(base, ours, theirs, depth: 0)
    if let obstacle = merge.obstacle { return obstacle }
    if let tree { return .tree(tree) }
    return .tree(try store.write(.tree, []))
  }

  private init(_ repository: Repository, _ store: MergeStore, _ deadline: ContinuousClock.Instant) {
    self.repository = repository
    self.store = store
    self.deadline = deadline
  }

  /// The merged folder; nil when nothing is left in it. Nil for a folder that is not there.
  private mutating func folder(
    _ base: ObjectID?, _ ours: ObjectID?, _ theirs: ObjectID?, depth: Int
  ) throws(GitError) -> ObjectID? {
    let triple = Triple(base: base, ours: ours, theirs: theirs)
    if let known = merged[triple] { return known }
    try check(base ?? ours ?? theirs ?? .zero, depth)
    let result = try unsafe repository.withTree(base) { baseBytes throws(GitError) in
      try unsafe repository.withTree(ours) { ourBytes throws(GitError) in
        try unsafe repository.withTree(theirs) { theirBytes throws(GitError) in
          var sides = unsafe (
            TreeSide(baseBytes, base, repository), TreeSide(ourBytes, ours, repository),
            TreeSide(theirBytes, theirs, repository)
          )
          var bytes: [UInt8] = []
          try walk(&sides.0, &sides.1, &sides.2, &bytes, depth)
          unsafe finish(sides.0, base, baseBytes)
          unsafe finish(sides.1, ours, ourBytes)
          unsafe finish(sides.2, theirs, theirBytes)
          return try write(bytes)
        }
      }
    }
    merged[triple] = .some(result)
    return result
  }

  private func check(_ tree: ObjectID, _ depth: Int) throws(GitError) {
    guard depth <= Repository.deepestFolder else {
      throw .limit(tree, reason: "folders nested deeper than \(Repository.deepestFolder)")
    }
    if (merged.count + compared.count) % 256 == 255, ContinuousClock.now > deadline {
      throw .outOfTime("merging again")
    }
  }

  private mutating func finish(_ side: TreeSide, _ tree: ObjectID?, _ bytes: UnsafeRawBufferPointer) {
    if let defect = side.defect {
      obstacle = .malformed(defect)
    } else if obstacle == nil {
      unsafe repository.remember(tree, bytes)
    }
  }

  private mutating func write(_ bytes: [UInt8]) throws(GitError) -> ObjectID? {
    guard obstacle == nil, !bytes.isEmpty else { return nil }
    // Attack: a file from one side and a folder of the same name from the other, with a name between them.
    let defect = unsafe bytes.withUnsafeBytes { bytes in
      var reader = unsafe TreeReader(bytes)
      while reader.advance() {}
      return reader.defect
    }
    guard defect == nil else {
      obstacle = .unclear
      return nil
    }
    return try store.write(.tree, bytes)
  }

  private mutating func walk(
    _ base: inout TreeSide, _ ours: inout TreeSide, _ theirs: inout TreeSide, _ bytes: inout [UInt8], _ depth: Int
  ) throws(GitError) {
    while obstacle == nil, base.hasEntry || ours.hasEntry || theirs.hasEntry {
      let ourOrder = TreeSide.order(base, ours)
      let first = ourOrder <= 0 ? base : ours
      let order = TreeSide.order(first, theirs)
      let isBase = ourOrder <= 0 && order <= 0
      let isOurs = ourOrder >= 0 && order <= 0
      let isTheirs = order >= 0
      try take(
        isBase ? base.reader : nil, isOurs ? ours.reader : nil, isTheirs ? theirs.reader : nil, &bytes, depth)
      if isBase { base.step() }
      if isOurs { ours.step() }
      if isTheirs { theirs.step() }
    }
  }

  /// Takes in what one name is on each side; a folder's and a file's name are two.
  private mutating func take(
    _ base: TreeReader?, _ ours: TreeReader?, _ theirs: TreeReader?, _ bytes: inout [UInt8], _ depth: Int
  ) throws(GitError) {
    guard isPlain(base), isPlain(ours), isPlain(theirs) else {
      obstacle = .unclear
      return
    }
    let result: TreeReader?
    if Self.same(base, ours) {
      result = theirs
      if !Self.same(base, theirs) { try note(base, theirs, by: .theirs, depth) }
    } else if Self.same(base, theirs) {
      result = ours
      try note(base, ours, by: .ours, depth)
    } else if let named = base ?? ours ?? theirs, named.isFolder, !Self.same(ours, theirs) {
      if let merged = try folder(base?.id, ours?.id, theirs?.id, depth: depth + 1) {
        unsafe bytes.appendTreeEntry(mode: FileMode.folder, name: named.nameBytes, id: merged)
      }
      return
    } else {
      obstacle = .unclear
      return
    }
    if let result { unsafe bytes.appendTreeEntry(mode: result.mode, name: result.nameBytes, id: result.id) }
  }

  private static func same(_ a: TreeReader?, _ b: TreeReader?) -> Bool { a?.id == b?.id && a?.mode == b?.mode }

  /// Whether git would write this entry as it stands: it rewrites the modes of 2005, and leaves out empty folders.
  private func isPlain(_ entry: TreeReader?) -> Bool {
    guard let entry else { return true }
    return entry.mode != FileMode.groupWritable && !(entry.isFolder && entry.id == Self.emptyTree)
  }

  private static let emptyTree = ObjectID(hexString: "4b825dc642cb6eb9a060e54bf8d69288fbee4904") ?? .zero

  /// Takes down whether a side adds files, and whether it removes some: with both, something may have been renamed.
  private mutating func note(
    _ old: TreeReader?, _ new: TreeReader?, by side: Side, _ depth: Int
  ) throws(GitError) {
    if old?.isFolder ?? new?.isFolder == true { return try difference(old?.id, new?.id, by: side, depth: depth + 1) }
    if old == nil { adds.insert(side) }
    if new == nil { removes.insert(side) }
    if adds.contains(side), removes.contains(side) { obstacle = .unclear }
  }

  /// Goes through a folder that one side alone has changed. Nothing in it is taken apart; all that differs is looked
  /// at.
  private mutating func difference(
    _ old: ObjectID?, _ new: ObjectID?, by side: Side, depth: Int
  ) throws(GitError) {
    guard compared.insert(Pair(old: old, new: new, side: side)).inserted else { return }
    try check(old ?? new ?? .zero, depth)
    try unsafe repository.withTree(old) { oldBytes throws(GitError) in
      try unsafe repository.withTree(new) { newBytes throws(GitError) in
        var left = unsafe TreeSide(oldBytes, old, repository)
        var right = unsafe TreeSide(newBytes, new, repository)
        while obstacle == nil, left.hasEntry || right.hasEntry {
          let order = TreeSide.order(left, right)
          let (was, becomes) = (order <= 0 ? left.reader : nil, order >= 0 ? right.reader : nil)
          guard isPlain(was), isPlain(becomes) else {
            obstacle = .unclear
            return
          }
          if !Self.same(was, becomes) { try note(was, becomes, by: side, depth) }
          if order <= 0 { left.step() }
          if order >= 0 { right.step() }
        }
        unsafe finish(left, old, oldBytes)
        unsafe finish(right, new, newBytes)
      }
    }
  }
}
