internal import Cgpgme
internal import Review

/// Bytes that GPGME reads or writes.
@safe struct GPGMEData: ~Copyable {
  let handle: gpgme_data_t

  /// An empty one to be written.
  init() throws(GPGMEFailure) {
    var made: gpgme_data_t?
    try GPGMEFailure.check(unsafe gpgme_data_new(&made))
    unsafe handle = unsafe made!
  }

  /// A copy of these bytes, to be read.
  init(copying bytes: [UInt8]) throws(GPGMEFailure) {
    var made: gpgme_data_t?
    let error = unsafe bytes.withUnsafeBytes { buffer in
      unsafe gpgme_data_new_from_mem(&made, buffer.baseAddress, buffer.count, 1)
    }
    try GPGMEFailure.check(error)
    unsafe handle = unsafe made!
  }

  deinit { unsafe gpgme_data_release(handle) }

  /// All that was written so far.
  borrowing func contents() -> [UInt8] {
    _ = unsafe gpgme_data_seek(handle, 0, SEEK_SET)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe gpgme_data_read(handle, $0.baseAddress, $0.count) }
      guard count > 0 else { return bytes }
      bytes += buffer[..<count]
    }
  }
}
