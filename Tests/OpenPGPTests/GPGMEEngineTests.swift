import OpenPGP
import Support
import Testing

/// GPGME's own verify gives the answers of the other engines.
@Suite struct GPGMEEngineTests {
  @Test func `GPGME answers as the others do`() throws {
    let (usual, subkey) = TestCertificate.usual(seed: 21)
    let expired = TestKey.ed25519(seed: 31)
    let revoked = TestKey.ed25519(seed: 32)
    let unbound = TestKey.ed25519(seed: 33)
    var first = TestCertificate(primary: expired)
    first.addUser("a", lifetime: 2000)
    var second = TestCertificate(primary: revoked)
    second.addUser("b")
    second.revoke(reason: 1, at: TestKey.defaultCreation + 5000)
    let keyring = Keyring([try usual.read(), try first.read(), try second.read()])
    var gpgme = try GPGMEEngine(keyring: keyring)
    var gnupg = GnuPGEngine(keyring: keyring)
    let time = TestKey.defaultCreation + 1000
    let expected: [(TestKey, [UInt8], Answer)] = [
      (subkey, samplePayload, .good(key: subkey.fingerprint, primary: usual.primary.fingerprint, time: time)),
      (subkey, samplePayload + [0], .bad),
      (expired, samplePayload, .expired(key: expired.fingerprint, primary: expired.fingerprint, time: time)),
      (revoked, samplePayload, .revoked(key: revoked.fingerprint, primary: revoked.fingerprint, time: time)),
      (unbound, samplePayload, .unknownKey),
    ]
    for (key, payload, answer) in expected {
      let signature = try SignaturePacket(packet: TestSignature(by: key).packet(over: samplePayload))
      #expect(gpgme.judge(signature, over: payload) == answer)
      #expect(gnupg.judge(signature, over: payload) == answer)
    }
  }
}
