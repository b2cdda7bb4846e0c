internal import Basics
internal import Glibc
internal import Review
internal import Synchronization

/// Writes what the program says, and remembers what could not be written: a verdict that never arrived must not look
/// like one that did.
enum Output {
  /// The error number of the first result that was lost; 0 while all have arrived.
  private static let lost = Mutex<Int32>(0)

  static func write(_ text: String, to file: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
      if written > 0 {
        bytes = bytes.dropFirst(written)
      } else if written < 0, errno == EINTR {
        continue
      } else if written < 0, errno == EAGAIN {
        var waiting = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
        unsafe poll(&waiting, 1, -1)
      } else {
        let reason = written == 0 ? ENOSPC : errno
        // Of what goes to standard error, nobody is left to be told.
        if file == STDOUT_FILENO { lost.withLock { if $0 == 0 { $0 = reason } } }
        return
      }
    }
  }

  /// The status to end with: a success whose result was lost is none.
  static func status(_ status: Int32) -> Int32 {
    let reason = lost.withLock { $0 }
    guard reason != 0, status == 0 else { return status }
    // A reader who has seen enough, as `head` has, needs no word about it.
    if reason != EPIPE { write("error: the result could not be written: \(errorText(reason))\n", to: STDERR_FILENO) }
    return 2
  }
}
