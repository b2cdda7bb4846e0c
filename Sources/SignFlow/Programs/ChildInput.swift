internal import CLinux
internal import Glibc
internal import SystemPackage

/// What a child reads as its standard input: a file without a name, written before the child starts.
///
/// Not a pipe: a child that ends before it has read everything would break it, and swift-subprocess 1.0.2 ends the
/// whole process then ("was not closed"), in the middle of signing.
enum ChildInput {
  /// The descriptor is the caller's, or that of whom it is handed to.
  static func descriptor(_ bytes: [UInt8]) throws(Errno) -> FileDescriptor {
    let number = unsafe memfd_create("input", CLINUX_MFD_CLOEXEC)
    guard number >= 0 else { throw Errno(rawValue: errno) }
    let file = FileDescriptor(rawValue: number)
    do {
      _ = try file.writeAll(bytes)
      _ = try file.seek(offset: 0, from: .start)
      return file
    } catch {
      try? file.close()
      throw error as? Errno ?? .ioError
    }
  }
}
