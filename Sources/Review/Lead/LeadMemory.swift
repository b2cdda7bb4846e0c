internal import Basics
internal import Crypto
internal import GitBridge
internal import OpenPGP

/// Where the states of a repository's lead are kept from one process to the next.
///
/// What is kept follows from the commits alone, whichever refs there are: which commits the first-parent line from a
/// tip down to the trust root has, and what their trees hold. No verdict is among it.
struct LeadMemoryPlace {
  private let folder: CacheFolder
  private let slot: String
  private let key: CacheKey

  init?(_ repository: Repository, _ settings: ReviewSettings, root: ObjectID, lead: String) {
    guard settings.usesCache else { return nil }
    folder = CacheFolder(repository)
    let text = "stagex-maint lead 2 \(settings.version) \(settings.policy?.text ?? "") \(lead)"
    key = CacheKey(of: root.bytes + Array(text.utf8))
    slot = "lead-" + String(key.high, radix: 16)
  }

  func read() -> LeadMemory? {
    guard let head = folder.read(slot) else { return nil }
    return unsafe LeadMemory(Array(head.bytes), key: key) { [folder, slot] in folder.read(slot + "-states") }
  }

  /// - Parameter ids: Of all states, one after the other, oldest first.
  func write(_ content: LeadMemory.Content, states ids: [UInt8]) {
    let head = content.bytes(key: key, count: ids.count / ObjectID.byteCount, digest: LeadMemory.digest(ids))
    folder.replace(slot + "-states") { $0.append(ids) }
    folder.replace(slot) { $0.append(head) }
  }
}

/// The lead's states as an earlier process read them.
final class LeadMemory {
  /// What is small and asked for in each push.
  struct Content {
    var leads: [(name: String, position: Int)] = []
    var former: [String] = []
    var tip: ObjectID
    /// The folder of certificates at the tip, and the revocations in it.
    var keys: ObjectID?
    var revocations: Set<KeyRevocation> = []
    var hard: [(position: Int, revocation: KeyRevocation)] = []
    var futureDates: [Int64] = []
  }

  let content: Content
  let count: Int
  private let digest: [UInt8]
  private let open: () -> MappedFile?
  /// The ids of the states, one after the other, oldest first; nil where the file is not what was written.
  private lazy var ids: [UInt8]? = readIDs()
  private lazy var positions: [ObjectID: Int] = Dictionary(
    (0..<count).map { (state(at: $0), $0) }, uniquingKeysWith: { first, _ in first })
  /// A push asks for one or two states: looking through the list takes less than sorting it in.
  private var looks = 0
  private static let fewLooks = 8

  init?(_ bytes: [UInt8], key: CacheKey, open: @escaping () -> MappedFile?) {
    guard bytes.count > 64, let json = try? JSONValue.read(Array(bytes.dropLast(32))),
      Array(SHA256.hash(data: bytes.dropLast(32) + octets(key.high) + octets(key.low))) == Array(bytes.suffix(32)),
      let content = Content(json), let count = json["count"]?.integer, count > 0, count < 1 << 28,
      let digest = json["states"]?.string.flatMap(bytesOfHex)
    else { return nil }
    self.content = content
    self.count = Int(count)
    self.digest = digest
    self.open = open
  }

  /// Whether the list of states is what was written.
  var isWhole: Bool { ids != nil }

  func state(at position: Int) -> ObjectID {
    if position == count - 1 { return content.tip }
    guard let ids, position < count else { return .zero }
    return unsafe ids.withUnsafeBytes { raw in
      let start = position * ObjectID.byteCount
      return unsafe ObjectID(bytes: UnsafeRawBufferPointer(rebasing: raw[start..<(start + ObjectID.byteCount)]))
    }
  }

  func position(of id: ObjectID) -> Int? {
    if id == content.tip { return count - 1 }
    guard ids != nil else { return nil }
    looks += 1
    return looks > Self.fewLooks ? positions[id] : (0..<count).first { state(at: $0) == id }
  }

  /// The ids of the oldest states, one after the other.
  func ids(upTo count: Int) -> [UInt8] { Array((ids ?? []).prefix(count * ObjectID.byteCount)) }

  private func readIDs() -> [UInt8]? {
    guard let file = open() else { return nil }
    let bytes = unsafe Array(file.bytes)
    guard bytes.count == count * ObjectID.byteCount, Self.digest(bytes) == digest else { return nil }
    return bytes
  }

  static func digest(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
}

extension LeadMemory.Content {
  func bytes(key: CacheKey, count: Int, digest: [UInt8]) -> [UInt8] {
    let json = JSONValue.object([
      "count": .integer(Int64(count)), "states": .string(hexadecimal(digest)), "tip": .string(tip.hex),
      "keys": .string(keys?.hex ?? ""),
      "leads": .array(leads.map { .object(["name": .string($0.name), "from": .integer(Int64($0.position))]) }),
      "former": .strings(former), "dates": .array(futureDates.map { .integer($0) }),
      "revocations": .array(revocations.map { $0.json(position: 0) }),
      "hard": .array(hard.map { $0.revocation.json(position: $0.position) }),
    ]).bytes
    return json + Array(SHA256.hash(data: json + octets(key.high) + octets(key.low)))
  }

  init?(_ json: JSONValue) {
    guard let tip = json["tip"]?.string.flatMap(ObjectID.init(hexString:)), let keys = json["keys"]?.string,
      case .array(let leads)? = json["leads"], case .array(let former)? = json["former"],
      case .array(let dates)? = json["dates"], case .array(let revocations)? = json["revocations"],
      case .array(let hard)? = json["hard"]
    else { return nil }
    self.init(tip: tip)
    self.keys = ObjectID(hexString: keys)
    for lead in leads {
      guard let name = lead["name"]?.string, let from = lead["from"]?.integer else { return nil }
      self.leads.append((name, Int(from)))
    }
    self.former = former.compactMap(\.string)
    futureDates = dates.compactMap(\.integer)
    for entry in revocations {
      guard let revocation = KeyRevocation(json: entry) else { return nil }
      self.revocations.insert(revocation)
    }
    for entry in hard {
      guard let revocation = KeyRevocation(json: entry), let position = entry["from"]?.integer else { return nil }
      self.hard.append((Int(position), revocation))
    }
  }
}

extension KeyRevocation {
  fileprivate func json(position: Int) -> JSONValue {
    .object([
      "primary": .string(primary.hex), "key": .string(key.hex), "time": .integer(revocation.time),
      "hard": .bool(revocation.isHard), "from": .integer(Int64(position)),
    ])
  }

  fileprivate init?(json: JSONValue) {
    guard let primary = json["primary"]?.string.flatMap(Fingerprint.init(hex:)),
      let key = json["key"]?.string.flatMap(Fingerprint.init(hex:)), let time = json["time"]?.integer,
      case .bool(let isHard)? = json["hard"]
    else { return nil }
    self.init(primary: primary, key: key, revocation: Revocation(time: time, isHard: isHard))
  }
}
