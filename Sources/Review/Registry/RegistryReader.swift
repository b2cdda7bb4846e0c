internal import GitBridge
internal import OpenPGP

/// A place from which files of a registry or a policy are read: a tree of the repository, or a folder.
protocol FileSource {
  /// The bytes of a regular file; nil when there is none of that name.
  func file(_ path: String) throws -> [UInt8]?
}

/// A place that evidence about keys can be read from, too.
protocol EvidenceSource: FileSource {
  /// The names in a folder, sorted by their bytes; nil when there is no such folder.
  ///
  /// - Throws: `FileDefect` when it is no folder, or holds more than `most`.
  func names(in folder: String, atMost most: Int) throws -> [[UInt8]]?
  /// The bytes of a regular file that anybody may have written; nil when there is none of that name.
  ///
  /// - Throws: `FileDefect` when it is a link or the like, or larger than `limit`.
  func plainFile(_ path: String, limit: Int) throws -> [UInt8]?
}

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
    guard try repository.size(of: entry.id) ?? 0 <= limit else { throw FileDefect("\(path) is larger than \(limit) bytes") }
    return try repository.read(entry.id, as: .blob)
  }
}

extension TreeEntry {
  var isRegularFile: Bool { mode == FileMode.file || mode == FileMode.executable }
}

extension FileDefect {
  static func notAFile(_ path: String) -> FileDefect { FileDefect("\(path) is not a regular file") }
  static func notAFolder(_ path: String) -> FileDefect { FileDefect("\(path) is not a folder") }
  static func tooMany(_ path: String, _ most: Int) -> FileDefect { FileDefect("\(path) holds more than \(most) files") }
}

extension Registry {
  /// The folder that holds one certificate per listed key.
  package static let keysFolder = "keys"

  /// The most octets that all certificates together may have.
  ///
  /// Attack: a push of some megabytes in which thousands of keys are listed and each has a file of a mebibyte, all of
  /// them the same but for a few octets: git packs those small, and each would keep the server busy for a second.
  package static let certificatesLimit = 16 << 20
  /// The most signatures that all certificates together may ask to be checked: some seconds. Nine hundred people make
  /// half as many.
  package static let workLimit = 1 << 16

  /// Reads the list of people and the certificates of the listed keys.
  ///
  /// A certificate that is missing or cannot be read costs its key, not the registry: one
  /// maintainer's mistake must not lock out the others.
  ///
  /// - Throws: `FileDefect` when nobody could say whom a key belongs to; `GitError` from the repository.
  static func read(from source: some FileSource) throws -> Registry {
    guard let bytes = try source.file(MaintainersFile.path) else {
      throw FileDefect("there is no \(MaintainersFile.path)")
    }
    let list = try MaintainersFile.read(bytes)
    var certificates: [Fingerprint: Certificate] = [:]
    var warnings: [String] = []
    var size = 0
    var work = 0
    for key in list.keys {
      let path = "\(keysFolder)/\(key.fingerprint.hex).asc"
      func warn(_ why: String) {
        warnings.append(warningStart(key) + why)
      }
      do {
        guard let bytes = try source.file(path) else {
          warn("\(path) is missing")
          continue
        }
        size += bytes.count
        guard size <= certificatesLimit else { throw TooLarge() }
        let certificate = try Certificate.read(bytes)
        work += certificate.work
        guard work <= workLimit else { throw TooMuch() }
        guard certificate.primary == key.fingerprint else {
          warn("\(path) holds the certificate of \(certificate.primary)")
          continue
        }
        certificates[key.fingerprint] = certificate
      } catch let error as CertificateDefect {
        warn("\(path): \(error.message)")
      } catch let error as FileDefect {
        warn(error.message)
      } catch is TooMuch {
        throw FileDefect("the certificates in \(keysFolder)/ hold more signatures than can be checked")
      } catch is TooLarge {
        throw FileDefect("the certificates in \(keysFolder)/ are larger than \(certificatesLimit >> 20) MiB together")
      }
    }
    return try Registry(people: list.people, keys: list.keys, certificates: certificates, warnings: warnings)
  }

  private struct TooLarge: Error {}
  private struct TooMuch: Error {}

  /// How a warning about a key without a usable certificate begins; the reason follows.
  static func warningStart(_ key: RegisteredKey) -> String {
    "\(printable(key.person))'s key \(key.fingerprint) does not count: "
  }
}
