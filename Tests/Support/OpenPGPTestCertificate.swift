import OpenPGP

/// A certificate for tests, packet by packet. Each method appends what it names, well made unless told otherwise.
package struct TestCertificate: Sendable {
  package let primary: TestKey
  package private(set) var packets: [[UInt8]]

  /// How a subkey answers its binding.
  package enum BackSignature: Sendable {
    case good
    case missing
    /// Made by this key instead of the subkey.
    case by(TestKey)
    /// Made by the subkey, with one thing changed.
    case changed(@Sendable (inout TestSignature) -> Void)
  }

  /// Changes a self-signature before it is made.
  package typealias Change = (inout TestSignature) -> Void

  /// Only the primary key's packet, which nothing vouches for yet.
  package init(primary: TestKey) {
    self.primary = primary
    packets = [OpenPGPEncoding.packet(6, primary.body)]
  }

  /// The usual certificate: a primary key that certifies, one user id, one subkey that signs, all Ed25519.
  package static func usual(seed: Int, created: Int64 = TestKey.defaultCreation) -> (
    certificate: TestCertificate, subkey: TestKey
  ) {
    let primary = TestKey.ed25519(seed: 2 * seed, created: created)
    let subkey = TestKey.ed25519(seed: 2 * seed + 1, created: created)
    var certificate = TestCertificate(primary: primary)
    certificate.addUser("Maintainer \(seed) <m\(seed)@example.org>", flags: 0x01)
    certificate.addSubkey(subkey)
    return (certificate, subkey)
  }

  package var bytes: [UInt8] { packets.flatMap { $0 } }
  package var armored: [UInt8] { OpenPGPEncoding.armor(bytes, label: "PGP PUBLIC KEY BLOCK") }

  /// The certificate as read by the code under test.
  package func read() throws -> Certificate { try Certificate.read(bytes) }

  package mutating func append(packet: [UInt8]) { packets.append(packet) }

  package mutating func insert(packet: [UInt8], at index: Int) { packets.insert(packet, at: index) }

  /// A user id with a certification. `flags` 0x01 certify, 0x02 sign; `lifetime` in seconds after the key's creation.
  package mutating func addUser(
    _ id: String, flags: UInt8? = 0x03, lifetime: Int? = nil, change: Change = { _ in }
  ) {
    packets.append(OpenPGPEncoding.packet(13, Array(id.utf8)))
    certifyUser(id, flags: flags, lifetime: lifetime, change: change)
  }

  /// A further certification of the user id that was added last.
  package mutating func certifyUser(
    _ id: String, flags: UInt8? = 0x03, lifetime: Int? = nil, change: Change = { _ in }
  ) {
    append(0x13, over: user(id), flags: flags, lifetime: lifetime, change)
  }

  /// Takes back the user id that was added last.
  package mutating func revokeUser(_ id: String, change: Change = { _ in }) {
    append(0x30, over: user(id), flags: nil, lifetime: nil, change)
  }

  /// A direct-key signature, after whatever is there already.
  package mutating func addDirect(flags: UInt8? = 0x03, lifetime: Int? = nil, change: Change = { _ in }) {
    append(0x1F, over: primary.hashed, flags: flags, lifetime: lifetime, change)
  }

  /// A subkey with its binding.
  package mutating func addSubkey(
    _ key: TestKey, flags: UInt8? = 0x02, lifetime: Int? = nil, back: BackSignature = .good, change: Change = { _ in }
  ) {
    packets.append(OpenPGPEncoding.packet(14, key.body))
    bind(key, flags: flags, lifetime: lifetime, back: back, change: change)
  }

  /// A further binding of the subkey that was added last.
  package mutating func bind(
    _ key: TestKey, flags: UInt8? = 0x02, lifetime: Int? = nil, back: BackSignature = .good, change: Change = { _ in }
  ) {
    var extra: [UInt8] = []
    var backSignature: TestSignature?
    switch back {
    case .good: backSignature = TestSignature(by: key, at: key.created)
    case .missing: break
    case .by(let other): backSignature = TestSignature(by: other, at: key.created)
    case .changed(let change): backSignature = TestSignature(by: key, at: key.created).with(change)
    }
    if var signature = backSignature {
      if signature.type == 0 { signature.type = 0x19 }
      extra = OpenPGPEncoding.subpacket(32, signature.body(over: primary.hashed + key.hashed))
    }
    append(0x18, over: primary.hashed + key.hashed, flags: flags, lifetime: lifetime) {
      $0.hashed += extra
      change(&$0)
    }
  }

  /// Takes the primary key back. It stands right after the primary key. Reason 0 none, 1 superseded, 2 compromised,
  /// 3 retired; `nil` leaves the subpacket out.
  package mutating func revoke(reason: UInt8?, at time: Int64, change: Change = { _ in }) {
    packets.insert(revocation(0x20, over: primary.hashed, reason, time, change), at: 1)
  }

  /// Takes the subkey back that was added last.
  package mutating func revokeSubkey(_ key: TestKey, reason: UInt8?, at time: Int64, change: Change = { _ in }) {
    packets.append(revocation(0x28, over: primary.hashed + key.hashed, reason, time, change))
  }

  private func revocation(
    _ type: UInt8, over data: [UInt8], _ reason: UInt8?, _ time: Int64, _ change: Change
  ) -> [UInt8] {
    var signature = TestSignature(by: primary, at: time)
    signature.type = type
    if let reason { signature.hashed += OpenPGPEncoding.subpacket(29, [reason]) }
    change(&signature)
    return signature.packet(over: data)
  }

  private mutating func append(_ type: UInt8, over data: [UInt8], flags: UInt8?, lifetime: Int?, _ change: Change) {
    var signature = TestSignature(by: primary, at: primary.created)
    signature.type = type
    if let flags { signature.hashed += OpenPGPEncoding.subpacket(27, [flags]) }
    if let lifetime { signature.hashed += OpenPGPEncoding.subpacket(9, OpenPGPEncoding.number(lifetime, octets: 4)) }
    change(&signature)
    packets.append(signature.packet(over: data))
  }

  private func user(_ id: String) -> [UInt8] {
    primary.hashed + [0xB4] + OpenPGPEncoding.number(id.utf8.count, octets: 4) + id.utf8
  }
}
