package import GitBridge
package import Review

/// A draft of what a release's tag says: what changed since the release before, and who took part.
package struct ReleaseNotes: Sendable {
  /// The release.
  package let name: String
  /// The release before; nil for the first.
  package let previous: String?
  /// Packages that came, went and changed, sorted.
  package private(set) var added: [String] = []
  /// Packages that are gone.
  package private(set) var removed: [String] = []
  /// Packages with another digest.
  package private(set) var changed: [String] = []
  /// How many commits lie between.
  package private(set) var commits = 0
  /// Who wrote commits, by the names they gave, with how many; from outside, safe to print.
  package private(set) var authors: [String: Int] = [:]
  /// Whose keys signed commits, by their ids in the registry.
  package private(set) var signers: [String: Int] = [:]

  /// - Parameters:
  ///   - commit: What the release is made of.
  ///   - since: What the release before was made of; nil for the first.
  package init(
    _ view: ReleaseView, of commit: ObjectID, since: ObjectID?, previous: String?, in repository: Repository,
    registry: Registry
  ) throws(GitError) {
    name = view.name
    self.previous = previous
    let old = try since.map { id throws(GitError) in try repository.treeOfCommit(id) }
    let changes = try repository.changes(from: old, to: try repository.treeOfCommit(commit))
    var kinds: [String: Set<String>] = [:]
    for change in changes {
      guard let package = Self.package(change.path) else { continue }
      kinds[package, default: []].insert(change.oldMode == 0 ? "added" : change.newMode == 0 ? "removed" : "changed")
    }
    for (package, kind) in kinds {
      switch kind {
      case ["added"]: added.append(package)
      case ["removed"]: removed.append(package)
      default: changed.append(package)
      }
    }
    added.sort()
    removed.sort()
    changed.sort()
    var ids: [ObjectID] = []
    var authors: [String: Int] = [:]
    try unsafe repository.walk(from: [commit], hiding: since.map { [$0] } ?? [], exact: true) { id, parsed, bytes in
      ids.append(id)
      let line = unsafe bytes[parsed.author]
      let name = unsafe printable(Array(line.prefix { $0 != UInt8(ascii: "<") }), limit: 100)
      authors[String(name.reversed().drop { $0 == " " }.reversed()), default: 0] += 1
    }
    self.authors = authors
    commits = ids.count
    for id in ids {
      if let signer = namedSigner(of: id, in: repository, registry: registry) { signers[signer, default: 0] += 1 }
    }
  }

  /// `core/busybox` of `packages/core/busybox/Containerfile`, and of older layouts without a group `busybox`.
  static func package(_ path: [UInt8]) -> String? {
    let parts = path.split(separator: UInt8(ascii: "/"))
    guard parts.count >= 3, parts[0].elementsEqual("packages".utf8) else { return nil }
    return parts[1..<max(2, min(3, parts.count - 1))].map { printable($0, limit: 100) }.joined(separator: "/")
  }

  /// For a terminal or a file.
  package var lines: [String] {
    func list(_ title: String, _ names: [String]) -> [String] {
      names.isEmpty ? [] : ["", "\(title) (\(names.count))", ""] + names.map { "- \($0)" }
    }
    func people(_ counts: [String: Int]) -> [String] {
      counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\(printable($0.key)) (\($0.value))" }
    }
    var lines = ["Release \(name)", ""]
    lines.append("\(commits) commits\(previous.map { " since \($0)" } ?? "").")
    lines += list("New packages", added) + list("Removed packages", removed) + list("Changed packages", changed)
    lines += list("Signed by", people(signers)) + list("Written by", people(authors))
    return lines
  }
}
