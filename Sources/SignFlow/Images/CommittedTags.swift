package import GitBridge
package import Review

/// The tag under which each image is published, by the commit whose digests are signed.
///
/// Attack: the tag stands in `out/PACKAGE/index.json`, which no digest and no commit covers, and it is what is signed.
package struct CommittedTags {
  private let repository: Repository
  private let tree: ObjectID
  /// The lines of `packages.txt`, where the tree has that; nil where it has not.
  private let list: [String: String]?
  private let hasPackages: Bool
  private let place: String

  /// What the tree says of an image.
  package enum Answer: Equatable {
    case tag(String)
    /// The commit says nothing of this package, or nothing that can be read; why, safe to print.
    case unknown(String)
    /// The tree has neither of the forms that are read here.
    case notCovered
  }

  /// Reads packages of a commit's tree when somebody asks.
  package init(_ repository: Repository, at commit: ObjectID) throws(FlowError) {
    self.repository = repository
    place = commit.short
    let (tree, list, packages) = try reading { () throws(GitError) in
      let tree = try repository.treeOfCommit(commit)
      let file = try repository.entry(tree: tree, path: Array("packages.txt".utf8))
      let bytes =
        file?.mode == FileMode.file
        ? try file.map { entry throws(GitError) in try repository.read(entry.id, as: .blob) } : nil
      return (tree, bytes, try repository.entry(tree: tree, path: Array("packages".utf8))?.mode == FileMode.folder)
    }
    self.tree = tree
    hasPackages = packages
    self.list = list.map { bytes in
      var tags: [String: String] = [:]
      for line in bytes.split(separator: UInt8(ascii: "\n")) {
        let words = line.split(separator: UInt8(ascii: " "))
        if words.count == 2 {
          tags[String(decoding: words[0], as: UTF8.self)] = String(decoding: words[1], as: UTF8.self)
        }
      }
      return tags
    }
  }

  /// Whether the tree says anything of tags at all.
  package var areCovered: Bool { list != nil || hasPackages }

  /// The tag that the image's package has.
  package func tag(of image: ImageName) throws(FlowError) -> Answer {
    let name = String(image.package)
    if let tag = list?[name] { return .tag(tag) }
    guard hasPackages else { return list == nil ? .notCovered : .unknown("\(place):packages.txt does not have it") }
    let parts = name.split(separator: "-", maxSplits: 1)
    guard parts.count == 2 else { return .unknown("its name has no stage, so no package.toml is its own") }
    let path = "packages/\(parts[0])/\(parts[1])/package.toml"
    let found = try reading { () throws(GitError) -> [UInt8]? in
      guard let entry = try repository.entry(tree: tree, path: Array(path.utf8)), entry.mode == FileMode.file else {
        return nil
      }
      return try repository.read(entry.id, as: .blob)
    }
    guard let found else { return .unknown("\(place):\(path) is not there") }
    do throws(FileDefect) {
      // A package without a version is published as the newest one (StageX's src/macros.mk).
      return .tag(try packageVersion(found, named: path) ?? "latest")
    } catch {
      return .unknown(printable(error.message))
    }
  }
}
