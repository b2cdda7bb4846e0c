internal import GitBridge
internal import Review

/// The tree that a staging ends in: everything that the target holds, with new files in the lowest free numbers.
struct StagedTree {
  private let repository: Repository
  private var folders: [String: [ImageName: [String: ObjectID]]] = [:]
  private var roots: [TreeEntry] = []
  private var namespaces: [String: [TreeEntry]] = [:]
  private(set) var placed: [(image: ImageName, number: Int)] = []

  /// - Parameter tree: What the target branch holds; nil for an empty repository.
  init(_ repository: Repository, onto tree: ObjectID?) throws(GitError) {
    self.repository = repository
    if let tree { roots = try repository.tree(tree) }
  }

  /// Adds what another branch holds and this one lacks. Returns the paths at which both hold different files: nobody's
  /// signature may be moved by somebody else, so they are for people.
  mutating func unite(with tree: ObjectID, namespace: String) throws(GitError) -> [String] {
    var collisions: [String] = []
    for entry in try Self.entries(repository, namespace, in: try repository.tree(tree)) {
      guard entry.mode == FileMode.folder, let image = ImageName(folder: Array("\(namespace)/".utf8) + entry.name) else { continue }
      var files = try files(of: image)
      for file in try repository.tree(entry.id) where file.mode == FileMode.file {
        let name = String(decoding: file.name, as: UTF8.self)
        if let known = files[name] {
          if known != file.id { collisions.append("\(image.folder)/\(name)") }
        } else {
          files[name] = file.id
        }
      }
      folders[namespace, default: [:]][image] = files
    }
    return collisions
  }

  /// The files of an image's folder as they would be.
  mutating func files(of image: ImageName) throws(GitError) -> [String: ObjectID] {
    let namespace = Self.namespace(of: image)
    if let known = folders[namespace]?[image] { return known }
    var files: [String: ObjectID] = [:]
    let last = Array(image.folder.utf8.dropFirst(namespace.utf8.count + 1))
    if let folder = try entries(namespace).first(where: { $0.name == last && $0.mode == FileMode.folder }) {
      for file in try repository.tree(folder.id) where file.mode == FileMode.file {
        files[String(decoding: file.name, as: UTF8.self)] = file.id
      }
    }
    folders[namespace, default: [:]][image] = files
    return files
  }

  /// Puts a file into the image's folder, in the lowest free number.
  mutating func add(_ file: ObjectID, to image: ImageName) throws(GitError) {
    var files = try files(of: image)
    var number = 1
    while files[ImageFile.name(of: number)] != nil { number += 1 }
    files[ImageFile.name(of: number)] = file
    folders[Self.namespace(of: image), default: [:]][image] = files
    placed.append((image, number))
  }

  /// Writes the tree's objects.
  mutating func write() throws(GitError) -> ObjectID {
    for (namespace, images) in folders {
      var entries = try entries(namespace)
      for (image, files) in images where !files.isEmpty {
        let name = Array(image.folder.utf8.dropFirst(namespace.utf8.count + 1))
        let tree = try repository.writeTree(
          files.map { TreeEntry(mode: FileMode.file, name: Array($0.key.utf8), id: $0.value) })
        entries.removeAll { $0.name == name }
        entries.append(TreeEntry(mode: FileMode.folder, name: name, id: tree))
      }
      let name = Array(namespace.utf8)
      roots.removeAll { $0.name == name }
      roots.append(TreeEntry(mode: FileMode.folder, name: name, id: try repository.writeTree(entries)))
    }
    return try repository.writeTree(roots)
  }

  private mutating func entries(_ namespace: String) throws(GitError) -> [TreeEntry] {
    if let known = namespaces[namespace] { return known }
    let entries = try Self.entries(repository, namespace, in: roots)
    namespaces[namespace] = entries
    return entries
  }

  private static func entries(_ repository: Repository, _ namespace: String, in roots: [TreeEntry]) throws(GitError) -> [TreeEntry] {
    guard let entry = roots.first(where: { $0.name == Array(namespace.utf8) && $0.mode == FileMode.folder }) else { return [] }
    return try repository.tree(entry.id)
  }

  /// `stagex` of `stagex/core-acl`.
  private static func namespace(of image: ImageName) -> String { String(image.repository.prefix { $0 != "/" }) }
}
