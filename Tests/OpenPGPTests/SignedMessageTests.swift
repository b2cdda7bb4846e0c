import Foundation
import OpenPGP
import Support
import Testing

/// Messages made by gpg 2.2.40: `gpg --sign --no-armor` of a file with the octets `{"a":1}` and LF, by a key of
/// `gpg --quick-gen-key t@example.org ed25519 sign never`, with `--compress-algo` none, zip, zlib and bzip2.
enum GnuPGMessageFixtures {
  static let certificate = """
    mDMEawEVGRYJKwYBBAHaRw8BAQdAtnbd8kBPVkzjRRKFDBPv14pZeyM2TdNqze8s4uR93lO0DXRAZXhhbXBsZS5vcmeIkAQTFggA\
    OBYhBMHwFQ7dwxe11SdnNtDxK/wCG2x5BQJrARUZAhsDBQsJCAcCBhUKCQgLAgQWAgMBAh4BAheAAAoJENDxK/wCG2x5dwwBANWu\
    iNnoSnwl8bjEWSurch3vW92XRmxwrnlIYUd6+arxAQCkVXbOHMqgNaxFcXFASfliS+yAy2lHgnamCJySvMJKDA==
    """
  static let none = """
    kA0DAAgW0PEr/AIbbHkBrBRiBmYuanNvbmsBFRp7ImEiOjF9Coh1BAAWCAAdFiEEwfAVDt3DF7XVJ2c20PEr/AIbbHkFAmsBFRoA\
    CgkQ0PEr/AIbbHmQowD/QjLjqm7ZN0rxffRwKCnzU4dNLHRd7gXoyk47YrWZHdEA/ibnX8AtInliPduec/Yj3JWD8i40D2xjdnmA\
    dI2LkRUH
    """
  static let zip = """
    owGbwMvMwCF24aP2HybpnErGNSJJbGl6WcX5edmMolLVSolKVoa1XB2lLAxiHAyyYoosBz+I8t09LL71qnq6GUwXKxNIMQMXpwBM\
    ZMJihv9ORo9X5d009/pY+6VAQ/NzcLuvTknsO9YXp/ysk7bOlL3I8E/tefwBXaXKJNvb84q/Kd+Z2vxJz4Q/J7mssqGkt3uiKDsA
    """
  static let zlib = """
    owJ4nJvAy8zAIXbho/YfJumcSsY1IklsaXpZxfl52YyiUtVKiUpWhrVcHaUsDGIcDLJiiiwHP4jy3T0svvWqeroZTBcrE0gxAxen\
    AExkwmKG/05Gj1fl3TT3+lj7pUBD83Nwu69OSew71hen/KyTts6UvcjwT+15/AFdpcok29vzir8p35na/EnPhD8nuayyoaS3e6Io\
    OwCG7zwb
    """
  static let bzip2 = """
    owNCWmg2MUFZJlNZeGeuMwAAOX////PHmjnvNZoQEwgCuZ3PKkjKYiEIFAIAaBBiLgjBfQWgAJQYgAAAAAAAAANANDTQA00ND0jT\
    TyhUg9Q0A0NDagAA0A0GgDQAGhoAABoJmYR9p5oDkRlpBzkPc0TghskvZQyRIH+BAHgt9ysDoYKDGzkmo/eZdX6Pj7olYspGoFzR\
    IET0AEz8sw0i+RGdrI55CRzAGi6n7zvJzQZx4SlmTXZ52Y+FwUno/ESgk0OyBoRZvnnWxmoAAh78IhEOEQfVYQ5o38XckU4UJB4Z\
    64zA
    """
  static let fromPipe = """
    kA0DAAgW0PEr/AIbbHkByw5iAGsBFRp7ImEiOjF9Coh1BAAWCAAdFiEEwfAVDt3DF7XVJ2c20PEr/AIbbHkFAmsBFRoACgkQ0PEr\
    /AIbbHmQowD/QjLjqm7ZN0rxffRwKCnzU4dNLHRd7gXoyk47YrWZHdEA/ibnX8AtInliPduec/Yj3JWD8i40D2xjdnmAdI2LkRUH
    """

  static func bytes(_ text: String) -> [UInt8] { Array(Data(base64Encoded: text)!) }
}

@Suite struct SignedMessageTests {
  static let key = TestKey.ed25519(seed: 1)
  static let content = Array("{\"a\":1}\n".utf8)
  static let message = TestMessage(content, by: key)

  @Test(arguments: [
    GnuPGMessageFixtures.none, GnuPGMessageFixtures.zip, GnuPGMessageFixtures.zlib, GnuPGMessageFixtures.bzip2,
    GnuPGMessageFixtures.fromPipe,
  ])
  func `a message made by gpg is read and verified`(text: String) throws {
    let certificate = try Certificate.read(GnuPGMessageFixtures.bytes(GnuPGMessageFixtures.certificate))
    let message = try SignedMessage.read(GnuPGMessageFixtures.bytes(text))
    #expect(message.content == Self.content)
    let expected = Answer.good(key: certificate.primary, primary: certificate.primary, time: message.signature.created)
    var native = NativeEngine(keyring: Keyring([certificate]))
    #expect(native.judge(message.signature, over: message.content) == expected)
    #expect(native.judge(message.signature, over: message.content + [1]) == .bad)
    var gnupg = GnuPGEngine(keyring: Keyring([certificate]))
    #expect(gnupg.judge(message.signature, over: message.content) == expected)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The end of the defect's message; `nil` when the message is read.
    let defect: String?
    let bytes: [UInt8]

    init(_ name: String, _ defect: String?, _ bytes: [UInt8]) {
      (testDescription, self.defect, self.bytes) = (name, defect, bytes)
    }

    init(_ name: String, _ defect: String?, _ change: (inout TestMessage) -> Void) {
      var changed = message
      change(&changed)
      self.init(name, defect, changed.bytes)
    }
  }

  static let whole = message.bytes
  static let raw = TestMessage.compressed(whole)
  static let large = TestMessage([UInt8](repeating: 65, count: 1000), by: key)

  static let announcedOtherwise: [UInt8] = {
    let text = TestMessage.text(of: Array("{}".utf8), by: key)
    let binary = TestMessage(Array("{}".utf8), by: key)
    return binary.onePass + text.literal + text.signaturePacket
  }()

  static let cases: [Case] = [
    Case("as it should be", nil, whole),
    Case("compressed", nil, raw),
    Case("compressed, with a definite length", nil, OpenPGPEncoding.packet(8, [1] + TestMessage.stored(whole))),
    Case(
      "compressed by “none at all”", "compression algorithm 0, which is not understood",
      OpenPGPEncoding.packet(8, [0] + whole)),
    Case(
      "compressed by an unknown algorithm", "compression algorithm 4, which is not understood",
      OpenPGPEncoding.packet(8, [4] + whole)),
    Case("compressed twice", "a packet of open length", TestMessage.compressed(raw)),
    Case("compressed, cut short", "compressed data that is broken", raw.dropLast()),
    Case("compressed, with octets after it", "octets after compressed data", raw + [0]),
    Case(
      "compressed, with a packet after it", "a packet after the compressed one",
      OpenPGPEncoding.packet(8, [1] + TestMessage.stored(whole)) + message.signaturePacket),
    Case("compressed badly", "compressed data that is broken", [0xA3, 1, 0xFF, 0xFF]),
    Case("compressed nothing", "it ends too early", [0xA3, 1] + TestMessage.stored([])),
    Case("a literal in pieces", nil, large.onePass + large.literalInPieces + large.signaturePacket),
    Case(
      "a literal whose first piece is small", "a first piece of under 512 octets",
      message.onePass + [0xCB, 0xE1, 0x62, 0, 1, 0] + message.signaturePacket),
    Case(
      "a literal of open length", "a packet of open length",
      message.onePass + [0x83 | 11 << 2] + message.literalHead + content),
    Case(
      "a signature in pieces", "a packet of partial length",
      message.onePass + message.literal + [0xC2, 0xE9] + [UInt8](repeating: 4, count: 600)),
    Case("empty", "it ends too early", []),
    Case("armored", "no packet begins where one should", OpenPGPEncoding.armor(whole, label: "PGP MESSAGE")),
    Case("a detached signature", "it does not begin with a one-pass packet", message.signaturePacket),
    Case(
      "the old order, signature first", "it does not begin with a one-pass packet",
      message.signaturePacket + message.literal),
    Case("no literal", "no literal after the one-pass packet", message.onePass + message.signaturePacket),
    Case("no signature", "it ends too early", message.onePass + message.literal),
    Case("two signatures", "more than one packet", whole + message.signaturePacket),
    Case(
      "two one-pass packets", "no literal after the one-pass packet",
      message.onePass + whole + message.signaturePacket),
    Case("a message after the message", "more than one packet", whole + whole),
    Case(
      "two literals", "packet of type 11 where a signature should be",
      message.onePass + message.literal + message.literal + message.signaturePacket),
    Case("a text literal with a line end", "a literal that is not binary") { $0.literalHead[0] = UInt8(ascii: "t") },
    Case(
      "a text literal without a line end", nil,
      TestMessage.text(of: Array("{}".utf8), by: key) { $0.signature.type = 0 }.bytes),
    Case("a text signature over a text literal", nil, TestMessage.text(of: Array("{}".utf8), by: key).bytes),
    Case(
      "a text signature over a literal in UTF-8", nil,
      TestMessage.text(of: Array("{}".utf8), by: key) { $0.literalHead[0] = UInt8(ascii: "u") }.bytes),
    Case(
      "a text signature over a literal of another kind", "a literal that is not binary",
      TestMessage.text(of: Array("{}".utf8), by: key) { $0.literalHead[0] = UInt8(ascii: "l") }.bytes),
    Case(
      "a text signature over a text with a carriage return", "a literal that is not binary",
      TestMessage.text(of: Array("{\r}".utf8), by: key).bytes),
    Case(
      "a text signature that is announced as a binary one", "its one-pass packet announces another signature",
      announcedOtherwise),
    Case("a named literal", nil) { $0.literalHead = [UInt8(ascii: "b"), 3, 65, 66, 67, 1, 2, 3, 4] },
    Case("a name longer than the literal", "it ends too early") { $0.literalHead[1] = 200 },
    Case("SHA-1", "the signature uses SHA-1; only SHA-256, SHA-384 and SHA-512 count") { $0.signature.hash = .sha1 },
    Case("a text signature", "the signature is of type 1, not a binary document signature") { $0.signature.type = 1 },
    Case(
      "another hash announced", "its one-pass packet announces another signature",
      TestMessage(content, by: key).bytes.enumerated().map { $0.offset == 4 ? 8 : $0.element }),
    Case(
      "another key announced", "its one-pass packet announces another signature",
      TestMessage(content, by: .ed25519(seed: 2)).onePass + message.literal + message.signaturePacket),
    Case(
      "announced as not the last", "its one-pass packet announces another signature",
      Array(message.onePass.dropLast()) + [0] + message.literal + message.signaturePacket),
    Case(
      "longer than the limit", "a message of more than 1048576 octets",
      TestMessage([UInt8](repeating: 65, count: 1 << 20), by: key).bytes),
  ]

  @Test(arguments: cases)
  func `a signed message`(_ test: Case) throws {
    guard let end = test.defect else {
      let message = try SignedMessage.read(test.bytes, admittingText: true)
      var engine = try NativeEngineTests.engine(Self.key)
      #expect(engine.judge(message.signature, over: message.content) == NativeEngineTests.good(Self.key))
      return
    }
    let defect = #expect(throws: SignatureDefect.self) { try SignedMessage.read(test.bytes, admittingText: true) }
    #expect(defect?.message.hasSuffix(end) == true, "\(defect?.message ?? "")")
  }

  @Test func `content that was not signed is bad`() throws {
    var changed = Self.message
    changed.signedContent = Self.content
    changed.content = Array("{\"a\":2}\n".utf8)
    let message = try SignedMessage.read(changed.bytes)
    var engine = try NativeEngineTests.engine(Self.key)
    #expect(engine.judge(message.signature, over: message.content) == .bad)
  }

  /// gpg's own, over a text without a line end, by both engines.
  @Test func `a message in text mode is judged as it was signed`() throws {
    let certificate = try DifferentialTests.certificate(Self.key).read()
    let made = TestMessage.text(of: Array("{}".utf8), by: Self.key)
    let message = try SignedMessage.read(made.bytes, admittingText: true)
    #expect(throws: SignatureDefect.self) { try SignedMessage.read(made.bytes) }
    var gnupg = GnuPGEngine(keyring: Keyring([certificate]))
    var native = NativeEngine(keyring: Keyring([certificate]))
    for content in [message.content, message.content + [1]] {
      let expected = content == message.content ? NativeEngineTests.good(Self.key) : .bad
      #expect(native.judge(message.signature, over: content) == expected)
      #expect(gnupg.judge(message.signature, over: content) == expected)
    }
    // Over a commit, which has line ends, it is none.
    #expect(throws: SignatureDefect.self) { try SignaturePacket(packet: made.signaturePacket) }
  }

  /// Damage to what bzip2 packed, of each octet: refused, or what was signed.
  @Test func `damaged bzip2 is refused`() throws {
    let whole = GnuPGMessageFixtures.bytes(GnuPGMessageFixtures.bzip2)
    for place in whole.indices {
      var changed = whole
      changed[place] ^= 0x10
      if let message = try? SignedMessage.read(changed) { #expect(message.content == Self.content) }
    }
    #expect(throws: SignatureDefect.malformed("the signed message is malformed: compressed data that is broken")) {
      try SignedMessage.read(whole.dropLast(8))
    }
    #expect(throws: SignatureDefect.malformed("the signed message is malformed: octets after compressed data")) {
      try SignedMessage.read(whole + [0])
    }
  }

  /// Some hundred octets that would unfold to four megabytes, made by Python's `bz2.compress(bytes(1 << 22))`.
  @Test func `a bzip2 bomb stops at the limit`() throws {
    let stream = try Tool.succeed(
      "python3", ["-c", "import bz2, sys; sys.stdout.buffer.write(bz2.compress(bytes(1 << 22)))"]
    ).output
    #expect(stream.count < 200)
    #expect(
      throws: SignatureDefect.malformed("the signed message is malformed: compressed data of more than 1048576 octets")
    ) {
      try SignedMessage.read([0xA3, 3] + stream)
    }
  }

  /// Thirteen kilobytes that would unfold to two megabytes.
  @Test func `a compression bomb stops at the limit`() throws {
    #expect(TestMessage.bomb.count < 16_000)
    #expect(
      throws: SignatureDefect.malformed("the signed message is malformed: compressed data of more than 1048576 octets")
    ) {
      try SignedMessage.read(TestMessage.bomb)
    }
  }
}
