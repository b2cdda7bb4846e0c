import OpenPGP
import Support
import Testing

@Test func `a usual certificate vouches for its signing subkey`() throws {
  let (made, subkey) = TestCertificate.usual(seed: 1)
  let certificate = try Certificate.read(made.armored)
  #expect(certificate.standing(of: subkey.fingerprint, signedAt: subkey.created + 5, judgedAt: .then) == .good)
  #expect(certificate.standing(of: made.primary.fingerprint, signedAt: subkey.created + 5, judgedAt: .then) == .cannotSign)
  let payload = Array("tree\n".utf8)
  guard case .openPGP(let packet) = SignatureBlock.read(armor: subkey.sign(payload)) else {
    Issue.record("not read")
    return
  }
  let engine = NativeEngine(keyring: Keyring([certificate]))
  let answer = Question.asking(packet, over: payload) { engine.judge($0) }
  #expect(answer == .good(key: subkey.fingerprint, primary: certificate.primary, time: subkey.created + 1000))
  #expect(Question.asking(packet, over: payload + [0]) { engine.judge($0) } == .bad)
}

@Test(arguments: [TestKey.rsa(bits: 2048), .p256(seed: 1), .p384(seed: 1), .p521(seed: 1), .ed25519(seed: 9, algorithm: .ed25519)])
func `every kind of key signs`(key: TestKey) throws {
  var made = TestCertificate(primary: key)
  made.addUser("x", flags: 3)
  let certificate = try Certificate.read(made.armored)
  #expect(certificate.standing(of: key.fingerprint, signedAt: key.created + 5, judgedAt: .then) == .good)
  let payload = Array("tree\n".utf8)
  guard case .openPGP(let packet) = SignatureBlock.read(armor: key.sign(payload)) else {
    Issue.record("not read")
    return
  }
  let engine = NativeEngine(keyring: Keyring([certificate]))
  let answer = Question.asking(packet, over: payload) { engine.judge($0) }
  #expect(answer == .good(key: key.fingerprint, primary: certificate.primary, time: key.created + 1000))
}
