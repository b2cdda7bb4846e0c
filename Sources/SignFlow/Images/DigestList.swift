package import Review

/// One line of a digest list: an image that the distribution consists of.
package struct DigestEntry: Hashable, Sendable {
  package let image: ImageName
  /// The list without `.txt`: `core`.
  package let list: String

  package init(image: ImageName, list: String) {
    self.image = image
    self.list = list
  }
}

/// The digests of a release, as committed in `digests/*.txt`: lines `DIGEST PACKAGE`.
package struct DigestList: Sendable {
  /// In the order of the lists' names, then of their lines.
  package let entries: [DigestEntry]

  /// The namespace in which StageX publishes.
  package static let namespace = "stagex"
  private static let limit = 16 << 20

  /// Reads all lists of a folder.
  ///
  /// - Throws: `FlowError` for a line that is not understood, and for a package listed with two digests: nobody
  ///   could say which of them is to be published.
  package static func read(folder path: String, namespace: String = Self.namespace) throws(FlowError) -> DigestList {
    guard let folder = try OpenFolder.open(path: path) else {
      throw FlowError(.impossible, "there is no folder \(printable(path))", next: "name it: --digests DIR")
    }
    var entries: [DigestEntry] = []
    var known: [String: String] = [:]
    for name in try folder.names() {
      let text = String(decoding: name, as: UTF8.self)
      guard text.hasSuffix(".txt"), text.first != "." else { continue }
      guard let bytes = try folder.file(text, limit: limit) else { continue }
      for entry in try read(bytes, list: text, namespace: namespace) {
        if let other = known.updateValue(entry.image.digest, forKey: entry.image.repository) {
          throw FlowError(
            .impossible, "\(printable(path)): \(entry.image.repository) is listed twice, with \(other.prefix(12)) and \(entry.image.digest.prefix(12))",
            next: "make digests")
        }
        entries.append(entry)
      }
    }
    guard !entries.isEmpty else {
      throw FlowError(.impossible, "\(printable(path)) holds no digest list", next: "make digests, or name the folder: --digests DIR")
    }
    return DigestList(entries: entries)
  }

  /// Reads one list.
  static func read(_ bytes: [UInt8], list name: String, namespace: String) throws(FlowError) -> [DigestEntry] {
    var entries: [DigestEntry] = []
    for (number, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true).enumerated() {
      let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      guard parts.count == 2,
        let image = ImageName(
          repository: "\(namespace)/\(String(decoding: parts[1], as: UTF8.self))", digest: String(decoding: parts[0], as: UTF8.self))
      else {
        throw FlowError(
          .impossible, "\(printable(name)), line \(number + 1) is not DIGEST PACKAGE: \(printable(line, limit: 100))", next: "make digests")
      }
      entries.append(DigestEntry(image: image, list: String(name.dropLast(4))))
    }
    return entries
  }
}
