internal import Glibc
internal import Synchronization

/// A repository that is thrown away: git works in it on the objects of another, and writes into this one.
///
/// It holds no setting, no attribute, no hook and no ref but what stands here, so that nobody's can take part.
final class ScratchFolder {
  let path: String
  /// Locked as long as the folder is in use, so that others can tell one that was left behind.
  private let lock: Int32

  /// Those of this process, to be removed when it ends with some still open.
  private static let live = Mutex<Set<String>>([])
  private static let removesAtExit: Void = {
    atexit { for path in ScratchFolder.live.withLock({ $0 }) { removeAll(path) } }
  }()
  private static let prefix = "stagex-maint-merge-"

  /// - Parameter settings: its configuration, below `[core]`.
  init(settings: String) throws(GitError) {
    let base = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
    Self.removeAbandoned(in: base)
    var template = Array("\(base)/\(Self.prefix)XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer -> String? in
      unsafe mkdtemp(buffer.baseAddress!).map { unsafe String(cString: $0) }
    }
    guard let made else { throw Self.failure("no folder can be made in \(base)") }
    path = made
    _ = Self.removesAtExit
    Self.live.withLock { _ = $0.insert(made) }
    lock = unsafe open("\(made)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    let isMade =
      flock(lock, LOCK_EX | LOCK_NB) == 0
      && ["objects", "refs"].allSatisfy { unsafe mkdir("\(made)/\($0)", 0o700) == 0 }
    guard isMade else { throw Self.failure("the folder \(made) cannot be filled") }
    try write("HEAD", "ref: refs/heads/none\n")
    try write("config", "[core]\n\trepositoryFormatVersion = 0\n\tbare = true\n" + settings)
  }

  deinit {
    removeAll(path)
    close(lock)
    Self.live.withLock { _ = $0.remove(path) }
  }

  private func write(_ name: String, _ text: String) throws(GitError) {
    let file = unsafe open("\(path)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    defer { close(file) }
    let bytes = Array(text.utf8)
    let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
    guard file >= 0, written == bytes.count else { throw Self.failure("\(path)/\(name) cannot be written") }
  }

  /// The first bytes of a file in here.
  func read(_ name: String, atMost count: Int) -> [UInt8] {
    let file = unsafe open("\(path)/\(name)", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return [] }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: count)
    let read = unsafe bytes.withUnsafeMutableBytes { unsafe pread(file, $0.baseAddress, $0.count, 0) }
    return Array(bytes.prefix(max(0, read)))
  }

  private static func failure(_ text: String) -> GitError {
    .program("merging again", message: "\(text) (errno \(errno))")
  }

  /// Removes what killed processes of this user have left in `base`.
  private static func removeAbandoned(in base: String) {
    for name in names(in: base) where name.hasPrefix(prefix) {
      let folder = "\(base)/\(name)"
      var status = stat()
      // A young one may not be locked yet.
      guard unsafe lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
        status.st_mtim.tv_sec < time(nil) - 60
      else { continue }
      let lock = unsafe open("\(folder)/lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
      let isFree = lock < 0 ? errno == ENOENT : flock(lock, LOCK_EX | LOCK_NB) == 0
      if isFree { removeAll(folder) }
      if lock >= 0 { close(lock) }
    }
  }
}

private func names(in folder: String) -> [String] {
  guard let stream = unsafe opendir(folder) else { return [] }
  defer { unsafe closedir(stream) }
  var names: [String] = []
  while let entry = unsafe readdir(stream) {
    let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
      unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names
}

/// Removes a folder of ours, whose names are plain, with everything in it. Links are not followed.
private func removeAll(_ path: String) {
  if unsafe unlink(path) == 0 || errno == ENOENT { return }
  for name in names(in: path) { removeAll("\(path)/\(name)") }
  unsafe rmdir(path)
}
