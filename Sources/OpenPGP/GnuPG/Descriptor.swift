internal import CLinux
internal import Glibc

/// A file descriptor that closes itself.
final class Descriptor {
  let number: Int32

  init(owning number: Int32) { self.number = number }

  deinit { close(number) }

  /// The same file under a number that no file of a child gets.
  func moved() throws(GnuPGTrouble) -> Descriptor {
    let number = fcntl(number, F_DUPFD_CLOEXEC, GnuPGProcess.ownFloor)
    // EINVAL: the limit on open files is below our own floor.
    guard number >= 0 else { throw GnuPGTrouble("fcntl", errno: errno == EINVAL ? EMFILE : errno) }
    return Descriptor(owning: number)
  }

  /// A file in memory, which no other user can see and which disappears with us.
  static func memory() throws(GnuPGTrouble) -> Descriptor {
    let number = unsafe memfd_create("stagex-maint", CLINUX_MFD_CLOEXEC)
    guard number >= 0 else { throw GnuPGTrouble("memfd_create", errno: errno) }
    return try Descriptor(owning: number).moved()
  }

  /// Replaces the file's content by `pieces`, one after the other.
  @unsafe func replace(with pieces: [UnsafeRawBufferPointer]) throws(GnuPGTrouble) {
    var offset = 0
    for unsafe piece in unsafe pieces {
      var rest = unsafe piece
      while rest.count > 0 {
        let written = unsafe pwrite(number, rest.baseAddress, rest.count, offset)
        guard written > 0 || errno == EINTR else { throw GnuPGTrouble("pwrite", errno: errno) }
        let taken = max(0, written)
        offset += taken
        unsafe rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
      }
    }
    guard ftruncate(number, offset) == 0 else { throw GnuPGTrouble("ftruncate", errno: errno) }
  }

  func replace(with bytes: [UInt8]) throws(GnuPGTrouble) {
    let result: Result<Void, GnuPGTrouble> = unsafe bytes.withUnsafeBytes { pointer in
      do throws(GnuPGTrouble) { return .success(try unsafe replace(with: [pointer])) } catch { return .failure(error) }
    }
    try result.get()
  }
}
