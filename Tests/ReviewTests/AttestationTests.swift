import OpenPGP
import Support
import Testing

@testable import Review

/// What a vendor's attestation proves of a signing key, and every way in which it does not.
@Suite struct AttestationTests {
  let chain = TestChain()
  let key = TestKey.ed25519(seed: 71)

  func certificate(_ keys: TestKey...) throws -> OpenPGP.Certificate {
    var certificate = TestCertificate(primary: .ed25519(seed: 70))
    certificate.addUser("Ann <ann@example.org>", flags: 0x01)
    for key in keys { certificate.addSubkey(key) }
    return try certificate.read()
  }

  func judge(_ file: [UInt8], roots: [String]? = nil, yubico: [String] = [], _ keys: TestKey...) throws
    -> AttestationJudge.Finding
  {
    var policy = Policy.standard
    policy.attestationRoots = roots ?? [chain.root.digest]
    var certificate = TestCertificate(primary: .ed25519(seed: 70))
    certificate.addUser("Ann <ann@example.org>", flags: 0x01)
    for key in keys.isEmpty ? [key] : keys { certificate.addSubkey(key) }
    return AttestationJudge(AttestationRoots(policy, yubico: yubico)).judge(file, for: try certificate.read())
  }

  func judged(_ certificates: [UInt8]..., roots: [String]? = nil, yubico: [String] = []) throws
    -> AttestationJudge.Finding
  {
    try judge(TestChain.pem(certificates), roots: roots, yubico: yubico)
  }

  /// Asserts that nothing is proved, and why.
  func expect(
    _ why: String, _ finding: AttestationJudge.Finding, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(finding.attested.isEmpty, sourceLocation: sourceLocation)
    #expect(
      finding.objections.joined(separator: "\n").contains(why), "\(finding.objections)", sourceLocation: sourceLocation)
  }

  func expectGood(_ finding: AttestationJudge.Finding, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(Array(finding.attested.keys) == [key.fingerprint], sourceLocation: sourceLocation)
    #expect(finding.objections == [], sourceLocation: sourceLocation)
  }

  // MARK: Keys

  @Test(arguments: [
    TestKey.ed25519(seed: 1), .ed25519(seed: 1, algorithm: .ed25519), .p256(seed: 1), .p384(seed: 1), .p521(seed: 1),
    .rsa(),
  ])
  func `every kind of key is known again`(_ key: TestKey) throws {
    let finding = try judge(chain.file(TestStatement(key)), key)
    #expect(finding.objections == [])
    #expect(finding.attested == [key.fingerprint: AttestedCard(serial: "35718625", firmware: "5.7.4", touch: .fixed)])
  }

  @Test(arguments: [TestKey.ed25519(seed: 2), .p256(seed: 2), .p384(seed: 2), .p521(seed: 2), .rsa(seed: 1)])
  func `another key with the right fingerprint in the statement is refused`(_ other: TestKey) throws {
    let same: TestKey =
      switch other.algorithm {
      case .rsa: .rsa()
      case .ecdsa where other.bits == 256: .p256(seed: 1)
      case .ecdsa where other.bits == 384: .p384(seed: 1)
      case .ecdsa: .p521(seed: 1)
      default: .ed25519(seed: 1)
      }
    let statement = TestStatement(other).with { $0.fingerprint = same.fingerprint.bytes }
    expect("attests another key", try judge(chain.file(statement), same))
    #expect(try judge(chain.file(TestStatement(same)), same).attested.count == 1)
  }

  @Test func `a statement about a key of somebody else is refused`() throws {
    expect("no key of this certificate", try judge(chain.file(TestStatement(.ed25519(seed: 99)))))
    expectGood(try judge(chain.file(TestStatement(key))))
  }

  // MARK: The statement

  static let spoilt: [(why: String, change: @Sendable (inout TestStatement) -> Void)] = [
    ("not made on the card", { $0.source = 0 }), ("not made on the card", { $0.source = 2 }),
    ("\"off\"", { $0.touch = [0] }), ("\"on\"", { $0.touch = [1] }), ("\"cached\"", { $0.touch = [3] }),
    ("not understood", { $0.touch = [5] }), ("not understood", { $0.touch = [] }),
    ("not understood", { $0.touch = [2, 0] }),
    ("not about a card's signature key", { $0.name = "YubiKey OPGP Attestation AUT" }),
    ("not about a card's signature key", { $0.name = "YubiKey OPGP Attestation DEC" }),
    ("does not say the key's origin", { $0.lacks = [2] }), ("does not say the fingerprint", { $0.lacks = [4] }),
    ("does not say the touch setting", { $0.lacks = [8] }),
    ("19 octets", { $0.fingerprint = .init(repeating: 1, count: 19) }),
  ]

  @Test(arguments: spoilt.indices)
  func `a statement that says less is refused`(_ index: Int) throws {
    let (why, change) = Self.spoilt[index]
    expect(why, try judge(chain.file(TestStatement(key).with(change))))
    expectGood(try judge(chain.file(TestStatement(key).with { $0.touch = [4] })))
  }

  @Test func `what the statement says besides may be missing`() throws {
    let finding = try judge(chain.file(TestStatement(key).with { $0.lacks = [3, 7] }))
    #expect(finding.attested == [key.fingerprint: AttestedCard(serial: nil, firmware: nil, touch: .fixed)])
  }

  // MARK: The chain

  @Test func `a root that nobody pinned is refused`() throws {
    let file = chain.file(TestStatement(key))
    expect("not a root that is trusted", try judge(file, roots: []))
    expect("not a root that is trusted", try judge(file, roots: [TestIssuer.root().digest]))
    // Nor does a pinned one help that is not in the file: only its digest is known.
    expect(
      "not a root that is trusted",
      try judged(chain.device.stating(TestStatement(key)), chain.device.der, chain.authority.der))
    expectGood(try judge(file))
  }

  @Test func `a root of the same name with another key is refused`() throws {
    let other = TestIssuer.root()
    let authority = other.issuing("Test OPGP Attestation", pathLength: 1)
    let device = authority.issuing("YubiKey OPGP Attestation", pathLength: 0)
    expect(
      "not a root that is trusted",
      try judged(device.stating(TestStatement(key)), device.der, authority.der, chain.root.der))
  }

  @Test func `a device is never its own root`() throws {
    expect("not a root that is trusted", try judged(chain.root.stating(TestStatement(key)), chain.root.der))
    let device = chain.root.issuing("YubiKey OPGP Attestation", pathLength: 0)
    expectGood(try judged(device.stating(TestStatement(key)), device.der, chain.root.der))
  }

  /// The holder of an attested key signs a device of his own with it, and with that a key on disk.
  @Test func `a device issued with an attested key is refused`() throws {
    let held = TestStatement(.p256(seed: 5))
    let statement = chain.device.stating(held)
    let fake = held.issuer(statement).issuing("YubiKey OPGP Attestation", pathLength: 0)
    let file = [
      fake.stating(TestStatement(key)), fake.der, statement, chain.device.der, chain.authority.der, chain.root.der,
    ]
    expect("whose holder can sign anything", try judge(TestChain.pem(file)))
    // As authority and device, too, and below a certificate that is no statement it would be the same length.
    let authority = held.issuer(statement).issuing("Yubico OPGP Attestation B 1", pathLength: 1)
    let below = authority.issuing("YubiKey OPGP Attestation", pathLength: 0)
    expect(
      "whose holder can sign anything",
      try judge(
        TestChain.pem([
          below.stating(TestStatement(key)), below.der, authority.der, statement, chain.device.der, chain.authority.der,
          chain.root.der,
        ])))
    let honest = chain.authority.issuing("Another device", pathLength: 0)
    expectGood(try judged(honest.stating(TestStatement(key)), honest.der, chain.authority.der, chain.root.der))
  }

  @Test(arguments: [[1, 3, 6, 1, 4, 1, 41482, 3, 8], [1, 3, 6, 1, 4, 1, 41482, 5, 8]] as [[UInt]])
  func `a key that PIV or OpenPGP attests issues nothing`(_ oid: [UInt]) throws {
    for isDevice in [true, false] {
      let authority = chain.root.issuing("Test CA", pathLength: 1, extra: isDevice ? [] : [(oid, false)])
      let device = authority.issuing("YubiKey OPGP Attestation", pathLength: 0, extra: isDevice ? [(oid, false)] : [])
      expect(
        "whose holder can sign anything",
        try judged(device.stating(TestStatement(key)), device.der, authority.der, chain.root.der))
    }
    let authority = chain.root.issuing("Test CA", pathLength: 1, extra: [([1, 3, 6, 1, 4, 1, 41482, 13, 1], false)])
    let device = authority.issuing("YubiKey OPGP Attestation", pathLength: 0)
    expectGood(try judged(device.stating(TestStatement(key)), device.der, authority.der, chain.root.der))
  }

  @Test func `only authorities issue devices`() throws {
    func finding(_ isAuthority: Bool?, _ mayCertify: Bool?, pathLength: Int? = 1) throws -> AttestationJudge.Finding {
      let authority = chain.root.issuing(
        "Test CA", isAuthority: isAuthority, pathLength: isAuthority == true ? pathLength : nil, mayCertify: mayCertify)
      let device = authority.issuing("YubiKey OPGP Attestation", pathLength: 0)
      return try judged(device.stating(TestStatement(key)), device.der, authority.der, chain.root.der)
    }
    expect("no certificate authority", try finding(false, true))
    expect("no certificate authority", try finding(nil, nil))
    expect("may not sign certificates", try finding(true, false))
    expect("may have 0 issuers below it", try finding(true, true, pathLength: 0))
    expectGood(try finding(true, nil))
    expectGood(try finding(true, true))
    expectGood(try finding(true, true, pathLength: nil))
  }

  @Test func `a chain has six certificates at most`() throws {
    func finding(authorities: Int) throws -> AttestationJudge.Finding {
      let root = TestIssuer.root("Long", pathLength: nil)
      var issuers = [root]
      for place in 0..<authorities { issuers.append(issuers[place].issuing("CA \(place)")) }
      let device = issuers[authorities].issuing("YubiKey OPGP Attestation", pathLength: 0)
      return try judge(
        TestChain.pem([device.stating(TestStatement(key)), device.der] + issuers.map(\.der)), roots: [root.digest])
    }
    expectGood(try finding(authorities: 3))
    expect("longer than 6", try finding(authorities: 4))
  }

  @Test func `below Yubico's roots only its OpenPGP authorities count`() throws {
    func finding(_ name: String, yubico: Bool) throws -> AttestationJudge.Finding {
      let authority = chain.root.issuing(name, pathLength: 1)
      let device = authority.issuing("YubiKey OPGP Attestation", pathLength: 0)
      let file = TestChain.pem([device.stating(TestStatement(key)), device.der, authority.der, chain.root.der])
      // A policy that names Yubico's root again does not make it any other root.
      return try judge(file, roots: [chain.root.digest], yubico: yubico ? [chain.root.digest] : [])
    }
    expectGood(try finding("Yubico OPGP Attestation B 1", yubico: true))
    expect("does not certify keys that attest OpenPGP keys", try finding("Yubico PIV Attestation B 1", yubico: true))
    expect(
      "does not certify keys that attest OpenPGP keys", try finding("Not Yubico OPGP Attestation B 1", yubico: true))
    expectGood(try finding("Yubico PIV Attestation B 1", yubico: false))
    let device = chain.root.issuing("YubiKey OPGP Attestation", pathLength: 0)
    expectGood(try judged(device.stating(TestStatement(key)), device.der, chain.root.der, yubico: [chain.root.digest]))
  }

  @Test func `a statement that another device of the same name signed is refused`() throws {
    let other = chain.root.issuing("YubiKey OPGP Attestation", pathLength: 0)
    expect(
      "nothing in the file has issued",
      try judged(other.stating(TestStatement(key)), chain.device.der, chain.authority.der, chain.root.der))
  }

  @Test func `a name that the issuer does not have is refused`() throws {
    let device = chain.authority.issuing("YubiKey OPGP Attestation", pathLength: 0, as: "Somebody")
    expect(
      "nothing in the file has issued",
      try judged(device.stating(TestStatement(key)), device.der, chain.authority.der, chain.root.der))
  }

  @Test func `a critical extension that is not understood is refused`() throws {
    func finding(critical: Bool) throws -> AttestationJudge.Finding {
      let device = chain.authority.issuing(
        "YubiKey OPGP Attestation", pathLength: 0, extra: [([1, 2, 3, 4], critical)])
      return try judged(device.stating(TestStatement(key)), device.der, chain.authority.der, chain.root.der)
    }
    expect("critical extension 1.2.3.4", try finding(critical: true))
    expectGood(try finding(critical: false))
  }

  @Test(arguments: [0, 1, 2, 3])
  func `one bit changed anywhere in any certificate, and nothing is attested`(_ place: Int) throws {
    let good = [chain.device.stating(TestStatement(key)), chain.device.der, chain.authority.der, chain.root.der]
    for octet in good[place].indices {
      var changed = good
      changed[place][octet] ^= 1 << UInt8(octet % 8)
      let finding = try judge(TestChain.pem(changed))
      #expect(finding.attested.isEmpty && !finding.objections.isEmpty, "octet \(octet) of certificate \(place)")
    }
    expectGood(try judge(TestChain.pem(good)))
  }

  @Test func `an algorithm that is not the signed one, and one that is too weak, are refused`() throws {
    // ecdsa-with-SHA256 in and outside of what is signed.
    let oid: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02]
    let statement = chain.device.stating(TestStatement(key))
    let places = statement.indices.filter { statement[$0...].starts(with: oid) }
    #expect(places.count == 2)
    var outer = statement
    outer[places[1] + 9] = 0x03
    expect("two signature algorithms", try judged(outer, chain.device.der, chain.authority.der, chain.root.der))
    // ecdsa-with-SHA1 is 1.2.840.10045.4.1, but for its length; SHA-224 is 4.3.1.
    var weak = statement
    for place in places { weak[place + 9] = 0x01 }
    expect("nothing in the file has issued", try judged(weak, chain.device.der, chain.authority.der, chain.root.der))
    expectGood(try judged(statement, chain.device.der, chain.authority.der, chain.root.der))
  }

  @Test func `an extension that stands there twice is refused`() throws {
    // The setting of the touch, and one more under number 9, whose number is then changed to the same.
    let statement = chain.device.stating(TestStatement(key).with { $0.more = [(9, false)] })
    let arc: [UInt8] = [0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0xC4, 0x0A, 0x05]
    let places = statement.indices.filter { statement[$0...].starts(with: arc + [9]) }
    var doubled = statement
    for place in places { doubled[place + 9] = 8 }
    #expect(places.count == 1)
    expect("an extension twice", try judged(doubled, chain.device.der, chain.authority.der, chain.root.der))
    expectGood(try judged(statement, chain.device.der, chain.authority.der, chain.root.der))
  }
}

extension TestKey {
  /// The size of a NIST curve, by the length of its point.
  fileprivate var bits: Int { material.count < 80 ? 256 : material.count < 110 ? 384 : 521 }
}
