internal import GitBridge
internal import OpenPGP

/// Files of one git tree.
struct TreeFiles: EvidenceSource {
  let repository: Repository
  let tree: ObjectID

  func file(_ path: String) throws -> [UInt8]? {
    guard let entry = try repository.entry(tree: tree, path: Array(path.utf8)) else { return nil }
    // A symlink's content is a path, which would be read as the file itself.
    guard entry.isRegularFile else { throw FileDefect.notAFile(path) }
    // Attack: a file of gigabytes that git packs into a few kilobytes.
    if let size = try repository.size(of: entry.id), size > 1 << 20 { throw FileDefect("\(path) is larger than 1 MiB") }
    return try repository.read(entry.id, as: .blob)
  }

  func names(in folder: String, atMost most: Int) throws -> [[UInt8]]? {
    guard let entry = try repository.entry(tree: tree, path: Array(folder.utf8)) else { return nil }
    guard entry.mode == FileMode.folder else { throw FileDefect.notAFolder(folder) }
    // A name is at most 255 bytes; mode and id are less than 30. A tree that is larger is not looked into.
    guard try repository.size(of: entry.id) ?? 0 <= most * 285 else { throw FileDefect.tooMany(folder, most) }
    let names = try repository.tree(entry.id).map(\.name)
    guard names.count <= most else { throw FileDefect.tooMany(folder, most) }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
  }

  func plainFile(_ path: String, limit: Int) throws -> [UInt8]? {
    guard let entry = try repository.entry(tree: tree, path: Array(path.utf8)) else { return nil }
    guard entry.isRegularFile else { throw FileDefect.notAFile(path) }
    // A few pushed bytes can inflate to gigabytes.
    guard try repository.size(of: entry.id) ?? 0 <= limit else {
      throw FileDefect("\(path) is larger than \(limit) bytes")
    }
    return try repository.read(entry.id, as: .blob)
  }
}
