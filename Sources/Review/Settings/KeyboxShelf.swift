internal import Crypto
internal import GitBridge
internal import OpenPGP
internal import Synchronization

/// The keybox that gpg made of a registry's certificates, kept beside the repository for the next push.
///
/// One only, of the registry that was last judged by. It tells nothing of a commit: gpg takes from it which
/// self-signatures of a certificate it has checked before.
final class KeyboxShelf: Sendable {
  private static let name = "keybox"
  private static let magic = Array("stagex-maint keybox 1\n".utf8)
  private static let digestSize = 32

  private let folder: CacheFolder
  /// Read once: the outer nil stands for not yet.
  private let state = Mutex<KeptKeybox??>(nil)

  init(_ repository: Repository) {
    folder = CacheFolder(repository)
  }

  /// What is kept; nil where nothing is, or where it is damaged.
  var kept: KeptKeybox? {
    state.withLock { state in
      if let known = state { return known }
      let read = read()
      state = .some(read)
      return read
    }
  }

  func keep(_ keybox: KeptKeybox) {
    folder.replace(Self.name) { file in
      file.append(Self.magic)
      file.append(keybox.origin)
      file.append(SHA256.hash(data: keybox.origin + keybox.content))
      file.append(keybox.content)
    }
  }

  private func read() -> KeptKeybox? {
    guard let map = folder.read(Self.name) else { return nil }
    var rest = unsafe Array(map.bytes)[...]
    func take(_ count: Int) -> [UInt8] {
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
    guard take(Self.magic.count) == Self.magic else { return nil }
    let (origin, sum) = (take(Self.digestSize), take(Self.digestSize))
    let content = Array(rest)
    guard !content.isEmpty, Array(SHA256.hash(data: origin + content)) == sum else { return nil }
    return KeptKeybox(origin: origin, content: content)
  }
}
