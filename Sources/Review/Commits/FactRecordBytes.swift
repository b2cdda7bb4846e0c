internal import Crypto
internal import GitBridge
internal import OpenPGP

/// A record as it lies in the cache file: 256 octets, big-endian, the last 8 a checksum over the others.
extension FactRecord {
  static let size = 256
  private static let checkedSize = 248

  private struct Flags: OptionSet {
    let rawValue: UInt32
    static let oneParent = Flags(rawValue: 1)
    static let twoParents = Flags(rawValue: 2)
    static let saysAdopt = Flags(rawValue: 4)
    static let hasSignature = Flags(rawValue: 8)
    static let isGood = Flags(rawValue: 16)
    static let hasShape = Flags(rawValue: 32)
    static let isAdoption = Flags(rawValue: 64)
    static let isCleanMerge = Flags(rawValue: 128)
    static let hasRules = Flags(rawValue: 256)
    static let hasList = Flags(rawValue: 512)
    static let hasKeys = Flags(rawValue: 1024)
    static let hasPolicy = Flags(rawValue: 2048)
  }

  /// Nil when the record is of no plain case.
  var bytes: [UInt8]? {
    guard parents.count <= 2 else { return nil }
    var flags: Flags = []
    if parents.count == 1 { flags.insert(.oneParent) }
    if parents.count == 2 { flags.insert(.twoParents) }
    if saysAdopt { flags.insert(.saysAdopt) }
    var out: [UInt8] = []
    out.reserveCapacity(Self.size)
    func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
    out += id.bytes + tree.bytes
    for index in 0..<2 { out += index < parents.count ? parents[index].bytes : zeros(20) }
    out += octets(UInt64(bitPattern: time))
    if let signature {
      flags.insert(.hasSignature)
      out += octets(signature.keyring.high) + octets(signature.keyring.low)
      if let good = signature.good {
        guard good.subkey.count == 20, good.primary.count == 20 else { return nil }
        flags.insert(.isGood)
        out += good.subkey.bytes + good.primary.bytes + octets(UInt64(bitPattern: good.time))
      } else {
        out += zeros(48)
      }
    } else {
      out += zeros(64)
    }
    if let shape {
      flags.insert(.hasShape)
      if shape.isAdoption { flags.insert(.isAdoption) }
      if shape.isCleanMerge == true { flags.insert(.isCleanMerge) }
      out += octets(shape.policy.high) + octets(shape.policy.low)
    } else {
      out += zeros(16)
    }
    if let ruleFiles {
      flags.insert(.hasRules)
      for (id, flag) in [(ruleFiles.list, Flags.hasList), (ruleFiles.keys, .hasKeys), (ruleFiles.policy, .hasPolicy)] {
        if id != nil { flags.insert(flag) }
        out += id?.bytes ?? zeros(20)
      }
    } else {
      out += zeros(60)
    }
    out += octets(UInt64(flags.rawValue)) + zeros(Self.checkedSize - out.count - 8)
    return unsafe out + octets(out.withUnsafeBytes { unsafe Self.checksum($0) })
  }

  /// Reads a record; nil when its checksum fails.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.size else { return nil }
    let checked = unsafe UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.checkedSize))
    var offset = Self.checkedSize
    func number() -> UInt64 {
      defer { offset += 8 }
      return unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    func object() -> ObjectID {
      defer { offset += 20 }
      return unsafe ObjectID(bytes: UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + 20)]))
    }
    func fingerprint() -> Fingerprint {
      defer { offset += 20 }
      return unsafe Fingerprint(bytes: bytes[offset..<(offset + 20)]) ?? .unknown
    }
    guard number() == (unsafe Self.checksum(checked)) else { return nil }
    offset = 0
    (id, tree) = (object(), object())
    let both = [object(), object()]
    time = Int64(bitPattern: number())
    let keyring = CacheKey(high: number(), low: number())
    let good = (fingerprint(), fingerprint(), Int64(bitPattern: number()))
    let policy = CacheKey(high: number(), low: number())
    let files = [object(), object(), object()]
    let flags = Flags(rawValue: UInt32(truncatingIfNeeded: number()))
    parents = Array(both.prefix(flags.contains(.twoParents) ? 2 : flags.contains(.oneParent) ? 1 : 0))
    saysAdopt = flags.contains(.saysAdopt)
    if flags.contains(.hasSignature) {
      signature = Signature(keyring: keyring, good: flags.contains(.isGood) ? good : nil)
    }
    if flags.contains(.hasShape) {
      shape = Shape(
        policy: policy, isAdoption: flags.contains(.isAdoption),
        isCleanMerge: parents.count == 2 ? flags.contains(.isCleanMerge) : nil)
    }
    if flags.contains(.hasRules) {
      ruleFiles = RuleFileIDs(
        list: flags.contains(.hasList) ? files[0] : nil, keys: flags.contains(.hasKeys) ? files[1] : nil,
        policy: flags.contains(.hasPolicy) ? files[2] : nil)
    }
  }

  /// Finds damage (a full disk, a bad sector). It is no defence against somebody who may write the file.
  private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash = SHA256()
    unsafe hash.update(bufferPointer: bytes)
    return unsafe hash.finalize().withUnsafeBytes { digest in
      unsafe UInt64(bigEndian: digest.loadUnaligned(as: UInt64.self))
    }
  }
}

func octets(_ value: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * $0)) }
}
