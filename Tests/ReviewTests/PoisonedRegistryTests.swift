import OpenPGP
import Review
import Support
import Testing

/// Attack: a certificate in the registry that GnuPG cannot parse. The others go on to count, with both engines, so that
/// the one can be taken out again.
@Suite struct PoisonedRegistryTests {
  /// RSA of 16,385 bits, whose fingerprint sorts before everybody's here.
  static let poison: (key: TestKey, certificate: TestCertificate) = {
    var octets = [UInt8](repeating: 0xFF, count: 2049)
    octets[0] = 1
    let key = (0..<200).map { number in
      TestKey.opaque(.rsa, material: [0x40, 0x01] + octets.dropLast() + [UInt8(number)] + [0, 17, 1, 0, 1])
    }.min { $0.fingerprint < $1.fingerprint }!
    var certificate = TestCertificate(primary: key)
    certificate.append(packet: OpenPGPEncoding.packet(13, [65]))
    return (key, certificate)
  }()

  static func registry(with poison: Bool) throws -> (Registry, TestKey) {
    var text = "[people.bob]\n[keys.bob.card]\n"
    let (certificate, signer) = TestCertificate.usual(seed: 2500)
    text += "id = \"\(certificate.primary.fingerprint)\"\ndevices = \"x\"\n"
    var files = ["keys/\(certificate.primary.fingerprint).asc": certificate.bytes]
    if poison {
      text += "[people.aaron]\n[keys.aaron.card]\nid = \"\(Self.poison.key.fingerprint)\"\ndevices = \"x\"\n"
      files["keys/\(Self.poison.key.fingerprint).asc"] = Self.poison.certificate.bytes
    }
    files["MAINTAINERS"] = Array(text.utf8)
    return (try #require(try Registry.readIfPresent(RegistrySource(files: files))), signer)
  }

  @Test(arguments: [true, false], EngineChoice.allCases)
  func `the others go on to count`(poisoned: Bool, engines: EngineChoice) throws {
    let (registry, signer) = try Self.registry(with: poisoned)
    #expect(
      registry.certificates.count == (poisoned ? 2 : 1) && registry.keys.first?.person == (poisoned ? "aaron" : "bob"))
    let clock = TestKey.defaultCreation + 5000
    let judge = ImageJudge(registry: registry, evidence: .declared, engines: engines, clock: clock)
    let image = try #require(ImageName(repository: "stagex/core-x", digest: String(repeating: "a", count: 64)))
    let statement = try #require(ImageStatement(image: image, tag: "1"))
    guard case .good(_, let who) = judge.judge(TestMessage(statement.bytes, by: signer).bytes) else {
      Issue.record("\(judge.judge(TestMessage(statement.bytes, by: signer).bytes))")
      return
    }
    #expect(who.person == "bob")
    #expect(registry.gnupgReading(at: clock) == GnuPGReading())
  }

  /// Attack: numbers with which the same signature could be written again, of which GnuPG alone takes one.
  @Test(arguments: EngineChoice.allCases)
  func `a number that is not canonical is bad, whatever the engine`(engines: EngineChoice) throws {
    let clock = TestKey.defaultCreation + 5000
    let image = try #require(ImageName(repository: "stagex/core-x", digest: String(repeating: "a", count: 64)))
    let statement = try #require(ImageStatement(image: image, tag: "1"))
    for key in [TestKey.ed25519(seed: 2600), .rsa()] {
      var certificate = TestCertificate(primary: key)
      certificate.addUser("a")
      let text = "[people.bob]\n[keys.bob.card]\nid = \"\(key.fingerprint)\"\ndevices = \"x\"\n"
      let source = RegistrySource(files: [
        "MAINTAINERS": Array(text.utf8), "keys/\(key.fingerprint).asc": certificate.bytes,
      ])
      let registry = try #require(try Registry.readIfPresent(source))
      let judge = ImageJudge(registry: registry, evidence: .declared, engines: engines, clock: clock)
      var message = TestMessage(statement.bytes, by: key)
      guard case .good = judge.judge(message.bytes) else {
        Issue.record("\(judge.judge(message.bytes))")
        continue
      }
      message.signature.numbers = Self.raised(key, message.signature.packet(over: message.content))
      #expect(judge.judge(message.bytes) == .bad(statement, person: "bob", key: key.fingerprint), "\(key), \(engines)")
    }
  }

  /// The numbers of a signature with the group's order, or the modulus, added to the last.
  private static func raised(_ key: TestKey, _ packet: [UInt8]) -> [UInt8] {
    let isRSA = key.algorithm == .rsa
    let count = isRSA ? 256 : 32
    let order: [UInt8] =
      isRSA
      ? Array(key.material[2..<258])
      : [0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14]
        + [UInt8](repeating: 0, count: 15) + [0x10]
    let last = Array(packet.suffix(count))
    var sum: [UInt8] = []
    var carry = 0
    // An RSA number has its least octet last, an Ed25519 number first.
    for (a, b) in zip(isRSA ? last.reversed() : last, isRSA ? order.reversed() : order) {
      carry += Int(a) + Int(b)
      sum.append(UInt8(carry & 255))
      carry >>= 8
    }
    if isRSA { return OpenPGPEncoding.multiprecisionInteger([UInt8(carry)] + sum.reversed()) }
    let first = packet.dropLast(count + 2).suffix(34)
    return first + OpenPGPEncoding.multiprecisionInteger(sum)
  }
}
