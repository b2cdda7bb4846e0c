import Foundation
import GitBridge
import Support

/// A real history whose commits are signed by people that a file in the tree lists, where the shared data is at hand.
struct Nonguix {
  private let folder: TemporaryFolder
  let repository: Repository

  init() throws {
    folder = try TemporaryFolder()
    try Tool.succeed("tar", ["-xzf", Shared.path("data/nonguix/nonguix.git.tar.gz")!, "-C", folder.path])
    repository = try Repository.open(path: folder.path + "/nonguix.git", configuration: .none)
  }

  /// For each commit: its id, the key that signed, gpg's word, the primary key, when, and how the key stood then.
  static func expected() throws -> [String: [String]] {
    let rows = try String(contentsOfFile: Shared.path("data/nonguix/expected-signers.tsv")!, encoding: .utf8)
      .split(separator: "\n").dropFirst().map { $0.split(separator: "\t").map(String.init) }
    return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0) })
  }
}
