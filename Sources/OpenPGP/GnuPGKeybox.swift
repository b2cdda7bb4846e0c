internal import Glibc

/// The keyring as a keybox, made by gpg itself.
///
/// From a plain keyring, gpg checks a certificate's self-signatures anew three times for every signature: several
/// milliseconds for Ed25519. In a keybox it keeps what it found when it imported them. Import needs a real home, so one
/// lives for that long, in a folder that only this user may enter; the result is held in memory.
final class GnuPGKeybox {
  private var process: GnuPGProcess?
  private let folder: TemporaryFolder
  private var made: [UInt8]?

  /// Largest keybox that is read back, in octets.
  private static let limit = 64 << 20

  /// Starts the import and does not wait for it.
  init(program: String, keyring: [UInt8]) throws(GnuPGTrouble) {
    folder = try TemporaryFolder()
    let input = try Descriptor.memory()
    try input.replace(with: keyring)
    process = try GnuPGProcess(
      program: program,
      arguments: GnuPGProgram.isolation + [
        "--batch", "--homedir", folder.path, "--import", "/proc/self/fd/\(GnuPGProcess.firstFile)",
      ], files: [input])
  }

  /// The keybox once the import has ended; `nil` while it runs, or when it brought nothing.
  func content() -> [UInt8]? {
    if let process {
      // The end of its output is the end of the import; what it says is of no interest.
      while true {
        do throws(GnuPGTrouble) {
          guard try process.receiveLine(patience: 0) != nil else { break }
        } catch {
          return nil
        }
      }
      self.process = nil
      made = folder.read("pubring.kbx", limit: Self.limit)
      folder.remove()
    }
    return made
  }
}

/// A folder for this user alone, with no sub-folders, which is removed with everything in it.
final class TemporaryFolder {
  let path: String
  private var exists = true

  init() throws(GnuPGTrouble) {
    let base = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/stagex-maint-XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer -> String? in
      unsafe mkdtemp(buffer.baseAddress!).map { unsafe String(cString: $0) }
    }
    guard let made else { throw GnuPGTrouble("mkdtemp", errno: errno) }
    path = made
  }

  deinit { remove() }

  /// Removes the folder; does nothing the second time.
  func remove() {
    guard exists else { return }
    exists = false
    for name in names() { unsafe unlink("\(path)/\(name)") }
    for name in names() { unsafe rmdir("\(path)/\(name)") }
    unsafe rmdir(path)
  }

  private func names() -> [String] {
    guard let folder = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// Writes a file that only this user may read.
  func write(_ name: String, _ bytes: [UInt8]) throws(GnuPGTrouble) {
    let number = unsafe open("\(path)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw GnuPGTrouble("open", errno: errno) }
    try Descriptor(owning: number).replace(with: bytes)
  }

  /// The content of a file; `nil` when it is missing, empty or longer than `limit` octets.
  func read(_ name: String, limit: Int) -> [UInt8]? {
    let number = unsafe open("\(path)/\(name)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard number >= 0 else { return nil }
    let file = Descriptor(owning: number)
    let size = lseek(file.number, 0, SEEK_END)
    guard size > 0, size <= limit else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(size))
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(file.number, $0.baseAddress, $0.count, 0) }
    return count == bytes.count ? bytes : nil
  }
}
