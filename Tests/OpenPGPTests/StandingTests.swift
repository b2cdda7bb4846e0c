import OpenPGP
import Support
import Testing

@Suite struct StandingTests {
  static let cases = Array(StandingCase.all.enumerated())

  @Test(arguments: cases)
  func `a key stands`(_ index: Int, _ test: StandingCase) throws {
    let subject = test.make(index)
    let certificate = try Certificate.read(subject.certificate.armored)
    let standing = certificate.standing(
      of: subject.signer.fingerprint, signedAt: subject.signedAt, judgedAt: subject.reference)
    #expect(standing == test.expected)
  }

  /// GnuPG 2.2 sees the same certificates, whole, and one signature by each signer. Where it differs the case names
  /// the rule by which we are stricter; we are never laxer. Both with the certificates as they are, and as GnuPG
  /// imports them, when it mends what it can.
  @Test(arguments: [Int.max, 0])
  func `GnuPG stands by it`(keyboxAfter: Int) throws {
    let subjects = Self.cases.map { index, test in (test, test.make(index)) }
    let certificates = try subjects.map { try Certificate.read($0.1.certificate.bytes) }
    var settings = GnuPGEngine.Settings()
    settings.keyboxAfter = keyboxAfter
    settings.keyringFile = subjects.flatMap { $0.1.certificate.bytes }
    let gnupg = GnuPGEngine(keyring: Keyring(certificates), settings: settings)
    for ((test, subject), certificate) in zip(subjects, certificates) {
      let signature = try admit(subject.signer.sign(samplePayload, at: subject.signedAt))
      let answer = Question.asking(signature, over: samplePayload) { gnupg.judge($0) }
      // GnuPG judges by today's clock, so cases of “then” are held against that.
      let standing = certificate.standing(
        of: subject.signer.fingerprint, signedAt: subject.signedAt, judgedAt: .now(testNow))
      let isSame =
        switch (standing, answer) {
        case (.good, .good), (.expired, .expired), (.revoked, .revoked), (.notBound, .unsupported),
          (.notBound, .unknownKey), (.cannotSign, .unsupported), (.cannotSign, .unknownKey),
          (.beforeKeyCreation, .unsupported):
          true
        default: false
        }
      if standing == .good, test.laxerBy == nil { #expect(isSame, "\(test.testDescription): GnuPG \(answer)") }
      if keyboxAfter == .max, test.laxerBy == nil {
        #expect(isSame == (test.stricterBy == nil), "\(test.testDescription): \(standing), GnuPG \(answer)")
      }
    }
  }

  /// What counts for us counts for the GnuPG that we show it to, in the form in which we do, or every push would be
  /// refused.
  @Test(arguments: [Int.max, 0])
  func `GnuPG takes what counts`(keyboxAfter: Int) throws {
    let subjects = Self.cases.map { index, test in (test, test.make(index)) }
    let certificates = try subjects.map { try Certificate.read($0.1.certificate.bytes) }
    var settings = GnuPGEngine.Settings()
    settings.keyboxAfter = keyboxAfter
    let gnupg = GnuPGEngine(keyring: Keyring(certificates), settings: settings)
    for ((test, subject), certificate) in zip(subjects, certificates) {
      guard
        certificate.standing(of: subject.signer.fingerprint, signedAt: subject.signedAt, judgedAt: .now(testNow))
          == .good
      else { continue }
      let signature = try admit(subject.signer.sign(samplePayload, at: subject.signedAt))
      let answer = Question.asking(signature, over: samplePayload) { gnupg.judge($0) }
      #expect(
        answer == .good(key: subject.signer.fingerprint, primary: certificate.primary, time: subject.signedAt),
        "\(test.testDescription)")
    }
  }
}
