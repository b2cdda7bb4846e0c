internal import GitBridge

/// The refs of a server, fetched to a place of their own, and where the clone has them.
struct RemoteRefs {
  let remote: String
  /// By the full name on the server.
  private(set) var shown: [[UInt8]: ObjectID] = [:]
  /// Where the clone's remote-tracking refs and tags stand, by the full name on the server.
  private(set) var tracked: [[UInt8]: ObjectID] = [:]
  /// The clone's own names that stand for another ref.
  private var symbolic: Set<[UInt8]> = []

  static func incoming(_ remote: String) -> String { "refs/stagex-maint/incoming/\(remote)/" }

  init(_ repository: Repository, remote: String) throws(GitError) {
    self.remote = remote
    let incoming = Array(Self.incoming(remote).utf8)
    let tracking = Array("refs/remotes/\(remote)/".utf8)
    for ref in try repository.references() {
      // A symbolic ref such as origin/HEAD is no branch of the server's.
      guard ref.symbolicTarget == nil else {
        symbolic.insert(ref.name)
        continue
      }
      guard let target = ref.target else { continue }
      if ref.name.starts(with: incoming) {
        shown[Array("refs/".utf8) + ref.name.dropFirst(incoming.count)] = target
      } else if ref.name.starts(with: tracking) {
        tracked[Array("refs/heads/".utf8) + ref.name.dropFirst(tracking.count)] = target
      } else if ref.name.starts(with: "refs/tags/".utf8) {
        tracked[ref.name] = target
      }
    }
  }

  /// Whether the clone's own name for a server's ref stands for another ref, as origin/HEAD does.
  func isSymbolic(_ ref: [UInt8]) -> Bool { symbolic.contains(local(ref)) }

  /// The clone's own name for a server's ref.
  func local(_ ref: [UInt8]) -> [UInt8] {
    let heads = Array("refs/heads/".utf8)
    return ref.starts(with: heads) ? Array("refs/remotes/\(remote)/".utf8) + ref.dropFirst(heads.count) : ref
  }
}
