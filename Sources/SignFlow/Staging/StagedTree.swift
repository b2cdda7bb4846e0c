internal import GitBridge
internal import Review

/// The tree that a staging ends in: everything that the branches hold, with new files in the lowest free numbers.
struct StagedTree {
  private let repository: Repository
  private let root: ObjectID
  /// The folders that were asked for: whatever lies in them stays, signature or not.
  private var folders: [ImageName: [TreeEntry]] = [:]

  /// - Parameter root: The tree that holds what the branches hold.
  init(_ repository: Repository, onto root: ObjectID) {
    self.repository = repository
    self.root = root
  }

  /// What lies in an image's folder as it would be.
  mutating func files(of image: ImageName) throws(GitError) -> [ImageFile] {
    try entries(of: image).map { (entry) throws(GitError) in try repository.imageFile(entry) }
  }

  /// Puts a file into the image's folder, in the lowest free number.
  mutating func add(_ file: ObjectID, to image: ImageName) throws(GitError) {
    let entries = try entries(of: image)
    let names = Set(entries.map(\.name))
    var number = 1
    while names.contains(Array(ImageFile.name(of: number).utf8)) { number += 1 }
    folders[image] = entries + [TreeEntry(mode: FileMode.file, name: Array(ImageFile.name(of: number).utf8), id: file)]
  }

  private mutating func entries(of image: ImageName) throws(GitError) -> [TreeEntry] {
    if let known = folders[image] { return known }
    let folder = try repository.entry(tree: root, path: Array(image.folder.utf8))
    let entries = folder?.mode == FileMode.folder ? try folder.map { (folder) throws(GitError) in try repository.tree(folder.id) } : nil
    folders[image] = entries ?? []
    return entries ?? []
  }

  /// Writes the tree's objects.
  func write() throws(GitError) -> ObjectID {
    var written: [(path: ArraySlice<[UInt8]>, tree: ObjectID)] = []
    for (image, entries) in folders where !entries.isEmpty {
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
