extension [UInt8] {
  /// Appends one entry as it stands in a tree object.
  mutating func appendTreeEntry(mode: UInt32, name: some Sequence<UInt8>, id: ObjectID) {
    append(contentsOf: String(mode, radix: 8).utf8)
    append(UInt8(ascii: " "))
    append(contentsOf: name)
    append(0)
    append(contentsOf: id.bytes)
  }
}

/// Builds the folders of a tree from a list of whole paths.
struct TreeAssembly {
  /// A path from the top of the tree, split at its slashes as needed.
  private struct Item {
    /// The path, with a slash at its end for a folder that is taken as a whole: so that bytes sort as git sorts.
    let path: [UInt8]
    let mode: UInt32
    let id: ObjectID
  }

  private var items: [Item] = []

  /// Adds a file, or a folder with everything in it, whose `name` is a whole path.
  mutating func add(_ entry: TreeEntry) {
    let path = entry.mode == FileMode.folder ? entry.name + [UInt8(ascii: "/")] : entry.name
    items.append(Item(path: path, mode: entry.mode, id: entry.id))
  }

  /// Writes every folder, innermost first, and gives the id of the top.
  func write(to store: MergeStore) throws(GitError) -> ObjectID {
    let sorted = items.sorted { $0.path.lexicographicallyPrecedes($1.path) }
    return try TreeAssembly.write(sorted[...], from: 0, store)
  }

  /// - Parameter start: how many bytes of the paths name the folder that is being written.
  private static func write(
    _ items: ArraySlice<Item>, from start: Int, _ store: MergeStore
  ) throws(GitError) -> ObjectID {
    var bytes: [UInt8] = []
    var rest = items
    while let first = rest.first {
      let name = first.path[start...].prefix { $0 != UInt8(ascii: "/") }
      if name.endIndex == first.path.endIndex {
        bytes.appendTreeEntry(mode: first.mode, name: name, id: first.id)
        rest = rest.dropFirst()
      } else if name.endIndex + 1 == first.path.endIndex {
        bytes.appendTreeEntry(mode: FileMode.folder, name: name, id: first.id)
        rest = rest.dropFirst()
      } else {
        let inside = rest.prefix { $0.path.starts(with: first.path[...name.endIndex]) }
        let folder = try write(inside, from: name.endIndex + 1, store)
        bytes.appendTreeEntry(mode: FileMode.folder, name: name, id: folder)
        rest = rest.dropFirst(inside.count)
      }
    }
    return try store.write(.tree, bytes)
  }
}
