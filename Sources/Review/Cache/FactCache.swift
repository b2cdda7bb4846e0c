internal import GitBridge
internal import Glibc
internal import OpenPGP

/// Facts of commits that have been found out before, in one file beside the repository.
///
/// What is in it cannot come from a push: git never writes there, and the file is used only if it and
/// its folder belong to the user who runs this and nobody else may write them. A damaged record is as
/// good as none; a damaged file is written anew. Several processes may use it at once: each reads a
/// whole old or a whole new file, and of two that write, one's additions are lost and found out again.
final class FactCache {
  /// The most records kept: 64 MiB of them.
  static let mostRecords = 262_144
  private static let headerSize = 64

  private let path: String
  private let folder: String
  private let header: [UInt8]
  private let map: MappedFile?
  private let count: Int
  private var added: [ObjectID: FactRecord] = [:]

  /// Opens the cache of a repository.
  ///
  /// - Parameter version: Names everything whose change makes old facts worthless: the tool's version, libgit2's.
  init(repository: Repository, version: String) {
    let common = repository.commonDirectory
    folder = (common.hasSuffix("/") ? common : common + "/") + "stagex-maint"
    path = folder + "/facts"
    let key = CacheKey(of: Array("stagex-maint facts 1 \(version)".utf8))
    header = Array("stagex-maint facts 1\n".utf8).padded(to: Self.headerSize - 16) + octets(key.high) + octets(key.low)
    map = Self.openTrusted(path, in: folder)
    let bytes = unsafe map?.bytes ?? UnsafeRawBufferPointer(start: nil, count: 0)
    let isOurs = unsafe bytes.count >= Self.headerSize && bytes.prefix(Self.headerSize).elementsEqual(header)
    count = isOurs ? (bytes.count - Self.headerSize) / FactRecord.size : 0
  }

  /// What is known of a commit; nil when nothing is.
  func record(_ id: ObjectID) -> FactRecord? {
    if let record = added[id] { return record }
    guard let place = place(of: id) else { return nil }
    guard let record = unsafe FactRecord(slot(place)), record.id == id else { return nil }
    return record
  }

  func add(_ record: FactRecord) { added[record.id] = record }

  /// Writes what was added, together with what was there, under a temporary name and moves it into place.
  ///
  /// A cache that cannot be written is no error: the answer does not depend on it.
  func save() {
    guard !added.isEmpty, prepareFolder() else { return }
    var encoded: [(ObjectID, [UInt8])] = []
    for record in added.values {
      if let bytes = record.bytes { encoded.append((record.id, bytes)) }
    }
    guard !encoded.isEmpty else { return }
    // The cache is full: start again with what was just needed rather than keep what nobody asks for.
    let keepsOld = count + encoded.count <= Self.mostRecords
    encoded.sort { $0.0 < $1.0 }
    let temporary = "\(path).\(getpid())"
    let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { return }
    var out = header
    var good = true
    func flush() {
      var rest = out[...]
      while good, !rest.isEmpty {
        let written = unsafe rest.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
        if written > 0 { rest = rest.dropFirst(written) } else { good = false }
      }
      out.removeAll(keepingCapacity: true)
    }
    var old = 0
    let oldCount = keepsOld ? count : 0
    for (id, bytes) in encoded.prefix(Self.mostRecords) {
      while old < oldCount, idOf(old) <= id {
        if idOf(old) != id { unsafe out += slot(old) }
        old += 1
      }
      out += bytes
      if out.count > 1 << 20 { flush() }
    }
    while old < oldCount {
      unsafe out += slot(old)
      old += 1
      if out.count > 1 << 20 { flush() }
    }
    flush()
    good = close(file) == 0 && good
    if !good || (unsafe rename(temporary, path)) != 0 { unsafe unlink(temporary) }
  }

  // MARK: The file

  private func slot(_ place: Int) -> UnsafeRawBufferPointer {
    let bytes = unsafe map?.bytes ?? UnsafeRawBufferPointer(start: nil, count: 0)
    let start = Self.headerSize + place * FactRecord.size
    return unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<(start + FactRecord.size)])
  }

  private func idOf(_ place: Int) -> ObjectID {
    unsafe ObjectID(bytes: UnsafeRawBufferPointer(rebasing: slot(place).prefix(20)))
  }

  /// Binary search: the records lie in the order of their ids.
  private func place(of id: ObjectID) -> Int? {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      let found = idOf(middle)
      if found == id { return middle }
      if found < id { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  /// A cache that somebody else may write could tell us that anything was signed.
  private static func openTrusted(_ path: String, in folder: String) -> MappedFile? {
    var status = stat()
    guard unsafe lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, isOurs(status) else { return nil }
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else { return nil }
    defer { close(file) }
    guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, isOurs(status) else { return nil }
    return MappedFile(file, size: Int(status.st_size))
  }

  private static func isOurs(_ status: stat) -> Bool {
    status.st_uid == geteuid() && status.st_mode & 0o022 == 0
  }

  private func prepareFolder() -> Bool {
    unsafe mkdir(folder, 0o700)
    var status = stat()
    return unsafe lstat(folder, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && Self.isOurs(status)
  }
}

/// A file's bytes, read-only, as long as this object lives.
@safe private final class MappedFile {
  let bytes: UnsafeRawBufferPointer

  init?(_ file: Int32, size: Int) {
    guard size > 0, let start = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0), unsafe start != MAP_FAILED else {
      return nil
    }
    unsafe bytes = UnsafeRawBufferPointer(start: start, count: size)
  }

  deinit { unsafe munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }
}

extension [UInt8] {
  fileprivate func padded(to count: Int) -> [UInt8] { self + [UInt8](repeating: 0, count: count - self.count) }
}
