import Foundation

/// A miniature distribution in StageX's shape (`Tests/ImageTree/make-tree`), built and committed, with its own registry
/// and an empty signatures repository beside it.
package final class ImageTree {
  private let folder: TemporaryFolder
  /// The distribution's work tree.
  package let path: String
  /// The bare signatures repository.
  package let signatures: String

  /// - Parameter registry: path and text of each file.
  package init(packages: Int, registry: [String: String]) throws {
    folder = try TemporaryFolder()
    path = folder.path + "/tree"
    signatures = folder.path + "/signatures.git"
    try Tool.succeed("git", ["init", "--quiet", "--bare", "--initial-branch=main", signatures])
    let seed = folder.path + "/seed"
    try Tool.succeed("git", ["init", "--quiet", "--initial-branch=main", seed])
    try folder.write("seed/README", "signatures\n")
    try Self.git(seed, "add", ".")
    try Self.git(seed, "commit", "--quiet", "--message", "start")
    try Self.git(seed, "push", "--quiet", signatures, "main")
    try Tool.succeed("\(Tool.packageFolder)/Tests/ImageTree/make-tree", [path, String(packages), signatures])
    for (name, text) in registry { try folder.write("tree/\(name)", text) }
    try Tool.succeed("make", ["--silent", "digests"], folder: path)
    try Tool.succeed("git", ["init", "--quiet", "--initial-branch=main", path])
    try git("add", ".")
    try git("commit", "--quiet", "--message", "start")
  }

  @discardableResult
  package func git(_ arguments: String...) throws -> String { try Tool.succeed("git", ["-C", path] + arguments).line }

  @discardableResult
  package static func git(_ folder: String, _ arguments: String...) throws -> String {
    try Tool.succeed("git", ["-C", folder] + arguments).line
  }

  /// Another maintainer's work tree of the same commit, with the same images built.
  package func copy(_ name: String) throws -> String {
    let other = folder.path + "/" + name
    try Tool.succeed("git", ["clone", "--quiet", path, other])
    try Tool.succeed("cp", ["-r", path + "/out", other + "/out"])
    return other
  }

  /// Clones the signatures into a work tree.
  package func cloneSignatures(into tree: String) throws {
    try Tool.succeed("git", ["clone", "--quiet", signatures, tree + "/signatures"])
  }

  package func write(_ name: String, _ bytes: [UInt8]) throws {
    let file = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: file))
  }

  package func read(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
  }

  /// The files below `signatures/stagex`, relative to it, sorted.
  package func signatureFiles() -> [String] {
    let root = path + "/signatures/stagex"
    return (FileManager.default.subpaths(atPath: root) ?? []).filter { $0.contains("/") }.sorted()
  }
}
