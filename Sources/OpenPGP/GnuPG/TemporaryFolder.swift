internal import Basics
internal import Glibc

/// A folder for this user alone, in which gpg finds what it is given; it goes with everything in it.
final class TemporaryFolder {
  private let folder: PassingFolder

  /// Where it is.
  var path: String { folder.path }

  /// Made inside `base`; `nil` for TMPDIR or /tmp.
  init(in base: String?) throws(GnuPGTrouble) {
    do throws(SystemError) {
      folder = try PassingFolder(prefix: "stagex-maint-", in: base)
    } catch {
      throw GnuPGTrouble("mkdtemp", errno: error.number)
    }
  }

  /// Removes the folder; does nothing the second time.
  func remove() { folder.remove() }

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
