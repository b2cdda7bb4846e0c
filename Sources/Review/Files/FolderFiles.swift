internal import Glibc

/// Files of a folder outside the repository, for a pinned registry.
struct FolderFiles: EvidenceSource {
  let folder: String

  func file(_ path: String) throws -> [UInt8]? {
    try readWholeFile(folder + "/" + path)
  }

  func names(in path: String, atMost most: Int) throws -> [[UInt8]]? {
    let place = folder + "/" + path
    let descriptor = unsafe open(place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      if errno == ENOTDIR || errno == ELOOP { throw FileDefect.notAFolder(place) }
      throw FileDefect("\(place) cannot be opened: \(errorText(errno))")
    }
    guard let stream = unsafe fdopendir(descriptor) else {
      defer { close(descriptor) }
      throw FileDefect("\(place) cannot be read: \(errorText(errno))")
    }
    defer { unsafe closedir(stream) }
    var names: [[UInt8]] = []
    while true {
      // readdir(3): only errno tells an error, which would hide files, from the end.
      errno = 0
      guard let entry = unsafe readdir(stream) else {
        guard errno == 0 else { throw FileDefect("\(place) cannot be read: \(errorText(errno))") }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
      }
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
      if name == [0x2E] || name == [0x2E, 0x2E] { continue }
      names.append(name)
      guard names.count <= most else { throw FileDefect.tooMany(place, most) }
    }
  }

  func plainFile(_ path: String, limit: Int) throws -> [UInt8]? {
    try readWholeFile(folder + "/" + path, limit: limit, flags: O_NOFOLLOW)
  }
}

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

/// The system's words for an error number.
package func errorText(_ number: Int32) -> String {
  var buffer = [CChar](repeating: 0, count: 128)
  guard unsafe strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
  return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
