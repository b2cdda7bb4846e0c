import OpenPGP

/// A signature to be made, each part of it open to being wrong on purpose.
package struct TestSignature: Sendable {
  package var key: TestKey
  package var version: UInt8 = 4
  package var type: UInt8 = 0
  package var hash: HashAlgorithm = .sha512
  /// Seconds since 1970, in the hashed area; `nil` leaves the subpacket out.
  package var created: Int64?
  /// In the hashed area.
  package var issuerFingerprint: Fingerprint?
  /// In the unhashed area.
  package var issuerKeyID: KeyID?
  /// The algorithm that the packet states; `nil` for the key's own.
  package var algorithm: PublicKeyAlgorithm?
  /// Further subpackets, encoded, after ours in their area.
  package var hashed: [UInt8] = []
  package var unhashed: [UInt8] = []
  /// Octets after the signature's numbers, inside the packet.
  package var trailing: [UInt8] = []
  /// Replaces the signature's numbers.
  package var numbers: [UInt8]?
  /// Whether each number declares eight bits more than it is written with, zeros that is, as Go's libraries round up.
  package var declaresMoreBits = false
  /// Whether the first two octets of the digest are stated wrongly.
  package var breaksDigestStart = false

  package init(by key: TestKey, at created: Int64 = TestKey.defaultCreation + 1000) {
    self.key = key
    self.created = created
    issuerFingerprint = key.fingerprint
    issuerKeyID = key.fingerprint.keyID
  }

  /// The hashed part: what a signature signs of itself.
  private var head: [UInt8] {
    var area: [UInt8] = []
    if let issuerFingerprint { area += OpenPGPEncoding.subpacket(33, [4] + issuerFingerprint.bytes) }
    if let created { area += OpenPGPEncoding.subpacket(2, OpenPGPEncoding.number(Int(created), octets: 4)) }
    area += hashed
    return [version, type, (algorithm ?? key.algorithm).rawValue, hash.rawValue]
      + OpenPGPEncoding.number(area.count, octets: 2) + area
  }

  /// The body of the packet, over `data`.
  package func body(over data: [UInt8]) -> [UInt8] {
    let head = head
    var (made, digest) = key.sign(
      data + head + [version, 0xFF] + OpenPGPEncoding.number(head.count, octets: 4), hash: hash)
    if breaksDigestStart { digest[0] ^= 1 }
    var area: [UInt8] = []
    if let issuerKeyID {
      area += OpenPGPEncoding.subpacket(16, OpenPGPEncoding.number(Int(bitPattern: UInt(issuerKeyID.value)), octets: 8))
    }
    area += unhashed
    if declaresMoreBits { made = OpenPGPEncoding.declaringMoreBits(made) }
    return head + OpenPGPEncoding.number(area.count, octets: 2) + area + digest.prefix(2) + (numbers ?? made) + trailing
  }

  /// The packet, over `data`.
  package func packet(over data: [UInt8]) -> [UInt8] { OpenPGPEncoding.packet(2, body(over: data)) }

  /// The packet in armor, as `gpgsig` holds it, over `data`.
  package func armored(over data: [UInt8]) -> [UInt8] { OpenPGPEncoding.armor(packet(over: data)) }

  /// This signature with one thing changed.
  package func with(_ change: (inout TestSignature) -> Void) -> TestSignature {
    var copy = self
    change(&copy)
    return copy
  }
}

extension TestKey {
  /// An armored detached signature over `payload`, as git stores it.
  package func sign(_ payload: [UInt8], at created: Int64 = TestKey.defaultCreation + 1000) -> [UInt8] {
    TestSignature(by: self, at: created).armored(over: payload)
  }
}
