internal import Glibc

/// Reading files as they are, of any length.
enum PlainFile {
  /// The first bytes of a file, at most so many; nil where there is no file or it cannot be read.
  static func start(of path: String, _ most: Int) -> [UInt8]? {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: min(most, 1 << 16))
    while result.count < most {
      let got = unsafe buffer.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { return nil }
      if got == 0 { break }
      result += buffer[..<got]
    }
    return Array(result.prefix(most))
  }
}
