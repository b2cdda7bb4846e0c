import Foundation
package import GitBridge

/// A bare repository in a temporary folder, written object by object: no git process, nothing of the user's
/// configuration. It goes away with the value.
///
///     let repository = try ScriptedRepository()
///     let root = try repository.commit(files: ["a": "1"])
///     let next = try repository.commit(files: ["a": "2"], parents: [root], message: "change a")
///     try repository.setRef("refs/heads/main", to: next)
package final class ScriptedRepository {
  private let folder: TemporaryFolder
  package let path: String
  package let repository: Repository
  /// The committer time of the next commit that is not given one; a minute later each time.
  package var clock: Int64 = 1_700_000_000

  package static let person = "A Person <person@example.org>"

  /// - Parameter name: the folder's name, for tests of odd names.
  package init(name: String = "repository.git") throws {
    folder = try TemporaryFolder()
    path = folder.path + "/" + name
    for part in ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info", "hooks"] {
      try FileManager.default.createDirectory(atPath: path + "/" + part, withIntermediateDirectories: true)
    }
    try Data("ref: refs/heads/main\n".utf8).write(to: URL(fileURLWithPath: path + "/HEAD"))
    let config = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n"
    try Data(config.utf8).write(to: URL(fileURLWithPath: path + "/config"))
    repository = try Repository.open(path: path, configuration: .none)
  }

  /// Another handle on the same repository, as a program that just started would have it.
  package func reopened() throws -> Repository { try Repository.open(path: path, configuration: .none) }

  // MARK: objects

  package func blob(_ content: [UInt8]) throws -> ObjectID { try repository.write(.blob, content) }

  package func tree(_ files: Files) throws -> ObjectID {
    try tree(files.entries.map { (Array($0.key.utf8)[...], $0.value) })
  }

  private func tree(_ files: [(path: ArraySlice<UInt8>, file: ScriptedFile)]) throws -> ObjectID {
    var entries: [TreeEntry] = []
    var folders: [[UInt8]: [(path: ArraySlice<UInt8>, file: ScriptedFile)]] = [:]
    for (path, file) in files {
      if let slash = path.firstIndex(of: UInt8(ascii: "/")) {
        folders[Array(path[..<slash]), default: []].append((path[(slash + 1)...], file))
      } else {
        let id = try file.gitlink ?? blob(file.content)
        entries.append(TreeEntry(mode: file.mode, name: Array(path), id: id))
      }
    }
    for (name, files) in folders {
      entries.append(TreeEntry(mode: FileMode.folder, name: name, id: try tree(files)))
    }
    return try repository.writeTree(entries)
  }

  /// Writes a commit.
  ///
  /// - Parameters:
  ///   - files: the whole tree; or give `tree`. With neither, the first parent's tree, or the empty one.
  ///   - author: `NAME <EMAIL>`; the committer's unless given too.
  ///   - time: seconds since 1970 for author and committer.
  ///   - extraHeaders: between committer and signature, values folded where they contain line ends.
  ///   - signedBy: makes the armored signature of the payload that git would sign.
  package func commit(
    files: Files? = nil, tree: ObjectID? = nil, parents: [ObjectID] = [], author: String = ScriptedRepository.person,
    committer: String? = nil, time: Int64? = nil, message: String = "change\n",
    extraHeaders: [(key: String, value: String)] = [], signedBy: (([UInt8]) throws -> [UInt8]?)? = nil
  ) throws -> ObjectID {
    let tree = try treeOf(files, tree, parents)
    let payload = commitBytes(
      tree: tree, parents: parents, author: author, committer: committer, time: time, message: message,
      extraHeaders: extraHeaders)
    guard let armor = try signedBy?(payload) else { return try commit(raw: payload) }
    return try commit(raw: ScriptedRepository.signed(payload, armor))
  }

  private func treeOf(_ files: Files?, _ tree: ObjectID?, _ parents: [ObjectID]) throws -> ObjectID {
    if let tree { return tree }
    if let files { return try self.tree(files) }
    if let parent = parents.first { return try repository.treeOfCommit(parent) }
    return try self.tree(Files())
  }

  /// The bytes of an unsigned commit, to be spoilt and written with ``commit(raw:)``.
  package func commitBytes(
    tree: ObjectID, parents: [ObjectID] = [], author: String = ScriptedRepository.person, committer: String? = nil,
    time: Int64? = nil, message: String = "change\n", extraHeaders: [(key: String, value: String)] = []
  ) -> [UInt8] {
    let seconds = time ?? clock
    if time == nil { clock += 60 }
    var text = "tree \(tree)\n"
    for parent in parents { text += "parent \(parent)\n" }
    text += "author \(author) \(seconds) +0000\ncommitter \(committer ?? author) \(seconds) +0000\n"
    for (key, value) in extraHeaders { text += "\(key) \(value.replacingOccurrences(of: "\n", with: "\n "))\n" }
    return Array((text + "\n" + message).utf8)
  }

  /// Writes a commit object with exactly these bytes, well formed or not.
  package func commit(raw bytes: [UInt8]) throws -> ObjectID { try repository.write(.commit, bytes) }

  /// The payload with a gpgsig header put where git puts it: at the end of the header.
  package static func signed(_ payload: [UInt8], _ armor: [UInt8]) -> [UInt8] {
    var end = 0
    while end + 1 < payload.count, payload[end] != 10 || payload[end + 1] != 10 { end += 1 }
    let header = Array(payload[...end])
    return header + folded("gpgsig", armor) + payload[(end + 1)...]
  }

  /// `KEY VALUE` with the value's further lines indented by a space, as git folds a signature.
  package static func folded(_ key: String, _ value: [UInt8]) -> [UInt8] {
    var lines = value.split(separator: 10, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return Array("\(key) ".utf8) + Array(lines.joined(separator: [10, 32])) + [10]
  }

  /// Writes an annotated tag object; ``setRef(_:to:)`` gives it a reference.
  package func tag(
    _ name: String, target: ObjectID, kind: ObjectKind = .commit, tagger: String? = ScriptedRepository.person,
    time: Int64? = nil, message: String = "release\n", signedBy: (([UInt8]) throws -> [UInt8]?)? = nil
  ) throws -> ObjectID {
    let seconds = time ?? clock
    if time == nil { clock += 60 }
    var text = "object \(target)\ntype \(kind.name)\ntag \(name)\n"
    if let tagger { text += "tagger \(tagger) \(seconds) +0000\n" }
    let payload = Array((text + "\n" + message).utf8)
    return try repository.write(.tag, payload + (try signedBy?(payload) ?? []))
  }

  // MARK: references and settings

  /// Makes or moves a reference, wherever it was; nil removes it.
  package func setRef(_ name: String, to target: ObjectID?) throws {
    let current = try repository.resolve(ref: name)
    if current == nil, target == nil { return }
    try repository.updateRef(name, to: target, expecting: current, message: "test")
  }

  package func setSymbolicRef(_ name: String, to target: String) throws {
    try writeFile(name, "ref: \(target)\n")
  }

  package func setConfig(_ key: String, _ value: String) throws { try repository.setConfig(key, value) }

  /// Writes a file into the repository's own folder, such as `shallow` or `info/attributes`.
  package func writeFile(_ name: String, _ text: String) throws {
    let file = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
  }
}
