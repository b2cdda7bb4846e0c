internal import Clibgit2

/// The name of a git object: the SHA-1 of its bytes.
///
/// Held as three words, most significant byte first, so that copying, comparing and hashing touch no heap
/// and `<` is the order of the bytes.
package struct ObjectID: Hashable, Sendable {
  /// Bytes 0–7, 8–15 and 16–19, each read as a big-endian number.
  package let high: UInt64
  /// The next eight octets, the first the highest.
  package let middle: UInt64
  /// The last four octets.
  package let low: UInt32

  /// The length of the binary form, in bytes.
  package static let byteCount = 20
  /// The length of the written form, in ASCII digits.
  package static let hexCount = 40

  init(high: UInt64, middle: UInt64, low: UInt32) {
    self.high = high
    self.middle = middle
    self.low = low
  }

  /// All zeros: "no object", as git writes it in hook input and reflogs.
  package static let zero = ObjectID(high: 0, middle: 0, low: 0)

  /// Whether it stands for nothing, as in a ref's update.
  package var isZero: Bool { self == .zero }

  /// Copies exactly 20 bytes. A buffer of another length is a programming error and traps.
  package init(bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count == ObjectID.byteCount)
    unsafe self.init(
      high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
      middle: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
      low: UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self)))
  }

  /// Reads exactly 40 ASCII hexadecimal digits of either case; anything else is nil.
  ///
  /// Works on bytes: a Character may be a full-width digit that looks the same.
  package init?(hex: some Sequence<UInt8>) {
    var words = HexWords()
    for digit in hex {
      guard words.append(digit) else { return nil }
    }
    guard words.count == ObjectID.hexCount else { return nil }
    self = words.id
  }

  /// As ``init(hex:)``, from the UTF-8 bytes of a string.
  package init?(hexString: String) {
    self.init(hex: hexString.utf8)
  }

  /// The 40 digits at the start of `bytes`, lower case only, as git writes them inside objects; nil otherwise.
  init?(lowerHexAt offset: Int, in bytes: UnsafeRawBufferPointer) {
    guard offset >= 0, bytes.count - offset >= ObjectID.hexCount else { return nil }
    var words = HexWords()
    for index in offset..<offset + ObjectID.hexCount {
      let digit = unsafe bytes[index]
      guard digit < UInt8(ascii: "A") || digit > UInt8(ascii: "F"), words.append(digit) else { return nil }
    }
    self = words.id
  }

  /// The 20 bytes, most significant first.
  package var bytes: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(ObjectID.byteCount)
    for word in [high, middle] {
      for shift in stride(from: 56, through: 0, by: -8) { result.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
    for shift in stride(from: 24, through: 0, by: -8) { result.append(UInt8(truncatingIfNeeded: low >> shift)) }
    return result
  }

  /// The 40 lower-case digits as ASCII bytes.
  package var hexBytes: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(ObjectID.hexCount)
    for byte in bytes {
      result.append(ObjectID.digit(byte >> 4))
      result.append(ObjectID.digit(byte & 15))
    }
    return result
  }

  /// The 40 lower-case digits.
  package var hex: String { String(decoding: hexBytes, as: UTF8.self) }

  private static func digit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
  }
}

extension ObjectID: Comparable {
  package static func < (a: ObjectID, b: ObjectID) -> Bool {
    if a.high != b.high { return a.high < b.high }
    if a.middle != b.middle { return a.middle < b.middle }
    return a.low < b.low
  }
}

extension ObjectID: CustomStringConvertible {
  package var description: String { hex }
}

/// Collects hexadecimal digits into the three words of an ``ObjectID``.
private struct HexWords {
  private var high: UInt64 = 0
  private var middle: UInt64 = 0
  private var low: UInt32 = 0
  private(set) var count = 0

  var id: ObjectID { ObjectID(high: high, middle: middle, low: low) }

  /// False when `digit` is no ASCII hexadecimal digit or there are 40 already.
  mutating func append(_ digit: UInt8) -> Bool {
    let value: UInt8
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): value = digit - UInt8(ascii: "A") + 10
    default: return false
    }
    switch count {
    case 0..<16: high = high << 4 | UInt64(value)
    case 16..<32: middle = middle << 4 | UInt64(value)
    case 32..<40: low = low << 4 | UInt32(value)
    default: return false
    }
    count += 1
    return true
  }
}

// MARK: libgit2's form

extension ObjectID {
  init(_ oid: git_oid) {
    self = unsafe withUnsafeBytes(of: oid.id) { unsafe ObjectID(bytes: $0) }
  }

  /// The same id as libgit2 holds it.
  var oid: git_oid {
    var result = git_oid()
    unsafe withUnsafeMutableBytes(of: &result.id) {
      unsafe $0.storeBytes(of: high.bigEndian, as: UInt64.self)
      unsafe $0.storeBytes(of: middle.bigEndian, toByteOffset: 8, as: UInt64.self)
      unsafe $0.storeBytes(of: low.bigEndian, toByteOffset: 16, as: UInt32.self)
    }
    return result
  }
}
