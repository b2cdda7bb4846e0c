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
