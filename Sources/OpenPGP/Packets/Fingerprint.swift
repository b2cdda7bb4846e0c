internal import Basics

/// The fingerprint of an OpenPGP key: 20 octets for version 4 (SHA-1), 32 for version 6 (SHA-256).
/// Stored as plain words so that comparing and hashing on the hot path never allocates.
///
/// RFC 9580, section 5.5.4.
package struct Fingerprint: Hashable, Comparable, Sendable, CustomStringConvertible {
  private let words: (UInt64, UInt64, UInt64, UInt64)
  private let isShort: Bool

  /// Octets in this fingerprint: 20 or 32.
  package var count: Int { isShort ? 20 : 32 }

  /// Takes exactly 20 or 32 octets; `nil` for any other number.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 20 || bytes.count == 32 else { return nil }
    var filled: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    for (index, byte) in bytes.enumerated() {
      let shifted = UInt64(byte) << UInt64(56 - 8 * (index % 8))
      switch index / 8 {
      case 0: filled.0 |= shifted
      case 1: filled.1 |= shifted
      case 2: filled.2 |= shifted
      default: filled.3 |= shifted
      }
    }
    words = filled
    isShort = bytes.count == 20
  }

  /// Takes exactly 40 or 64 ASCII hex digits of any case. Octets are compared, not Characters: full-width
  /// digits and letters followed by a combining mark are not hex.
  package init?(hex: some Sequence<UInt8>) {
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in hex {
      guard let value = hexDigitValue(digit) else { return nil }
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
      if bytes.count > 32 { return nil }
    }
    guard high == nil else { return nil }
    self.init(bytes: bytes)
  }

  /// Takes exactly 40 or 64 ASCII hex digits of any case.
  package init?(hex: String) {
    self.init(hex: hex.utf8)
  }

  /// The octets, most significant first.
  package var bytes: [UInt8] {
    (0..<count).map { index in
      let word =
        switch index / 8 {
        case 0: words.0
        case 1: words.1
        case 2: words.2
        default: words.3
        }
      return UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * (index % 8)))
    }
  }

  /// The hex digits, upper case, without spaces.
  package var hex: String { upperHexadecimal(bytes) }

  package var description: String { hex }

  /// The key id that belongs to this fingerprint: the last 8 octets in version 4, the first 8 in version 6.
  package var keyID: KeyID {
    isShort ? KeyID(words.1 << 32 | words.2 >> 32) : KeyID(words.0)
  }

  package static func == (left: Fingerprint, right: Fingerprint) -> Bool {
    left.words == right.words && left.isShort == right.isShort
  }

  package static func < (left: Fingerprint, right: Fingerprint) -> Bool {
    left.words != right.words ? left.words < right.words : left.isShort && !right.isShort
  }

  package func hash(into hasher: inout Hasher) {
    // The digest of a key is spread evenly already; two words tell fingerprints apart well enough.
    hasher.combine(words.0)
    hasher.combine(words.1)
  }
}

/// The 64-bit id of an OpenPGP key. Ids can be made to collide on purpose, so one never stands for a key:
/// it only finds candidates.
package struct KeyID: Hashable, Sendable, CustomStringConvertible {
  /// The eight octets, the first the highest.
  package let value: UInt64

  package init(_ value: UInt64) { self.value = value }

  /// 16 hex digits, upper case.
  package var hex: String {
    upperHexadecimal((0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * $0)) })
  }

  package var description: String { hex }
}

private func hexDigitValue(_ digit: UInt8) -> UInt8? {
  switch digit {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
  default: nil
  }
}
