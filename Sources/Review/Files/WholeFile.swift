internal import Basics
internal import Glibc

/// The bytes of a regular file of at most 1 MiB; nil when there is none.
///
/// - Parameter flags: More flags for open(2).
/// - Throws: `FileDefect` when it exists and cannot be read: an unreadable key must be said, not skipped.
package func readWholeFile(_ path: String, limit: Int = 1 << 20, flags: Int32 = 0) throws(FileDefect) -> [UInt8]? {
  let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags)
  guard file >= 0 else {
    if errno == ELOOP { throw FileDefect.notAFile(path) }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw FileDefect("\(path) cannot be opened: \(errorText(errno))")
  }
  defer { close(file) }
  var status = stat()
  guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
    throw FileDefect.notAFile(path)
  }
  let tooLarge = FileDefect("\(path) is larger than \(limit >> 10) KiB")
  guard status.st_size <= limit else { throw tooLarge }
  var bytes = [UInt8](repeating: 0, count: limit + 1)
  var count = 0
  while count < bytes.count {
    let got = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe read(file, buffer.baseAddress.map { unsafe $0 + count }, buffer.count - count)
    }
    if got == 0 { return Array(bytes.prefix(count)) }
    guard got > 0 else { throw FileDefect("\(path) cannot be read: \(errorText(errno))") }
    count += got
  }
  throw tooLarge
}
