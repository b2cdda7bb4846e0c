internal import GitBridge
internal import OpenPGP

/// The revocations that lie under `keys/` in a tree, whatever the files are called.
enum RevocationFolder {
  /// The most files, and the most octets of all of them, that are looked at. More make the rules unreadable: what is
  /// passed over could be a revocation.
  static let mostFiles = 4096
  static let mostBytes = 32 << 20
  private static let deepest = 8

  /// - Throws: `FileDefect` where there is more than can be looked at; `GitError` from the repository.
  static func read(_ folder: ObjectID, in repository: Repository) throws -> Set<KeyRevocation> {
    var files: [[UInt8]] = []
    var size = 0
    var seen: Set<ObjectID> = []
    var waiting = [(folder, 0)]
    while let (tree, depth) = waiting.popLast() {
      guard depth < deepest else {
        throw FileDefect("\(Registry.keysFolder)/ holds folders nested deeper than \(deepest)")
      }
      for entry in try repository.tree(tree) {
        // A submodule's id is no object of this repository. Whatever else there is, is read. Attack: a symbolic link of
        // the same id as a revocation, which is passed over, and the file with it.
        guard entry.mode != FileMode.gitlink else { continue }
        // The same folder or file twice says nothing more.
        guard seen.insert(entry.id).inserted else { continue }
        if entry.mode == FileMode.folder {
          waiting.append((entry.id, depth + 1))
          continue
        }
        // Attack: a few pushed bytes that inflate to gigabytes.
        let length = try repository.size(of: entry.id) ?? 0
        guard length <= 1 << 20 else {
          throw FileDefect(
            "the file \(printable(entry.name)) under \(Registry.keysFolder)/ is larger than 1 MiB, "
              + "and could hold a revocation")
        }
        size += length
        guard files.count < mostFiles, size <= mostBytes else {
          throw FileDefect("\(Registry.keysFolder)/ holds more than \(mostFiles) files or \(mostBytes >> 20) MiB")
        }
        files.append(try repository.read(entry.id, as: .blob))
      }
    }
    let (found, flooded) = KeyRevocation.search(files)
    // Attack: forgeries by the hundred in the name of a key, so that its true revocation is not looked at.
    if let flooded {
      throw FileDefect(
        "\(Registry.keysFolder)/ holds more revocations in the name of \(flooded) than can be checked; "
          + "nearly all are forged")
    }
    return found
  }
}
