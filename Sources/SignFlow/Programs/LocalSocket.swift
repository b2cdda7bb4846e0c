internal import Basics
internal import Glibc
internal import Review

/// Both ends of the socket between our process, which holds the card, and the program that StageX's script calls in
/// gpg's place. It lies in a folder that nobody else may enter.
enum LocalSocket {
  /// - Throws: `FlowError` when the path is longer than a socket's may be.
  static func listen(at path: String) throws(FlowError) -> Int32 {
    let descriptor = try make()
    let status = try unsafe withAddress(path) { unsafe bind(descriptor, $0, $1) }
    guard status == 0, Glibc.listen(descriptor, 16) == 0 else {
      throw FlowError(.impossible, "no socket can be made at \(printable(path)): \(errorText(errno))")
    }
    return descriptor
  }

  static func connect(to path: String) throws(FlowError) -> Int32 {
    let descriptor = try make()
    guard try unsafe withAddress(path, { unsafe Glibc.connect(descriptor, $0, $1) }) == 0 else {
      throw FlowError(.impossible, "stagex-maint sign is not running any more", next: "stagex-maint sign --resume")
    }
    return descriptor
  }

  /// The next caller within the time; nil when nobody calls.
  static func accept(_ descriptor: Int32, milliseconds: Int32) -> Int32? {
    var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard unsafe Glibc.poll(&poll, 1, milliseconds) > 0 else { return nil }
    let caller = Glibc.accept(descriptor, nil, nil)
    return caller >= 0 ? caller : nil
  }

  private static func make() throws(FlowError) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw FlowError(.impossible, "no socket can be made: \(errorText(errno))") }
    return descriptor
  }

  private static func withAddress(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws(FlowError) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard path.utf8.count < room else {
      throw FlowError(.impossible, "\(printable(path)) is too long for a socket", next: "set TMPDIR to a short path")
    }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
