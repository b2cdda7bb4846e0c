internal import Glibc

/// Writing files: the one place that does it. What is half written is never taken for whole, an interrupted call is
/// made again.
package enum FileWriting {
  /// Writes all octets at the descriptor's position.
  ///
  /// - Throws: `written`; some of the octets may be there.
  package static func write(_ bytes: some Collection<UInt8>, to file: Int32) throws(SystemError) {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      // A file system that takes nothing and names no error is full.
      guard count > 0 else { throw SystemError("written", count < 0 ? errno : ENOSPC) }
      rest = rest.dropFirst(count)
    }
  }

  /// How a file is made.
  package enum Making: Sendable {
    /// Nothing of that name may be there.
    case new
    /// What is there loses its content; a symbolic link is an error.
    case emptied
  }

  /// Makes a file and writes its whole content.
  ///
  /// - Parameters:
  ///   - mode: its permissions, as far as the process's mask leaves them.
  ///   - exactly: whether that mask is not asked.
  ///   - synced: whether it has to outlive a power cut.
  /// - Throws: `opened` or `written`; a new file that could not be written whole is gone again.
  package static func make(
    _ path: String, _ bytes: some Collection<UInt8>, mode: UInt32, _ making: Making = .new, exactly: Bool = false,
    synced: Bool = false
  ) throws(SystemError) {
    let flag = making == .new ? O_EXCL : O_TRUNC
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flag, mode)
    guard file >= 0 else { throw SystemError("opened", errno) }
    do throws(SystemError) {
      try write(bytes, to: file)
      guard !exactly || fchmod(file, mode) == 0, !synced || fsync(file) == 0 else {
        throw SystemError("written", errno)
      }
    } catch {
      close(file)
      if making == .new { unsafe unlink(path) }
      throw error
    }
    // Some file systems tell of a write that failed only here.
    guard close(file) == 0 else { throw SystemError("written", errno) }
  }

  /// Puts a file in the place of another, so that whoever kills us leaves the old one or the new one, and never half of
  /// one.
  ///
  /// - Parameters:
  ///   - temporary: where it is written first, in the same folder; what is there is lost.
  ///   - exactly: as for ``make(_:_:mode:_:exactly:synced:)``.
  /// - Throws: `opened`, `written`, or `put into place`; the old file is then as it was.
  package static func replace(
    _ path: String, _ bytes: some Collection<UInt8>, mode: UInt32, exactly: Bool = false, temporary: String
  ) throws(SystemError) {
    unsafe unlink(temporary)
    try make(temporary, bytes, mode: mode, exactly: exactly, synced: true)
    guard unsafe rename(temporary, path) == 0 else {
      let error = SystemError("put into place", errno)
      unsafe unlink(temporary)
      throw error
    }
  }
}
