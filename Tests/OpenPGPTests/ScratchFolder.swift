import Glibc

/// A folder for one test, removed with everything in it.
final class ScratchFolder {
  let path: String

  struct Failure: Error {}

  init() throws {
    var template = Array("/tmp/openpgp-tests-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw Failure() }
    path = String(cString: made)
  }

  deinit {
    for name in listing(path) { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws {
    try write(name, Array(text.utf8), mode: mode)
  }

  func write(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o644) throws {
    guard let file = fopen("\(path)/\(name)", "wb") else { throw Failure() }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count, chmod("\(path)/\(name)", mode) == 0 else {
      throw Failure()
    }
  }
}
