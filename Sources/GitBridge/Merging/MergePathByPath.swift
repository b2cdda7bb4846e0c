/// The quick answer about a merge: the same entries of four folders side by side, and nothing else.
///
/// It answers only where no two implementations of merging could differ: each path is touched by one side at most (or
/// by both alike), and neither side both takes away and adds, so that there is no rename to be found.
extension Repository {
  /// Whether `merged` is what two sides make of their one base; nil where more than this comparison must decide.
  package func isMergedPathByPath(
    base: ObjectID, ours: ObjectID, theirs: ObjectID, merged: ObjectID
  ) throws(GitError) -> Bool? {
    var comparison = PathByPath(repository: self)
    let sides = [base, ours, theirs, merged].map(Optional.some)
    guard try comparison.compare(sides[0], sides[1], sides[2], sides[3], depth: 0) else { return nil }
    return comparison.isAsExpected
  }
}

private struct PathByPath {
  let repository: Repository
  /// False as soon as an entry of the merge is another one than its sides ask for.
  private(set) var isAsExpected = true
  private var added = (ours: false, theirs: false)
  private var removed = (ours: false, theirs: false)
  /// Attack: a few small trees that contain each other many times, whose folders are without number.
  private var foldersLeft = 100_000

  init(repository: Repository) { self.repository = repository }

  /// One of the entries with one name; nil where a side has none.
  private struct Entry: Equatable {
    let mode: UInt32
    let id: ObjectID
    var folder: ObjectID? { mode == FileMode.folder ? id : nil }
  }

  /// False where this comparison cannot decide.
  mutating func compare(
    _ base: ObjectID?, _ ours: ObjectID?, _ theirs: ObjectID?, _ merged: ObjectID?, depth: Int
  ) throws(GitError) -> Bool {
    if let expected = Self.expected(base, ours, theirs) {
      if expected != merged { isAsExpected = false }
      // Only at the top: below, entries are compared before they are opened.
      return true
    }
    foldersLeft -= 1
    guard depth <= Repository.deepestFolder, foldersLeft > 0 else { return false }
    return try unsafe repository.withTree(base) { a throws(GitError) in
      try unsafe repository.withTree(ours) { b throws(GitError) in
        try unsafe repository.withTree(theirs) { c throws(GitError) in
          try unsafe repository.withTree(merged) { d throws(GitError) in
            var sides = (
              try unsafe OpenFolder(a, base, repository), try unsafe OpenFolder(b, ours, repository),
              try unsafe OpenFolder(c, theirs, repository), try unsafe OpenFolder(d, merged, repository)
            )
            let decided = try walk(&sides.0, &sides.1, &sides.2, &sides.3, depth: depth)
            guard decided else { return false }
            unsafe repository.remember(base, a)
            unsafe repository.remember(ours, b)
            unsafe repository.remember(theirs, c)
            unsafe repository.remember(merged, d)
            return true
          }
        }
      }
    }
  }

  private static func expected<Value: Equatable>(_ base: Value, _ ours: Value, _ theirs: Value) -> Value? {
    if ours == theirs || base == theirs { return ours }
    return base == ours ? theirs : nil
  }

  private mutating func walk(
    _ base: inout OpenFolder, _ ours: inout OpenFolder, _ theirs: inout OpenFolder, _ merged: inout OpenFolder,
    depth: Int
  ) throws(GitError) -> Bool {
    // What each side adds here: a file of one and a folder of the other may have one name.
    var addedFiles = (ours: false, theirs: false)
    var addedFolders = (ours: false, theirs: false)
    while let first = Self.first(base, ours, theirs, merged) {
      let entries = (base.entry(at: first), ours.entry(at: first), theirs.entry(at: first), merged.entry(at: first))
      let (b, o, t, m) = entries
      if b != o || b != t || b != m {
        if b == nil {
          if let o { note(&addedFiles.ours, &addedFolders.ours, o, &added.ours) }
          if let t { note(&addedFiles.theirs, &addedFolders.theirs, t, &added.theirs) }
        } else {
          if o == nil { removed.ours = true }
          if t == nil { removed.theirs = true }
        }
        let expected: Entry??
        if o == t || b == t { expected = .some(o) } else { expected = b == o ? .some(t) : nil }
        if let expected {
          if expected != m { isAsExpected = false }
        } else {
          guard let o, let t, let m, o.folder != nil, t.folder != nil, m.folder != nil, b == nil || b?.folder != nil,
            try compare(b?.folder, o.folder, t.folder, m.folder, depth: depth + 1)
          else { return false }
        }
        if added.ours && removed.ours || added.theirs && removed.theirs { return false }
        if addedFiles.ours && addedFolders.theirs || addedFiles.theirs && addedFolders.ours { return false }
      }
      if b != nil { try base.step() }
      if o != nil { try ours.step() }
      if t != nil { try theirs.step() }
      if m != nil { try merged.step() }
    }
    return true
  }

  private func note(_ files: inout Bool, _ folders: inout Bool, _ entry: Entry, _ any: inout Bool) {
    if entry.folder == nil { files = true } else { folders = true }
    any = true
  }

  /// The side whose next name comes first.
  private static func first(
    _ base: OpenFolder, _ ours: OpenFolder, _ theirs: OpenFolder, _ merged: OpenFolder
  ) -> TreeReader? {
    var first: TreeReader?
    func consider(_ side: borrowing OpenFolder) {
      guard side.hasEntry else { return }
      if let known = first, known.compareName(with: side.reader) <= 0 { return }
      first = side.reader
    }
    consider(base)
    consider(ours)
    consider(theirs)
    consider(merged)
    return first
  }

  /// One of the folders, at one of its entries.
  private struct OpenFolder {
    private(set) var reader: TreeReader
    private(set) var hasEntry = false
    private let tree: ObjectID

    init(_ bytes: UnsafeRawBufferPointer, _ tree: ObjectID?, _ repository: Repository) throws(GitError) {
      self.tree = tree ?? .zero
      unsafe reader = TreeReader(bytes, isKnown: tree.map { repository.knownTrees[$0] != nil } ?? true)
      try step()
    }

    mutating func step() throws(GitError) { hasEntry = try reader.next(in: tree) }

    /// The current entry, if it has the name of the other's.
    func entry(at other: TreeReader) -> Entry? {
      guard hasEntry, reader.compareName(with: other) == 0 else { return nil }
      return Entry(mode: reader.mode, id: reader.id)
    }
  }
}
