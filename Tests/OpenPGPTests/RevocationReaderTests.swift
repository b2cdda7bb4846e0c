@testable import OpenPGP
import Support
import Testing

/// Revocations are found wherever they lie in a registry's folder, and nothing but the mathematics makes one.
@Suite struct RevocationReaderTests {
  static let primary = TestKey.ed25519(seed: 4300)
  static let subkey = TestKey.ed25519(seed: 4301)
  static let other = TestKey.ed25519(seed: 4302)
  static let stranger = TestKey.ed25519(seed: 4303)
  static let time = testNow - 1000

  static let plain: TestCertificate = {
    var certificate = TestCertificate(primary: primary)
    certificate.addUser("a", flags: 0x01)
    certificate.addSubkey(subkey)
    certificate.addSubkey(other)
    return certificate
  }()

  static func signature(
    _ type: UInt8, by key: TestKey = primary, over data: [UInt8], reason: UInt8? = nil,
    _ change: (inout TestSignature) -> Void = { _ in }
  ) -> [UInt8] {
    var signature = TestSignature(by: key, at: time)
    signature.type = type
    if let reason { signature.hashed += OpenPGPEncoding.subpacket(29, [reason]) }
    change(&signature)
    return signature.packet(over: data)
  }

  static func ofPrimary(reason: UInt8? = nil, _ change: (inout TestSignature) -> Void = { _ in }) -> [UInt8] {
    signature(0x20, over: primary.hashed, reason: reason, change)
  }

  static func ofSubkey(
    _ key: TestKey = subkey, reason: UInt8? = nil, _ change: (inout TestSignature) -> Void = { _ in }
  ) -> [UInt8] {
    signature(0x28, over: primary.hashed + key.hashed, reason: reason, change)
  }

  static func revocation(of key: TestKey, isHard: Bool) -> KeyRevocation {
    KeyRevocation(
      primary: primary.fingerprint, key: key.fingerprint, revocation: Revocation(time: time, isHard: isHard))
  }

  static let hard = revocation(of: primary, isHard: true)
  static let soft = revocation(of: primary, isHard: false)
  static let ofOne = revocation(of: subkey, isHard: true)

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let expected: Set<KeyRevocation>
    let files: [[UInt8]]

    init(_ name: String, _ expected: Set<KeyRevocation>, _ files: [UInt8]...) {
      (testDescription, self.expected, self.files) = (name, expected, files)
    }
  }

  static func inserting(_ packet: [UInt8], at place: Int) -> [UInt8] {
    var certificate = plain
    certificate.insert(packet: packet, at: place)
    return certificate.bytes
  }

  static func armored(_ bytes: [UInt8], label: String = "PGP PUBLIC KEY BLOCK", headers: [String] = []) -> [UInt8] {
    OpenPGPEncoding.armor(bytes, label: label, headers: headers)
  }

  /// As gpg writes it into openpgp-revocs.d: text, and a colon that disarms it.
  static let revFile =
    Array("This is a revocation certificate for the OpenPGP key:\n\npub …\n\n:".utf8)
    + armored(ofPrimary(), headers: ["Comment: This is a revocation certificate"])

  static let cases: [Case] = [
    Case("nothing", []),
    Case("a certificate without any", [], plain.bytes),
    Case("in its certificate", [hard], inserting(ofPrimary(), at: 1)),
    Case("in its armored certificate", [hard], armored(inserting(ofPrimary(), at: 1))),
    Case("superseded", [soft], inserting(ofPrimary(reason: 1), at: 1)),
    Case("retired", [soft], inserting(ofPrimary(reason: 3), at: 1)),
    Case("compromised", [hard], inserting(ofPrimary(reason: 2), at: 1)),
    Case("for a reason that is not known", [hard], inserting(ofPrimary(reason: 77), at: 1)),
    Case(
      "a soft reason that nobody signed", [hard],
      inserting(ofPrimary { $0.unhashed += OpenPGPEncoding.subpacket(29, [1]) }, at: 1)),
    Case(
      "two reasons", [hard],
      inserting(ofPrimary(reason: 1) { $0.hashed += OpenPGPEncoding.subpacket(29, [1]) }, at: 1)),
    Case("at the end of its certificate", [hard], plain.bytes + ofPrimary()),
    Case("bare, in another file", [hard], ofPrimary(), plain.bytes),
    Case("bare, and no certificate anywhere", [], ofPrimary()),
    Case("as gpg lays it aside", [hard], plain.armored, revFile),
    Case(
      "in armor with the ends of lines of another system", [hard], plain.bytes,
      armored(ofPrimary()).flatMap { $0 == 10 ? [13, 10] : [$0] }),
    Case("by fingerprint only", [hard], plain.bytes, ofPrimary { $0.issuerKeyID = nil }),
    Case("by key id only", [hard], plain.bytes, ofPrimary { $0.issuerFingerprint = nil }),
    Case(
      "of nobody, beside its key", [hard],
      plain.bytes + ofPrimary { ($0.issuerKeyID, $0.issuerFingerprint) = (nil, nil) }),
    Case("of nobody, elsewhere", [], ofPrimary { ($0.issuerKeyID, $0.issuerFingerprint) = (nil, nil) }, plain.bytes),
    Case(
      "in a file of another certificate", [hard], plain.bytes,
      TestCertificate.usual(seed: 2150).certificate.bytes + ofPrimary()),
    Case(
      "behind another certificate in one file", [hard],
      TestCertificate.usual(seed: 2150).certificate.bytes + inserting(ofPrimary(), at: 1)),
    Case(
      "two armors in one file", [hard],
      TestCertificate.usual(seed: 2150).certificate.armored + armored(inserting(ofPrimary(), at: 1))),
    Case("behind octets that are no packet", [], plain.bytes + [0] + ofPrimary()),
    Case("behind a marker", [hard], plain.bytes + OpenPGPEncoding.packet(10, Array("PGP".utf8)) + ofPrimary()),
    Case(
      "with other octets for the digest's start", [hard], inserting(ofPrimary { $0.breaksDigestStart = true }, at: 1)),
    Case("of a subkey", [ofOne], inserting(ofSubkey(), at: 5)),
    Case("of a subkey, beside another", [ofOne], plain.bytes + ofSubkey()),
    Case("of a subkey, bare", [ofOne], ofSubkey(), plain.bytes),
    Case(
      "of a subkey that another file has", [ofOne], TestCertificate(primary: primary).bytes + ofSubkey(), plain.bytes),
    Case("of a subkey, superseded", [revocation(of: subkey, isHard: false)], plain.bytes + ofSubkey(reason: 1)),
    Case(
      "of both subkeys and the primary key", [ofOne, hard, revocation(of: other, isHard: true)],
      plain.bytes, ofSubkey() + ofPrimary() + ofSubkey(other)),
    Case("soft and hard", [soft, hard], plain.bytes, ofPrimary(), ofPrimary(reason: 1)),
    Case(
      "by another key in the primary key's name", [],
      inserting(
        signature(0x20, by: stranger, over: primary.hashed) {
          ($0.issuerKeyID, $0.issuerFingerprint) = (primary.fingerprint.keyID, primary.fingerprint)
        }, at: 1)),
    Case("by another key", [], inserting(signature(0x20, by: stranger, over: primary.hashed), at: 1)),
    Case("by the subkey", [], inserting(signature(0x28, by: subkey, over: primary.hashed + subkey.hashed), at: 5)),
    Case("of another key, by this one", [], inserting(signature(0x20, over: stranger.hashed), at: 1)),
    Case("a key revocation over a subkey", [], inserting(signature(0x20, over: primary.hashed + subkey.hashed), at: 5)),
    Case("a subkey revocation over the primary key", [], inserting(signature(0x28, over: primary.hashed), at: 5)),
    Case("a direct signature", [], inserting(signature(0x1F, over: primary.hashed), at: 1)),
    Case("a file of more than a mebibyte", [], plain.bytes, [UInt8](repeating: 32, count: 1 << 20) + revFile),
    Case("a file of a mebibyte", [hard], plain.bytes, [UInt8](repeating: 10, count: 1 << 20 - revFile.count) + revFile),
  ]

  @Test(arguments: cases)
  func `a revocation`(_ test: Case) {
    #expect(KeyRevocation.all(in: test.files) == test.expected)
    #expect(KeyRevocation.all(in: test.files.reversed()) == test.expected)
  }

  /// What cannot be checked is nobody's revocation, and still weighs against the certificate that holds it.
  @Test func `with a hash that is not known`() throws {
    let files = [Self.inserting(Self.ofPrimary { $0.hash = .sha512 }, at: 1), Self.inserting(Self.unchecked, at: 1)]
    #expect(KeyRevocation.all(in: [files[1]]) == [])
    for (file, ignoring, expected) in [
      (files[0], false, Standing.revoked(Self.time, hard: true)), (files[0], true, .good),
      (files[1], false, .revoked(Self.time, hard: true)), (files[1], true, .revoked(Self.time, hard: true)),
    ] {
      let certificate = try Certificate.read(file)
      #expect(
        certificate.standing(of: Self.subkey.fingerprint, signedAt: testNow, at: testNow, ignoringRevocations: ignoring)
          == expected)
    }
  }

  static let unchecked: [UInt8] = {
    var packet = ofPrimary()
    // Its hash algorithm: behind two octets of head, the version, the type and the key's algorithm.
    packet[5] = HashAlgorithm.sha224.rawValue
    return packet
  }()

  /// Only whether the key was taken back is passed over.
  @Test func `the other reasons stay`() throws {
    var certificate = TestCertificate(primary: Self.primary)
    certificate.addUser("a", flags: 0x01)
    certificate.addSubkey(Self.subkey, lifetime: 1000)
    certificate.revoke(reason: nil, at: Self.time)
    let read = try certificate.read()
    func standing(at time: Int64, signedAt: Int64) -> Standing {
      read.standing(of: Self.subkey.fingerprint, signedAt: signedAt, at: time, ignoringRevocations: true)
    }
    let made = Self.subkey.created
    #expect(standing(at: made + 999, signedAt: made + 10) == .good)
    #expect(standing(at: made + 1000, signedAt: made + 10) == .expired(made + 1000))
    #expect(standing(at: made + 999, signedAt: made - 1) == .beforeKeyCreation)
  }

  /// Attack: files that keep a server busy. The true revocation of another certificate is found all the same.
  @Test func `forgeries in thousands hide nothing of others`() {
    let forged = (0..<1000).map { number in
      Self.signature(0x28, by: Self.stranger, over: Self.primary.hashed + Self.subkey.hashed) {
        $0.issuerKeyID = Self.primary.fingerprint.keyID
        $0.issuerFingerprint = nil
        $0.hashed += OpenPGPEncoding.subpacket(100, OpenPGPEncoding.number(number, octets: 4))
      }
    }
    var (victim, _) = TestCertificate.usual(seed: 2151)
    victim.revoke(reason: 2, at: Self.time)
    let flood = Self.plain.bytes + forged.flatMap(\.self)
    let many = (0..<20).flatMap { number in
      [flood, TestCertificate.usual(seed: 2200 + number).certificate.bytes + forged[..<500].flatMap(\.self)]
    }
    let found = KeyRevocation.all(in: many + [victim.bytes])
    #expect(found.map(\.key) == [victim.primary.fingerprint])
    // Of whom they speak, nothing can be said any more: whoever reads the folder is told so.
    #expect(KeyRevocation.search([flood]).flooded == Self.primary.fingerprint)
    #expect(KeyRevocation.search([Self.plain.bytes + forged[..<100].flatMap(\.self)]).flooded == nil)
  }

  /// Attack: more subkeys and revocations than can be held against one another in any time.
  @Test(.timeLimit(.minutes(1))) func `a heap of subkeys and revocations costs little`() {
    var heap = Self.plain.bytes
    for number in 0..<20_000 {
      heap += PacketHeader.frame(
        PacketHeader.publicSubkey, ([4, 0, 0] + OpenPGPEncoding.number(number, octets: 4))[...])
      heap += PacketHeader.frame(
        PacketHeader.signature, ([4, 0x28, 22, 10, 0, 0, 0, 0] + OpenPGPEncoding.number(number, octets: 4))[...])
    }
    #expect(KeyRevocation.search([heap]).flooded != nil || KeyRevocation.search([heap]).found.isEmpty)
  }

  /// The certificate's own reader and this one agree on what gpg and everybody makes.
  @Test func `a certificate that is read knows of the same`() throws {
    for test in Self.cases where test.files.count == 1 && !test.expected.isEmpty {
      guard let certificate = try? Certificate.read(test.files[0]) else { continue }
      for key in certificate.keys {
        let found = Revocation.worst(of: test.expected.filter { $0.key == key.fingerprint }.map(\.revocation))
        #expect(key.revocation == found, "\(test.testDescription)")
      }
    }
  }
}
