internal import Crypto
internal import GitBridge

/// The steps of a branch that an audit has accepted before, so that the next one starts above them.
///
/// Accepted under exactly the same circumstances: these are the key's business, and what time may change is none of
/// them, for an audit judges keys as they were. Whatever is not the same makes all steps be judged again.
struct AuditMemory {
  /// The newest commit of the first-parent line that was accepted, with everything below it.
  let tip: ObjectID
  /// The newest date of a good signature on the states up to it, in seconds since 1970.
  let newest: Int64
  let summary: AuditSummary
  private let map: MappedFile
  private let ids: Range<Int>

  /// 5 MiB of them.
  private static let mostCommits = 262_144
  /// With more new commits than that, it is as quick to ask about all.
  private static let mostAbove = 1024
  private static let magic = Array("stagex-maint audit 2\n".utf8)
  private static let headSize = magic.count + 16 + 8 + 8 + ObjectID.byteCount + 8 + 8
  private static let checksumSize = 16

  /// What was accepted before under `key`; nil when nothing was, or when it is damaged.
  ///
  /// - Parameter slot: Names the branch and the start: one audit of each is remembered.
  /// - Parameter clock: Now. A signature from the future may have become good since then, never bad; so what was
  ///   judged by a later clock than this one is worth nothing.
  init?(_ folder: CacheFolder, slot: CacheKey, key: CacheKey, clock: Int64) {
    guard let map = folder.read(Self.name(slot)) else { return nil }
    let bytes = unsafe map.bytes
    guard bytes.count >= Self.headSize + Self.checksumSize else { return nil }
    let end = bytes.count - Self.checksumSize
    let checked = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<end])
    guard unsafe Self.checksum(checked) == Array(bytes[end...]) else { return nil }
    func number(at place: Int) -> UInt64 {
      unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
    }
    var place = Self.magic.count
    guard unsafe bytes[..<place].elementsEqual(Self.magic) else { return nil }
    guard CacheKey(high: number(at: place), low: number(at: place + 8)) == key else { return nil }
    guard let judged = Int64(exactly: number(at: place + 16)), judged <= clock else { return nil }
    guard let newest = Int64(exactly: number(at: place + 24)) else { return nil }
    self.newest = newest
    place += 32
    unsafe tip = ObjectID(bytes: UnsafeRawBufferPointer(rebasing: bytes[place..<(place + ObjectID.byteCount)]))
    place += ObjectID.byteCount
    guard let length = Int(exactly: number(at: place)), let count = Int(exactly: number(at: place + 8)),
      count <= Self.mostCommits, length <= end, Self.headSize + length + count * ObjectID.byteCount == end
    else { return nil }
    let text = unsafe Array(bytes[Self.headSize..<(Self.headSize + length)])
    guard let json = try? JSONValue.read(text), let summary = AuditSummary(json: json) else { return nil }
    self.summary = summary
    self.map = map
    ids = (Self.headSize + length)..<end
  }

  /// Whether a commit is among those that were accepted.
  func contains(_ id: ObjectID) -> Bool {
    let place = firstPlace(notBefore: id)
    return place < count && self.id(place) == id
  }

  private var count: Int { ids.count / ObjectID.byteCount }

  private func firstPlace(notBefore id: ObjectID) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self.id(middle) < id { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The commits from `tip` down to those that were accepted; nil where that is more than a few, or where the history
  /// goes past them, down to the start's own ancestors.
  func commitsAbove(from tip: ObjectID, in repository: Repository) throws(GitError) -> [ObjectID]? {
    var found: [ObjectID] = []
    var seen: Set<ObjectID> = []
    var waiting = [tip]
    while let id = waiting.popLast() {
      if contains(id) || !seen.insert(id).inserted { continue }
      guard found.count < Self.mostAbove else { return nil }
      let parents = try repository.commit(id).parents
      // An ancestor of the start is not among the accepted ones, and has none below it: it ends in a root commit.
      if parents.isEmpty { return nil }
      found.append(id)
      waiting += parents
    }
    return found
  }

  private func id(_ index: Int) -> ObjectID {
    let start = ids.lowerBound + index * ObjectID.byteCount
    return unsafe ObjectID(bytes: UnsafeRawBufferPointer(rebasing: map.bytes[start..<(start + ObjectID.byteCount)]))
  }

  private func lent(_ places: Range<Int>) -> UnsafeRawBufferPointer {
    let start = ids.lowerBound + places.lowerBound * ObjectID.byteCount
    return unsafe UnsafeRawBufferPointer(rebasing: map.bytes[start..<(start + places.count * ObjectID.byteCount)])
  }

  /// Remembers that everything up to `tip` was accepted.
  ///
  /// - Parameters:
  ///   - commits: The commits of the accepted steps that `older` does not know.
  ///   - older: What the judgement started from.
  static func write(
    _ folder: CacheFolder, slot: CacheKey, key: CacheKey, clock: Int64, tip: ObjectID, newest: Int64,
    summary: AuditSummary, commits: [ObjectID],
    older: AuditMemory?
  ) {
    let total = (older?.count ?? 0) + commits.count
    guard total <= mostCommits, clock >= 0, newest >= 0 else { return }
    let text = Array(summary.json.text.utf8)
    var bytes = magic + octets(key.high) + octets(key.low) + octets(UInt64(clock)) + octets(UInt64(newest)) + tip.bytes
    bytes += octets(UInt64(text.count)) + octets(UInt64(total)) + text
    bytes.reserveCapacity(bytes.count + total * ObjectID.byteCount + checksumSize)
    var copied = 0
    for id in commits.sorted() {
      if let older {
        let next = older.firstPlace(notBefore: id)
        unsafe bytes += older.lent(copied..<next)
        copied = next
      }
      bytes += id.bytes
    }
    if let older { unsafe bytes += older.lent(copied..<older.count) }
    let sum = unsafe bytes.withUnsafeBytes { unsafe checksum($0) }
    folder.replace(name(slot)) { file in
      file.append(bytes)
      file.append(sum)
    }
  }

  private static func name(_ slot: CacheKey) -> String { "audit-" + String(slot.high, radix: 16) }

  private static func checksum(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var hash = SHA256()
    unsafe hash.update(bufferPointer: bytes)
    return Array(hash.finalize().prefix(checksumSize))
  }
}
