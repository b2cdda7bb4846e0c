internal import GitBridge
internal import Review

/// The tree that a staging ends in: everything that the branches hold, with new files in the lowest free numbers.
struct StagedTree {
  private let repository: Repository
  private let root: ObjectID
  /// The base's tree, where it has come further: what it holds in a folder that we add to is brought along, so that the
  /// pull request merges whatever the order.
  private let beside: ObjectID?
  private var along: [ImageName: [TreeEntry]] = [:]
  private var added: Set<ImageName> = []
  /// The folders that were asked for: whatever lies in them stays, signature or not.
  private var folders: [ImageName: [TreeEntry]] = [:]

  /// - Parameters:
  ///   - root: The tree of the commit that it stands on.
  ///   - beside: The base's, where that is not below it.
  init(_ repository: Repository, onto root: ObjectID, beside: ObjectID? = nil) {
    self.repository = repository
    self.root = root
    self.beside = beside
  }

  /// The base's files that come along; whoever signs for them has to look at them.
  var broughtAlong: [(image: ImageName, entry: TreeEntry)] {
    added.flatMap { image in (along[image] ?? []).map { (image, $0) } }
  }

  /// What lies in an image's folder as it would be.
  mutating func files(of image: ImageName) throws(GitError) -> [ImageFile] {
    try entries(of: image).map { (entry) throws(GitError) in try repository.imageFile(entry) }
  }

  /// Puts a file into the image's folder, in the lowest free number.
  mutating func add(_ file: ObjectID, to image: ImageName) throws(GitError) {
    let entries = try entries(of: image)
    let names = Set(entries.map(\.name))
    added.insert(image)
    var number = 1
    while names.contains(Array(ImageFile.name(of: number).utf8)) { number += 1 }
    folders[image] = entries + [TreeEntry(mode: FileMode.file, name: Array(ImageFile.name(of: number).utf8), id: file)]
  }

  private mutating func entries(of image: ImageName) throws(GitError) -> [TreeEntry] {
    if let known = folders[image] { return known }
    var entries = try folder(of: image, in: root)
    if let beside {
      let names = Set(entries.map(\.name))
      for entry in try folder(of: image, in: beside) where !names.contains(entry.name) {
        entries.append(entry)
        along[image, default: []].append(entry)
      }
    }
    folders[image] = entries
    return entries
  }

  private func folder(of image: ImageName, in tree: ObjectID) throws(GitError) -> [TreeEntry] {
    guard let folder = try repository.entry(tree: tree, path: Array(image.folder.utf8)), folder.mode == FileMode.folder
    else { return [] }
    return try repository.tree(folder.id)
  }

  /// Writes the tree's objects.
  func write() throws(GitError) -> ObjectID {
    var written: [(path: ArraySlice<[UInt8]>, tree: ObjectID)] = []
    for (image, entries) in folders where added.contains(image) {
      let path = image.folder.utf8.split(separator: UInt8(ascii: "/")).map(Array.init)
      written.append((path[...], try repository.writeTree(entries)))
    }
    return try write(written, into: root)
  }

  /// A tree with these folders put in their places below it.
  private func write(
    _ folders: [(path: ArraySlice<[UInt8]>, tree: ObjectID)], into tree: ObjectID?
  ) throws(GitError) -> ObjectID {
    let present = try tree.map { (tree) throws(GitError) in try repository.tree(tree) } ?? []
    var entries = Dictionary(present.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for (name, below) in Dictionary(grouping: folders, by: { $0.path.first ?? [] }) {
      let known = entries[name].flatMap { $0.mode == FileMode.folder ? $0.id : nil }
      let inner = below.map { (path: $0.path.dropFirst(), tree: $0.tree) }
      let id = if let last = inner.first, last.path.isEmpty { last.tree } else { try write(inner, into: known) }
      entries[name] = TreeEntry(mode: FileMode.folder, name: name, id: id)
    }
    return try repository.writeTree(Array(entries.values))
  }
}
