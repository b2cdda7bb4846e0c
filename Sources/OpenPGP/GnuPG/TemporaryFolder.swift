internal import Glibc

/// A folder for this user alone, with no sub-folders, which is removed with everything in it.
///
/// A process that is killed cannot remove it: the next one that makes such a folder does. Whoever uses one holds a lock
/// on it, which goes with the process.
final class TemporaryFolder {
  let path: String
  private var exists = true
  private let lock: Descriptor?

  private static let mark = "stagex-maint-"
  /// A folder that is younger may not be locked yet.
  private static let age = 60

  /// Made inside `base`; `nil` for TMPDIR or /tmp.
  init(in base: String?) throws(GnuPGTrouble) {
    let usual = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    Self.clear(base ?? usual)
    var template = Array("\(base ?? usual)/\(Self.mark)XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer -> String? in
      unsafe mkdtemp(buffer.baseAddress!).map { unsafe String(cString: $0) }
    }
    guard let made else { throw GnuPGTrouble("mkdtemp", errno: errno) }
    path = made
    let number = unsafe open(made, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    lock = number >= 0 ? Descriptor(owning: number) : nil
    if let lock { flock(lock.number, LOCK_EX | LOCK_NB) }
  }

  /// Removes the folders of processes that were killed.
  private static func clear(_ base: String) {
    let now = time(nil)
    for name in names(in: base) where name.hasPrefix(mark) && name.utf8.count == mark.utf8.count + 6 {
      let number = unsafe open("\(base)/\(name)", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard number >= 0 else { continue }
      let folder = Descriptor(owning: number)
      var status = stat()
      guard unsafe fstat(folder.number, &status) == 0, status.st_uid == geteuid(), status.st_mtim.tv_sec < now - age,
        flock(folder.number, LOCK_EX | LOCK_NB) == 0
      else { continue }
      remove("\(base)/\(name)")
    }
  }

  deinit { remove() }

  /// Removes the folder; does nothing the second time.
  func remove() {
    guard exists else { return }
    exists = false
    Self.remove(path)
  }

  private static func remove(_ path: String) {
    for name in names(in: path) { unsafe unlink("\(path)/\(name)") }
    for name in names(in: path) { unsafe rmdir("\(path)/\(name)") }
    unsafe rmdir(path)
  }

  private static func names(in path: String) -> [String] {
    guard let folder = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// Writes a file that only this user may read.
  func write(_ name: String, _ bytes: [UInt8]) throws(GnuPGTrouble) {
    let number = unsafe open("\(path)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw GnuPGTrouble("open", errno: errno) }
    try Descriptor(owning: number).replace(with: bytes)
  }

  /// The content of a file; `nil` when it is missing, empty or longer than `limit` octets.
  func read(_ name: String, limit: Int) -> [UInt8]? {
    let number = unsafe open("\(path)/\(name)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard number >= 0 else { return nil }
    let file = Descriptor(owning: number)
    let size = lseek(file.number, 0, SEEK_END)
    guard size > 0, size <= limit else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(size))
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(file.number, $0.baseAddress, $0.count, 0) }
    return count == bytes.count ? bytes : nil
  }
}
