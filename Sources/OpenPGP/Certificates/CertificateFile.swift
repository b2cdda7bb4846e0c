/// A file that may hold several certificates, as `gpg --export` without a name writes it: one keyring, or armor after
/// armor.
package enum CertificateFile {
  /// Each certificate by itself, without armor, those of one primary key as one; of a part that cannot be read nothing.
  package static func certificates(in bytes: [UInt8]) -> [Certificate] {
    var found: [Certificate] = []
    var places: [Fingerprint: Int] = [:]
    for part in blocks(bytes).flatMap(parts) {
      guard let certificate = try? Certificate.read(part) else { continue }
      if let place = places[certificate.primary] {
        found[place] = found[place].adding(selfSignaturesOf: certificate)
      } else {
        places[certificate.primary] = found.count
        found.append(certificate)
      }
    }
    return found
  }

  /// What is inside of the armor, block by block.
  static func blocks(_ bytes: [UInt8]) -> [[UInt8]] {
    guard let first = bytes.first, first & 0x80 == 0 else { return bytes.isEmpty ? [] : [bytes] }
    if let binary = try? Armor.decode(bytes, label: "PGP PUBLIC KEY BLOCK", limit: Armor.certificateLimit) {
      return [binary]
    }
    return Armor.looseBlocks(in: bytes)
  }

  /// Cut before each primary key.
  private static func parts(_ bytes: [UInt8]) -> [[UInt8]] {
    var starts: [Int] = []
    var reader = ByteReader(bytes)
    while !reader.isAtEnd {
      let start = reader.position
      guard let header = try? PacketHeader.read(&reader) else { break }
      if header.type == PacketHeader.publicKey { starts.append(start) }
    }
    return zip(starts, starts.dropFirst() + [bytes.count]).map { Array(bytes[$0..<$1]) }
  }
}
