internal import OpenPGP

/// A registry's files as they would be: those of a folder, or given ones, with some of them replaced.
package struct RegistrySource: FileSource, Sendable {
  private let folder: String?
  private var replaced: [String: [UInt8]]

  /// The registry of a folder that holds MAINTAINERS and `keys/`.
  package init(folder: String) {
    self.folder = folder
    replaced = [:]
  }

  /// These files and no others.
  package init(files: [String: [UInt8]]) {
    folder = nil
    replaced = files
  }

  /// The same with other content at some paths.
  package func replacing(_ files: [(path: String, bytes: [UInt8])]) -> RegistrySource {
    var copy = self
    for file in files { copy.replaced[file.path] = file.bytes }
    return copy
  }

  func file(_ path: String) throws -> [UInt8]? {
    if let bytes = replaced[path] { return bytes }
    return try folder.flatMap { try FolderFiles(folder: $0).file(path) }
  }
}

extension Registry {
  /// The registry of these files; nil when they hold no list of maintainers.
  package static func readIfPresent(_ source: RegistrySource) throws -> Registry? {
    guard try source.file(MaintainersFile.path) != nil else { return nil }
    return try read(from: source)
  }

  /// Where the certificate of a primary key lies.
  static func certificatePath(_ primary: Fingerprint) -> String { "\(keysFolder)/\(primary.hex).asc" }
}
