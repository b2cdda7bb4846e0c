import Crypto
import OpenPGP
import Support
import Testing

/// Numbers at the edges, in the manner of Wycheproof: what careless implementations have accepted.
@Suite struct SignatureMathematicsTests {
  static let order256 = BigNumber(hex: "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551")
  static let prime256 = BigNumber(hex: "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF")
  static let order25519 = BigNumber(hex: "1000000000000000000000000000000014DEF9DEA2F79CD65812631A5CF5D3ED")

  static func engine(_ key: TestKey) throws -> NativeEngine { try NativeEngineTests.engine(key) }

  /// The octets of the two numbers of a signature packet's body.
  static func numbers(_ key: TestKey, hash: HashAlgorithm = .sha512) -> [UInt8] {
    let signature = TestSignature(by: key).with { $0.hash = hash }
    let whole = signature.body(over: samplePayload)
    let empty = signature.with { $0.numbers = [] }.body(over: samplePayload)
    return Array(whole.dropFirst(empty.count))
  }

  static func pair(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
    OpenPGPEncoding.multiprecisionInteger(first) + OpenPGPEncoding.multiprecisionInteger(second)
  }

  static let ecdsa: [(name: String, r: BigNumber, s: BigNumber)] = [
    ("r is the order", order256, BigNumber([1])),
    ("s is the order", BigNumber([1]), order256),
    ("both are one", BigNumber([1]), BigNumber([1])),
    ("r is above the order", order256 + BigNumber([1]), BigNumber([1])),
    ("s is above the order", BigNumber([1]), order256 + BigNumber([1])),
    ("r is the field's prime", prime256, BigNumber([1])),
    (
      "both have all bits", BigNumber(hex: String(repeating: "FF", count: 32)),
      BigNumber(hex: String(repeating: "FF", count: 32))
    ),
    // In the style of CVE-2022-21449, where r and s of zero by another name passed.
    ("both are the order", order256, order256),
  ]

  @Test(arguments: ecdsa)
  func `an ECDSA signature with numbers at the edge is bad`(name: String, r: BigNumber, s: BigNumber) throws {
    let key = TestKey.p256(seed: 1)
    let signature = TestSignature(by: key).with { $0.numbers = Self.pair(r.bytes(count: 32), s.bytes(count: 32)) }
    #expect(try NativeEngineTests.judge(Self.engine(key), signature) == .bad)
    #expect(try NativeEngineTests.judge(Self.engine(key), TestSignature(by: key)) == NativeEngineTests.good(key))
  }

  @Test func `an EdDSA signature whose second number is not reduced is bad`() throws {
    let key = TestKey.ed25519(seed: 1)
    let numbers = Self.numbers(key)
    // Little-endian octets inside big-endian framing (RFC 9580, section 5.2.3.3.1).
    let first = Array(numbers[2..<34])
    let second = Array(numbers[36...])
    #expect(first.count == 32 && second.count == 32)
    let same = TestSignature(by: key).with { $0.numbers = Self.pair(first, second) }
    #expect(try NativeEngineTests.judge(Self.engine(key), same) == NativeEngineTests.good(key))
    let sum = (BigNumber(bytes: second.reversed()) + Self.order25519).bytes(count: 32)
    let changed = TestSignature(by: key).with { $0.numbers = Self.pair(first, sum.reversed()) }
    #expect(try NativeEngineTests.judge(Self.engine(key), changed) == .bad)
  }

  /// Attack: a key that is a point of small order. Somebody who has it registered needs no secret: one signature fits
  /// every text, and could be said to be anybody's.
  @Test func `an EdDSA key of small order signs nothing`() throws {
    let identity: [UInt8] = [1] + [UInt8](repeating: 0, count: 31)
    let minusOne: [UInt8] = [0xEC] + [UInt8](repeating: 0xFF, count: 30) + [0x7F]
    let zero = [UInt8](repeating: 0, count: 32)
    // What RFC 8032 leaves open, and others take.
    let known = try Curve25519.Signing.PublicKey(rawRepresentation: identity)
    #expect(known.isValidSignature(identity + zero, for: samplePayload))
    for point in [identity, minusOne, zero] {
      let key = TestKey.opaque(.ed25519, material: point)
      for first in [identity, minusOne, zero] {
        let signature = TestSignature(by: key).with { $0.numbers = first + zero }
        #expect(try NativeEngineTests.judge(Self.engine(key), signature) == .bad)
      }
    }
    let key = TestKey.ed25519(seed: 1, algorithm: .ed25519)
    #expect(try NativeEngineTests.judge(Self.engine(key), TestSignature(by: key)) == NativeEngineTests.good(key))
  }

  @Test func `an EdDSA signature of zeros and ones is bad`() throws {
    let key = TestKey.ed25519(seed: 1)
    // (0, 1) is the neutral point, in little-endian octets.
    let neutral = [1] + [UInt8](repeating: 0, count: 31)
    for second in [[UInt8](repeating: 0, count: 31) + [1], [UInt8](repeating: 0xFF, count: 32)] {
      let signature = TestSignature(by: key).with { $0.numbers = Self.pair(neutral, second) }
      #expect(try NativeEngineTests.judge(Self.engine(key), signature) == .bad)
    }
  }

  /// One number in 256 begins with a zero octet, which a multiprecision integer leaves out.
  @Test(arguments: [TestKey.ed25519(seed: 1), .p256(seed: 1), .rsa(bits: 2048)])
  func `a number that is shorter than usual is padded`(key: TestKey) throws {
    var engine = try Self.engine(key)
    let usual = key.algorithm == .rsa ? 256 : 64
    var shorter = 0
    for time in 0..<1500 {
      let signature = TestSignature(by: key, at: key.created + 1000 + Int64(time))
      let body = signature.body(over: samplePayload)
      let numbers = body.count - signature.with { $0.numbers = [] }.body(over: samplePayload).count
      guard numbers < usual + (key.algorithm == .rsa ? 2 : 4) else { continue }
      shorter += 1
      let packet = try SignaturePacket(packet: OpenPGPEncoding.packet(2, body))
      #expect(
        engine.judge(packet, over: samplePayload)
          == .good(key: key.fingerprint, primary: key.fingerprint, time: signature.created!))
      if shorter == 2 { return }
    }
    Issue.record("no short number came")
  }

  @Test func `an RSA signature that is not below the modulus is bad`() throws {
    let key = TestKey.rsa(bits: 2048)
    let modulus = BigNumber(bytes: key.material[2..<258])
    // A signature that stays within 256 octets when the modulus is added.
    for time in 0..<50 {
      let signature = TestSignature(by: key, at: key.created + 1000 + Int64(time))
      let numbers = Array(signature.body(over: samplePayload).suffix(256))
      let sum = BigNumber(bytes: numbers) + modulus
      guard sum.digits.count == 64 else { continue }
      let changed = signature.with { $0.numbers = OpenPGPEncoding.multiprecisionInteger(sum.bytes(count: 256)) }
      var engine = try Self.engine(key)
      #expect(
        engine.judge(try SignaturePacket(packet: changed.packet(over: samplePayload)), over: samplePayload) == .bad)
      #expect(
        engine.judge(try SignaturePacket(packet: signature.packet(over: samplePayload)), over: samplePayload) != .bad)
      return
    }
    Issue.record("no signature was small enough")
  }

  /// With exponent 3, whoever lets octets follow the digest can be fooled without the private key (Bleichenbacher,
  /// 2006; CVE-2006-4339): the cube root of a block that begins rightly. The modulus here has no private key at all.
  @Test(arguments: [
    ("garbage after the digest", 8, 0x01), ("no padding to speak of", 0, 0x01), ("another block type", 8, 0x02),
  ])
  func `an RSA signature with garbage in its padding is bad`(name: String, padding: Int, blockType: UInt8) throws {
    let modulus = [UInt8](repeating: 0xFF, count: 255) + [0x5D]
    let key = TestKey.opaque(
      .rsa, material: OpenPGPEncoding.multiprecisionInteger(modulus) + OpenPGPEncoding.multiprecisionInteger([3]))
    let blank = TestSignature(by: key).with { $0.hash = .sha256 }
    let body = blank.with { $0.numbers = [] }.body(over: samplePayload)
    let hashedLength = Int(body[4]) << 8 | Int(body[5])
    let head = Array(body[..<(6 + hashedLength)])
    let digest = SHA256.hash(data: samplePayload + head + [4, 0xFF] + OpenPGPEncoding.number(head.count, octets: 4))
    let digestInfo: [UInt8] = [
      0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
    ]
    let wanted = [0, blockType] + [UInt8](repeating: 0xFF, count: padding) + [0] + digestInfo + Array(digest)
    let root = BigNumber(bytes: wanted + [UInt8](repeating: 0, count: 256 - wanted.count)).cubeRoot
    // The forgery does what it is for: its cube begins as wanted.
    #expect((root * root * root).bytes(count: 256).starts(with: wanted))
    let forged = blank.with { $0.numbers = OpenPGPEncoding.multiprecisionInteger(root.bytes(count: 256)) }
    var engine = NativeEngine(keyring: Keyring([try Certificate.read(TestCertificate(primary: key).bytes)]))
    #expect(engine.judge(try SignaturePacket(packet: forged.packet(over: samplePayload)), over: samplePayload) == .bad)
  }
}
