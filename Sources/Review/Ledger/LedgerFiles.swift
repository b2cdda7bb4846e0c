internal import Basics
internal import Glibc

/// The files of one ledger: `ledger`, which grows, and those that were full before it, `ledger-000001` and so on.
///
/// Only what belongs to the user who runs this and what nobody else may write is believed: somebody else's could say
/// that anything was seen and accepted.
struct LedgerFiles: Sendable {
  let folder: String

  static let current = "ledger"
  /// When a file is full, in bytes.
  static let fullAt = 4 << 20
  /// How many full files are kept. What is older is given up: a ledger takes no more than 68 MiB, some 350,000 moves.
  static let keptFiles = 16

  static func name(ofFile number: Int) -> String {
    let digits = String(number)
    return "\(current)-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  var currentPath: String { "\(folder)/\(Self.current)" }

  /// The numbers of the full files that are there, oldest first.
  func numbers() -> [Int] {
    guard let stream = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(stream) }
    var numbers: [Int] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
        unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name.hasPrefix("\(Self.current)-"), let number = Int(name.dropFirst(Self.current.count + 1)),
        name == Self.name(ofFile: number)
      else { continue }
      numbers.append(number)
    }
    return numbers.sorted()
  }

  /// A file's bytes; nil where there is none that may be believed.
  func map(_ name: String) -> MappedFile? {
    var status = stat()
    guard unsafe lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, Self.isOurs(status) else {
      return nil
    }
    return Self.map("\(folder)/\(name)")
  }

  static func map(_ path: String, ofAnybody: Bool = false) -> MappedFile? {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var status = stat()
    guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, ofAnybody || isOurs(status),
      status.st_size < 1 << 30
    else { return nil }
    return MappedFile(file, size: Int(status.st_size))
  }

  static func isOurs(_ status: stat) -> Bool { status.st_uid == geteuid() && status.st_mode & 0o022 == 0 }

  /// Makes the folder, and those above it.
  func make() throws(LedgerError) {
    if unsafe access(folder, F_OK) != 0 { try makeAll() }
    var status = stat()
    guard unsafe lstat(folder, &status) == 0 else { throw .system("looked at", folder, errno) }
    guard status.st_mode & S_IFMT == S_IFDIR, Self.isOurs(status) else {
      throw LedgerError(
        "the ledger's folder \(printable(folder)) belongs to another user, or others may write it",
        next: "chown \(geteuid()) \(shellWord(folder)) && chmod go-w \(shellWord(folder))")
    }
  }

  private func makeAll() throws(LedgerError) {
    var made = ""
    for part in folder.split(separator: "/", omittingEmptySubsequences: true) {
      made += (made.isEmpty && !folder.hasPrefix("/") ? "" : "/") + part
      guard unsafe mkdir(made, 0o700) != 0 else { continue }
      // Folders above may be anybody's, and may not let us ask.
      let problem = errno
      guard unsafe access(made, F_OK) == 0 else { throw .system("made", made, problem) }
    }
  }

  /// Holds the lock of the ledger while `body` runs. The system lets it go when the process ends, however it ends.
  func locked<Value>(_ body: () throws(LedgerError) -> Value) throws(LedgerError) -> Value {
    let path = "\(folder)/lock"
    let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    guard file >= 0 else { throw .system("locked", path, errno) }
    defer { close(file) }
    // A push waits for no other longer than a few seconds.
    for _ in 0..<300 {
      if flock(file, LOCK_EX | LOCK_NB) == 0 { return try body() }
      guard errno == EWOULDBLOCK || errno == EINTR else { throw .system("locked", path, errno) }
      usleep(10_000)
    }
    throw LedgerError("the ledger \(printable(folder)) is held by another program", next: "fuser \(shellWord(path))")
  }

  /// Writes a new file beside the ledger's and puts it in the place of `ledger`.
  func replaceCurrent(with bytes: [UInt8]) throws(LedgerError) {
    let temporary = "\(folder)/new"
    do throws(SystemError) {
      try FileWriting.replace(currentPath, bytes, mode: 0o600, temporary: temporary)
    } catch {
      throw .system(error.what, currentPath, error.number)
    }
    sync()
  }

  /// Makes names of files outlive a power cut.
  func sync() {
    let file = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = fsync(file)
    close(file)
  }

  static func write(_ bytes: [UInt8], to file: Int32, _ path: String) throws(LedgerError) {
    do throws(SystemError) {
      try FileWriting.write(bytes, to: file)
    } catch {
      throw .system(error.what, path, error.number)
    }
  }
}
