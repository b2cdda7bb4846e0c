internal import Basics
internal import Glibc
internal import Review

/// A folder held open, so that what is below it is reached by its entries and never through a symbolic link:
/// a link or `..` in a tree of files from outside leads nowhere.
final class OpenFolder: Sendable {
  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// A folder that the person named; links on the way to it are the person's own.
  static func open(path: String) throws(FlowError) -> OpenFolder? {
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw FlowError(.impossible, "\(printable(path)) cannot be opened: \(errorText(errno))")
    }
    return OpenFolder(descriptor: descriptor)
  }

  enum Below {
    case folder(OpenFolder)
    case absent
    /// Something of that name is there, and it is no folder, or a symbolic link.
    case notAFolder
  }

  /// A folder directly below this one.
  func folder(_ name: some Collection<UInt8>) throws(FlowError) -> Below {
    let below = unsafe openat(descriptor, Self.text(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    if below >= 0 { return .folder(OpenFolder(descriptor: below)) }
    switch errno {
    case ENOENT: return .absent
    case ENOTDIR, ELOOP: return .notAFolder
    default: throw FlowError(.impossible, "the folder \(printable(name)) cannot be opened: \(errorText(errno))")
    }
  }

  /// The folder at a relative path of plain names.
  func folder(path: String) throws(FlowError) -> Below {
    var current = self
    for part in path.utf8.split(separator: UInt8(ascii: "/")) {
      guard part.first != UInt8(ascii: ".") else { return .notAFolder }
      guard case .folder(let next) = try current.folder(part) else { return try current.folder(part) }
      current = next
    }
    return .folder(current)
  }

  /// The names of all entries but `.` and `..`, sorted by their bytes.
  func names() throws(FlowError) -> [[UInt8]] {
    let copy = unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard copy >= 0 else { throw Self.unreadable() }
    guard let stream = unsafe fdopendir(copy) else {
      defer { close(copy) }
      throw Self.unreadable()
    }
    defer { unsafe closedir(stream) }
    var names: [[UInt8]] = []
    while true {
      // readdir(3): only errno tells an error, which would hide files, from the end.
      errno = 0
      guard let entry = unsafe readdir(stream) else {
        guard errno == 0 else { throw Self.unreadable() }
        break
      }
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
      if name == [0x2E] || name == [0x2E, 0x2E] { continue }
      names.append(name)
    }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
  }

  private static func unreadable() -> FlowError {
    FlowError(.impossible, "a folder cannot be read: \(errorText(errno))")
  }

  /// What a file holds, if it is at most `limit` bytes.
  func content(of name: some Collection<UInt8>, limit: Int) -> ImageFile.Content {
    // Without O_NONBLOCK a pipe laid there would make us wait for ever.
    let file = unsafe openat(descriptor, Self.text(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { return errno == ELOOP ? .notAFile : .unreadable("it cannot be opened: \(errorText(errno))") }
    defer { close(file) }
    var status = stat()
    guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return .notAFile }
    var bytes: [UInt8] = []
    let room = min(Int(status.st_size), limit) + 1
    while bytes.count <= limit {
      let part = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        count = unsafe max(-1, Glibc.read(file, buffer.baseAddress, min(buffer.count, limit + 1 - bytes.count)))
        if count < 0 { count = 0 }
      }
      if part.isEmpty { break }
      bytes += part
    }
    return bytes.count <= limit ? .bytes(bytes) : .oversize
  }

  /// The bytes of a regular file; nil when there is none.
  func file(_ name: String, limit: Int) throws(FlowError) -> [UInt8]? {
    var status = stat()
    if unsafe fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) != 0, errno == ENOENT { return nil }
    switch content(of: Array(name.utf8), limit: limit) {
    case .bytes(let bytes): return bytes
    case .oversize: throw FlowError(.impossible, "\(printable(name)) is larger than \(limit) bytes")
    case .notAFile: throw FlowError(.impossible, "\(printable(name)) is not a regular file")
    case .unreadable(let text): throw FlowError(.impossible, "\(printable(name)): \(text)")
    }
  }

  /// Gives the file to `body` piece by piece. False when it is not a regular file of that size.
  func read(_ name: String, size: Int, _ body: (UnsafeRawBufferPointer) -> Void) throws(FlowError) -> Bool {
    let file = unsafe openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    var status = stat()
    guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, Int(status.st_size) == size else {
      return false
    }
    var buffer = [UInt8](repeating: 0, count: min(1 << 20, max(1, size)))
    var total = 0
    while true {
      let got = unsafe Glibc.read(file, &buffer, buffer.count)
      guard got >= 0 else { throw FlowError(.impossible, "\(printable(name)) cannot be read: \(errorText(errno))") }
      if got == 0 { return total == size }
      total += got
      unsafe buffer.withUnsafeBytes { unsafe body(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
    }
  }

  private static func text(_ name: some Collection<UInt8>) -> [CChar] { name.map { CChar(bitPattern: $0) } + [0] }
}
