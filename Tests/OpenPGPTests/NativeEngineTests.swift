import OpenPGP
import Support
import Testing

@Suite struct NativeEngineTests {
  static let key = TestKey.ed25519(seed: 1)
  static let other = TestKey.ed25519(seed: 2)

  static func engine(_ keys: TestKey...) throws -> NativeEngine {
    NativeEngine(
      keyring: Keyring(
        try keys.map { key in
          var made = TestCertificate(primary: key)
          made.addUser("a")
          return try made.read()
        }))
  }

  static func judge(_ engine: NativeEngine, _ signature: TestSignature, over payload: [UInt8] = samplePayload) throws
    -> Answer
  {
    var engine = engine
    return engine.judge(try SignaturePacket(packet: signature.packet(over: samplePayload)), over: payload)
  }

  static func good(_ key: TestKey) -> Answer {
    .good(key: key.fingerprint, primary: key.fingerprint, time: TestKey.defaultCreation + 1000)
  }

  static let kinds: [(key: TestKey, hash: HashAlgorithm)] = [
    (.ed25519(seed: 1), .sha256), (.ed25519(seed: 1), .sha384), (.ed25519(seed: 1), .sha512),
    (.ed25519(seed: 1, algorithm: .ed25519), .sha512),
    (.p256(seed: 1), .sha256), (.p256(seed: 1), .sha512), (.p384(seed: 1), .sha384), (.p521(seed: 1), .sha512),
    (.rsa(bits: 2048), .sha256), (.rsa(bits: 2048), .sha384), (.rsa(bits: 3072), .sha512), (.rsa(bits: 4096), .sha512),
  ]

  @Test(arguments: kinds)
  func `each kind of key is verified`(key: TestKey, hash: HashAlgorithm) throws {
    let engine = try Self.engine(key)
    let signature = TestSignature(by: key).with { $0.hash = hash }
    #expect(try Self.judge(engine, signature) == Self.good(key))
    #expect(try Self.judge(engine, signature, over: samplePayload + [0]) == .bad)
    #expect(try Self.judge(engine, signature, over: samplePayload.dropLast()) == .bad)
    #expect(try Self.judge(engine, signature, over: []) == .bad)
  }

  @Test func `the payload is taken in two pieces`() throws {
    let engine = try Self.engine(Self.key)
    let signature = try admit(Self.key.sign(samplePayload))
    for cut in [0, 1, samplePayload.count - 1, samplePayload.count] {
      let answer = samplePayload.withUnsafeBytes { bytes in
        engine.judge(
          Question(
            signature: signature, head: UnsafeRawBufferPointer(rebasing: bytes[..<cut]),
            tail: UnsafeRawBufferPointer(rebasing: bytes[cut...])))
      }
      #expect(answer == Self.good(Self.key))
    }
  }

  @Test func `a signature is found by fingerprint, or by key id where there is none`() throws {
    let engine = try Self.engine(Self.other, Self.key)
    #expect(try Self.judge(engine, TestSignature(by: Self.key).with { $0.issuerKeyID = nil }) == Self.good(Self.key))
    #expect(
      try Self.judge(engine, TestSignature(by: Self.key).with { $0.issuerFingerprint = nil }) == Self.good(Self.key))
  }

  @Test func `a signature that names nobody is by nobody`() throws {
    let engine = try Self.engine(Self.key)
    let signature = TestSignature(by: Self.key).with {
      $0.issuerFingerprint = nil
      $0.issuerKeyID = nil
    }
    #expect(try Self.judge(engine, signature) == .unknownKey)
  }

  @Test func `a signature in another key's name is bad`() throws {
    let engine = try Self.engine(Self.key)
    let forged = TestSignature(by: Self.other).with {
      $0.issuerFingerprint = Self.key.fingerprint
      $0.issuerKeyID = Self.key.fingerprint.keyID
    }
    #expect(try Self.judge(engine, forged) == .bad)
    #expect(try Self.judge(engine, forged.with { $0.issuerFingerprint = nil }) == .bad)
    #expect(try Self.judge(engine, TestSignature(by: Self.other)) == .unknownKey)
  }

  /// The colliding id is met by the fingerprint: an unknown key whose id is that of a known one stays unknown.
  @Test func `a fingerprint goes before a key id`() throws {
    let engine = try Self.engine(Self.key)
    let twin = try #require(Fingerprint(bytes: [UInt8](repeating: 7, count: 12) + Self.key.fingerprint.bytes.suffix(8)))
    #expect(twin.keyID == Self.key.fingerprint.keyID)
    let signature = TestSignature(by: Self.key).with { $0.issuerFingerprint = twin }
    #expect(try Self.judge(engine, signature) == .unknownKey)
  }

  @Test func `a signature that states another algorithm than its key has is bad`() throws {
    let engine = try Self.engine(.ed25519(seed: 1))
    let signature = TestSignature(by: .ed25519(seed: 1, algorithm: .ed25519)).with {
      $0.issuerFingerprint = TestKey.ed25519(seed: 1).fingerprint
      $0.issuerKeyID = TestKey.ed25519(seed: 1).fingerprint.keyID
    }
    #expect(try Self.judge(engine, signature) == .bad)
  }

  @Test(arguments: [
    (TestKey.p384(seed: 1), HashAlgorithm.sha256), (.p521(seed: 1), .sha256), (.p521(seed: 1), .sha384),
  ])
  func `a hash shorter than the curve is not judged`(key: TestKey, hash: HashAlgorithm) throws {
    let engine = try Self.engine(key)
    #expect(
      try Self.judge(engine, TestSignature(by: key).with { $0.hash = hash })
        == .unsupported("an ECDSA signature over a hash shorter than its curve"))
    #expect(try Self.judge(engine, TestSignature(by: key).with { $0.hash = .sha512 }) == Self.good(key))
  }

  @Test func `a key that cannot be used is not judged`() throws {
    let key = TestKey.rsa(bits: 1024)
    #expect(
      try Self.judge(try Self.engine(key), TestSignature(by: key))
        == .unsupported("a key of a kind that is not verified here"))
  }

  /// Mallory lists Alice's signing subkey. Alice's signatures stay hers, whoever comes first in the keyring.
  /// With no back signature of hers, or with one of her own making in its place.
  @Test(arguments: [false, true], [false, true])
  func `a subkey belongs to the key that it has agreed to`(malloryFirst: Bool, forges: Bool) throws {
    var alice = TestCertificate(primary: .ed25519(seed: 10))
    alice.addUser("Alice", flags: 0x01)
    alice.addSubkey(Self.key)
    let own = TestKey.ed25519(seed: 11)
    var mallory = TestCertificate(primary: own)
    mallory.addUser("Mallory", flags: 0x01)
    mallory.addSubkey(Self.key, back: forges ? .by(own) : .missing)
    let certificates = [try alice.read(), try mallory.read()]
    let keyring = Keyring(malloryFirst ? certificates.reversed() : certificates)
    let expected = Answer.good(
      key: Self.key.fingerprint, primary: alice.primary.fingerprint, time: TestKey.defaultCreation + 1000)
    let signature = TestSignature(by: Self.key)
    #expect(try Self.judge(NativeEngine(keyring: keyring), signature) == expected)
    var gnupg = GnuPGEngine(keyring: keyring)
    #expect(
      gnupg.judge(try SignaturePacket(packet: signature.packet(over: samplePayload)), over: samplePayload) == expected)
  }

  @Test func `many threads may ask at once`() async throws {
    let engine = try Self.engine(.rsa(bits: 2048))
    let signature = try admit(TestKey.rsa(bits: 2048).sign(samplePayload))
    let answers = await withTaskGroup(of: Answer.self) { group in
      for _ in 0..<200 {
        group.addTask {
          Question.asking(signature, over: samplePayload) { engine.judge($0) }
        }
      }
      return await group.reduce(into: [Answer]()) { $0.append($1) }
    }
    #expect(answers == Array(repeating: Self.good(.rsa(bits: 2048)), count: 200))
  }
}
