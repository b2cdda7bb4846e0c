internal import GitBridge

/// Facts of commits that have been found out before, in one file of the cache folder.
///
/// A damaged record is as good as none; a damaged file is written anew. Several processes may use it at once: each
/// reads a whole old or a whole new file, and of two that write, one's additions are lost and found out again.
final class FactCache {
  /// The most records kept: 64 MiB of them.
  static let mostRecords = 262_144
  private static let headerSize = 64

  private static let name = "facts"

  private let folder: CacheFolder
  private let header: [UInt8]
  private let map: MappedFile?
  private let count: Int
  private var added: [ObjectID: FactRecord] = [:]

  /// Opens the cache of a repository.
  ///
  /// - Parameter version: The tool's: facts found out by another, or with another libgit2, are worthless.
  init(repository: Repository, version: String) {
    folder = CacheFolder(repository)
    let key = CacheKey(of: Array("stagex-maint facts 2 \(version) \(Repository.libraryVersion)".utf8))
    header = Array("stagex-maint facts 2\n".utf8).padded(to: Self.headerSize - 16) + octets(key.high) + octets(key.low)
    map = folder.read(Self.name)
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

  /// Writes what was added, together with what was there.
  func save() {
    guard !added.isEmpty else { return }
    var encoded: [(ObjectID, [UInt8])] = []
    for record in added.values {
      if let bytes = record.bytes { encoded.append((record.id, bytes)) }
    }
    guard !encoded.isEmpty else { return }
    encoded.sort { $0.0 < $1.0 }
    // The cache is full: start again with what was just needed rather than keep what nobody asks for.
    let oldCount = count + encoded.count <= Self.mostRecords ? count : 0
    folder.replace(Self.name) { file in
      file.append(header)
      var old = 0
      for (id, bytes) in encoded.prefix(Self.mostRecords) {
        while old < oldCount, idOf(old) <= id {
          if idOf(old) != id { unsafe file.append(slot(old)) }
          old += 1
        }
        file.append(bytes)
      }
      while old < oldCount {
        unsafe file.append(slot(old))
        old += 1
      }
    }
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
}

extension [UInt8] {
  fileprivate func padded(to count: Int) -> [UInt8] { self + [UInt8](repeating: 0, count: count - self.count) }
}
