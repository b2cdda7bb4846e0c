internal import Glibc
internal import Synchronization

/// A folder of this user alone that goes with everything in it: with this object, or when the process ends.
///
/// A process that is killed cannot remove its own: the next one that makes such a folder does. Whoever uses one holds a
/// lock on it, which the system takes back from a process however it ends.
package final class PassingFolder: Sendable {
  /// Where it is; without a slash at its end.
  package let path: String
  private let lock: Int32

  /// Those of this process that are still there.
  private static let live = Mutex<Set<String>>([])
  private static let removesAtExit: Void = {
    atexit { for path in PassingFolder.live.withLock({ $0 }) { removeFolder(path) } }
  }()

  /// In seconds. A folder that is younger may not be locked yet.
  private static let age = 60
  /// Of the letters that mkdtemp(3) puts behind a prefix.
  private static let suffix = 6

  /// Makes one inside of `base`, and clears away those with this prefix that killed processes of this user have left
  /// there.
  ///
  /// - Parameter base: nil for TMPDIR, or /tmp where that names no absolute path.
  package init(prefix: String, in base: String? = nil) throws(SystemError) {
    let base = base ?? Self.usualBase
    Self.clear(base, prefix)
    var template = Array("\(base)/\(prefix)XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer -> String? in
      unsafe mkdtemp(buffer.baseAddress!).map { unsafe String(cString: $0) }
    }
    guard let made else { throw SystemError("made in \(base)", errno) }
    path = made
    lock = Self.open(made)
    // Unlocked, another process would take it for left behind after a minute and clear it away under us. Where the file
    // system knows no locks, nobody can.
    guard lock >= 0 else {
      let error = SystemError("opened in \(base)", errno)
      unsafe rmdir(made)
      throw error
    }
    flock(lock, LOCK_EX | LOCK_NB)
    _ = Self.removesAtExit
    Self.live.withLock { _ = $0.insert(made) }
  }

  deinit {
    remove()
    if lock >= 0 { close(lock) }
  }

  /// Removes the folder now; does nothing the second time.
  package func remove() {
    guard Self.live.withLock({ $0.remove(path) }) != nil else { return }
    removeFolder(path)
  }

  private static var usualBase: String {
    unsafe getenv("TMPDIR").map { unsafe String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
  }

  private static func open(_ path: String) -> Int32 {
    unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
  }

  private static func clear(_ base: String, _ prefix: String) {
    let now = time(nil)
    for name in folderNames(base) where name.hasPrefix(prefix) && name.utf8.count == prefix.utf8.count + suffix {
      let folder = open("\(base)/\(name)")
      guard folder >= 0 else { continue }
      defer { close(folder) }
      var status = stat()
      guard unsafe fstat(folder, &status) == 0, status.st_uid == geteuid(), status.st_mtim.tv_sec < now - age,
        flock(folder, LOCK_EX | LOCK_NB) == 0
      else { continue }
      removeFolder("\(base)/\(name)")
    }
  }
}

/// The names in a folder but `.` and `..`, in no order; none where it cannot be read.
private func folderNames(_ folder: String) -> [String] {
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
private func removeFolder(_ path: String) {
  if unsafe unlink(path) == 0 || errno == ENOENT { return }
  for name in folderNames(path) { removeFolder("\(path)/\(name)") }
  unsafe rmdir(path)
}
