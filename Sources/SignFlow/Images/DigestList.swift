package import GitBridge
package import Review

/// One line of a digest list: an image that the distribution consists of.
package struct DigestEntry: Hashable, Sendable {
  /// Repository and digest.
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
    var lists: [(String, [UInt8])] = []
    for name in try folder.names() where isList(name) {
      let text = try listName(name)
      guard let bytes = try folder.file(text, limit: limit) else { throw vanished(text) }
      lists.append((text, bytes))
    }
    return try join(lists, from: printable(path), namespace: namespace)
  }

  /// Reads the lists that a commit holds: what was agreed, whatever lies in the work tree.
  package static func committed(
    _ repository: Repository, at commit: ObjectID, namespace: String = Self.namespace
  ) throws(FlowError) -> DigestList {
    var lists: [(String, [UInt8])] = []
    do {
      guard let folder = try repository.entry(tree: try repository.treeOfCommit(commit), path: Array("digests".utf8)),
        folder.mode == FileMode.folder
      else {
        throw FlowError(.impossible, "\(commit.short) holds no folder digests", next: "make digests, and commit them")
      }
      for entry in try repository.tree(folder.id) where isList(entry.name) {
        let name = try listName(entry.name)
        // Attack: a list made a link or an executable would drop out, and its images with it.
        guard entry.mode == FileMode.file else {
          throw FlowError(
            .refused, "\(commit.short):digests/\(printable(name)) is not a regular file of mode 100644",
            next: "git ls-tree \(commit.short) digests/")
        }
        guard let size = try repository.size(of: entry.id), size <= limit else {
          throw FlowError(.impossible, "\(commit.short):digests/\(printable(name)) is larger than \(limit) bytes")
        }
        lists.append((name, try repository.read(entry.id, as: .blob)))
      }
    } catch let error as FlowError {
      throw error
    } catch let error as GitError {
      throw FlowError(.impossible, printable(error.message, limit: 500), next: error.next)
    } catch {
      throw FlowError(.impossible, "the digest lists cannot be read")
    }
    return try join(lists, from: "\(commit.short):digests", namespace: namespace)
  }

  private static func isList(_ name: [UInt8]) -> Bool {
    name.first != UInt8(ascii: ".") && name.count > 4 && name.suffix(4) == Array(".txt".utf8)[...]
  }

  /// A name that could not be shown, or opened again, must not make its list drop out.
  private static func listName(_ name: [UInt8]) throws(FlowError) -> String {
    guard let text = String(validating: name, as: UTF8.self) else {
      throw FlowError(.impossible, "the digest list \(printable(name)) has a name that is not UTF-8", next: "rename it")
    }
    return text
  }

  private static func vanished(_ name: String) -> FlowError {
    FlowError(
      .tryAgain, "the digest list \(printable(name)) vanished while it was read", next: "the same command again")
  }

  private static func join(_ lists: [(String, [UInt8])], from place: String, namespace: String) throws(FlowError)
    -> DigestList
  {
    var entries: [DigestEntry] = []
    var known: [String: String] = [:]
    for (name, bytes) in lists {
      for entry in try read(bytes, list: name, namespace: namespace) {
        if let other = known.updateValue(entry.image.digest, forKey: entry.image.repository) {
          throw FlowError(
            .impossible,
            """
            \(place): \(entry.image.repository) is listed twice, \
            with \(other.prefix(12)) and \(entry.image.digest.prefix(12))
            """,
            next: "make digests")
        }
        entries.append(entry)
      }
    }
    guard !entries.isEmpty else {
      throw FlowError(
        .impossible, "\(place) holds no digest list", next: "make digests, or name the folder: --digests DIR")
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
          repository: "\(namespace)/\(String(decoding: parts[1], as: UTF8.self))",
          digest: String(decoding: parts[0], as: UTF8.self))
      else {
        throw FlowError(
          .impossible, "\(printable(name)), line \(number + 1) is not DIGEST PACKAGE: \(printable(line, limit: 100))",
          next: "make digests")
      }
      entries.append(DigestEntry(image: image, list: String(name.dropLast(4))))
    }
    return entries
  }
}
