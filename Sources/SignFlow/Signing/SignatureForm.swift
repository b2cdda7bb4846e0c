internal import Crypto
internal import OpenPGP

/// A version 4 signature over a document, all but its numbers (RFC 9580, section 5.2.3): in the form that gpg gives it.
struct SignatureForm {
  let signer: Fingerprint
  let keyAlgorithm: PublicKeyAlgorithm
  let hash: HashAlgorithm
  /// Seconds since 1970.
  let created: Int64

  /// What a signature signs of itself: version, type 0x00 (binary), algorithms, and the hashed subpackets issuer
  /// fingerprint (33) and creation time (2).
  private var head: [UInt8] {
    let subpackets = Self.subpacket(33, [4] + signer.bytes) + Self.subpacket(2, Self.number(Int(created), octets: 4))
    return [4, 0, keyAlgorithm.rawValue, hash.rawValue] + Self.number(subpackets.count, octets: 2) + subpackets
  }

  /// The digest that the key signs (section 5.2.4); nil for a hash that is not used here.
  func digest(over content: [UInt8]) -> [UInt8]? {
    let head = head
    let trailer = head + [4, 0xFF] + Self.number(head.count, octets: 4)
    func digest(_ function: some HashFunction) -> [UInt8] {
      var function = function
      function.update(data: content)
      function.update(data: trailer)
      return Array(function.finalize())
    }
    switch hash {
    case .sha256: return digest(SHA256())
    case .sha384: return digest(SHA384())
    case .sha512: return digest(SHA512())
    default: return nil
    }
  }

  /// The whole packet.
  ///
  /// - Parameter numbers: What the key made of the digest, most significant octet first, in the algorithm's order.
  func packet(_ digest: [UInt8], _ numbers: [[UInt8]]) -> [UInt8] {
    let issuer = Self.subpacket(16, Array(signer.bytes.suffix(8)))
    var body = head + Self.number(issuer.count, octets: 2) + issuer + digest.prefix(2)
    for number in numbers {
      // Section 3.2: without leading zeros, the count of bits in front.
      let digits = number.drop { $0 == 0 }
      body += Self.number(digits.count * 8 - (digits.first?.leadingZeroBitCount ?? 0), octets: 2) + digits
    }
    return OpenPGPPacket.encode(2, body)
  }

  private static func subpacket(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
    [UInt8(content.count + 1), type] + content
  }

  private static func number(_ value: Int, octets: Int) -> [UInt8] {
    (0..<octets).map { UInt8(truncatingIfNeeded: value >> (8 * (octets - 1 - $0))) }
  }
}
