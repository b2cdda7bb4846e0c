import OpenPGP
import Support
import Testing

@Suite struct AgreementTests {
  static let key = TestKey.ed25519(seed: 1).fingerprint
  static let other = TestKey.ed25519(seed: 2).fingerprint
  static let good = Answer.good(key: key, primary: other, time: 5)
  static let expired = Answer.expired(key: key, primary: other, time: 5)
  static let revoked = Answer.revoked(key: key, primary: other, time: 5)
  static let now = Reference.now(10)

  @Test(arguments: [
    (good, good, now), (good, good, .then), (good, expired, .then), (good, revoked, .then),
    (Answer.bad, Answer.bad, now), (.bad, .unknownKey, now), (.unknownKey, .bad, now), (.bad, .failed("x"), now),
    (.unsupported("x"), good, now), (.failed("x"), good, now),
  ])
  func `engines agree`(native: Answer, gnupg: Answer, reference: Reference) {
    #expect(agreement(native: native, gnupg: gnupg, judgedAt: reference) == .agree)
  }

  @Test(arguments: [
    (good, Answer.bad, now), (good, .unknownKey, .then), (good, .unsupported("x"), now), (good, .failed("x"), .then),
    (good, expired, now), (good, revoked, now),
    (good, .good(key: other, primary: other, time: 5), now), (good, .good(key: key, primary: key, time: 5), now),
    (good, .good(key: key, primary: other, time: 6), now), (good, .expired(key: key, primary: key, time: 5), .then),
    (good, .revoked(key: key, primary: other, time: 6), .then), (.bad, good, now), (.unknownKey, good, now),
    (.bad, expired, .then), (.unknownKey, revoked, .then),
  ])
  func `engines disagree`(native: Answer, gnupg: Answer, reference: Reference) {
    guard case .disagree(let text) = agreement(native: native, gnupg: gnupg, judgedAt: reference) else {
      Issue.record("\(native) and \(gnupg) pass for the same")
      return
    }
    #expect(text == "native says \(native.summary), GnuPG says \(gnupg.summary)")
  }

  /// A key that does not count now may count at another time: only what GnuPG thinks of the key is passed over.
  @Test(arguments: [good, expired, revoked, Answer.unknownKey, .unsupported("x")], [now, Reference.then])
  func `of a key that does not count, only the mathematics must be good to both`(gnupg: Answer, reference: Reference) {
    #expect(agreement(native: Self.good, gnupg: gnupg, judgedAt: reference, isDoubtful: true) == .agree)
    #expect(agreement(native: Self.good, gnupg: .bad, judgedAt: reference, isDoubtful: true) != .agree)
  }

  @Test func `a pair judges with both`() throws {
    let (made, subkey) = TestCertificate.usual(seed: 21)
    let pair = EnginePair(keyring: Keyring([try made.read()]))
    let signature = try admit(subkey.sign(samplePayload))
    let good = Question.asking(signature, over: samplePayload) { pair.judge($0, judgedAt: Self.now) }
    #expect(good.native == good.gnupg)
    #expect(good.agreement == .agree)
    let bad = Question.asking(signature, over: [1]) { pair.judge($0, judgedAt: Self.now) }
    #expect(bad.native == .bad)
    #expect(bad.gnupg == .bad)
    #expect(bad.agreement == .agree)
  }
}
