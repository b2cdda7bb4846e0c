internal import Glibc

/// Files of a folder outside the repository, for a pinned registry.
struct FolderFiles: FileSource {
  let folder: String

  func file(_ path: String) throws -> [UInt8]? {
    try readWholeFile(folder + "/" + path)
  }
}

/// The bytes of a regular file of at most 1 MiB; nil when there is none.
///
/// - Throws: `FileDefect` when it exists and cannot be read: an unreadable key must be said, not skipped.
package func readWholeFile(_ path: String) throws(FileDefect) -> [UInt8]? {
  let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard file >= 0 else {
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw FileDefect("\(path) cannot be opened: \(errorText(errno))")
  }
  defer { close(file) }
  var status = stat()
  guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
    throw FileDefect("\(path) is not a regular file")
  }
  let limit = 1 << 20
  guard status.st_size <= limit else { throw FileDefect("\(path) is larger than 1 MiB") }
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
  throw FileDefect("\(path) is larger than 1 MiB")
}

/// The system's words for an error number.
package func errorText(_ number: Int32) -> String {
  var buffer = [CChar](repeating: 0, count: 128)
  guard unsafe strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
  return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
