@testable import OpenPGP
import Support
import Testing

/// A machine whose gpg asks a daemon for keys, as `use-keyboxd` in /etc/gnupg/common.conf makes it: it passes over each
/// keyring that it is given. Played by the real gpg behind a script that leaves the keyrings out.
@Suite struct KeyboxdTests {
  static let (made, subkey) = TestCertificate.usual(seed: 2310)
  static let good = Answer.good(
    key: subkey.fingerprint, primary: made.primary.fingerprint, time: TestKey.defaultCreation + 1000)

  static func script(usesKeyboxd: Bool, end: String = "exec /usr/bin/gpg \"$@\"") -> String {
    """
    #!/bin/sh
    case "$*" in *--gpgconf-list*) echo 'keyserver:16:'; echo 'use_keyboxd:16:\(usesKeyboxd ? 1 : 0):'; exit 0 ;; esac
    for word; do
      shift
      case "$word" in --keyring) skip=1 ;; *) if [ "$skip" ]; then skip=; else set -- "$@" "$word"; fi ;; esac
    done
    \(end)

    """
  }

  /// Judges these with a gpg of that kind.
  static func answers(_ packets: [[UInt8]], script: String, gpgv: String? = nil, certificate: TestCertificate = made)
    throws -> [Answer]
  {
    let folder = try ScratchFolder()
    try folder.write("gpg", script, mode: 0o755)
    if let gpgv { try folder.write("gpgv", gpgv, mode: 0o755) }
    var settings = GnuPGEngine.Settings()
    settings.program = "\(folder.path)/gpg"
    let engine = GnuPGEngine(keyring: Keyring([try certificate.read()]), settings: settings)
    return try packets.flatMap { packet in
      let signature = try SignaturePacket(packet: packet)
      return Question.asking(signature, over: samplePayload) { engine.submit($0) }
    } + engine.finish()
  }

  static let signature = TestSignature(by: subkey).packet(over: samplePayload)
  static let bad = TestSignature(by: subkey).packet(over: [1])
  static let unknown = TestSignature(by: .ed25519(seed: 99)).packet(over: samplePayload)

  @Test func `gpgv judges where gpg does not see the keyring`() throws {
    let answers = try Self.answers(
      [Self.signature, Self.bad, Self.unknown, Self.signature], script: Self.script(usesKeyboxd: true))
    #expect(answers == [Self.good, .bad, .unknownKey, Self.good])
  }

  @Test func `gpgv judges where gpg ends over its daemon`() throws {
    let answers = try Self.answers([Self.signature, Self.bad], script: Self.script(usesKeyboxd: true, end: "exit 2"))
    #expect(answers == [Self.good, .bad])
  }

  /// The twin: another reason not to know the key is one.
  @Test func `it does not where gpg uses no daemon`() throws {
    #expect(try Self.answers([Self.signature], script: Self.script(usesKeyboxd: false)) == [.unknownKey])
  }

  @Test func `gpgv tells revoked and expired keys`() throws {
    var revoked = Self.made
    revoked.revoke(reason: 2, at: testNow - 1000)
    #expect(
      try Self.answers([Self.signature], script: Self.script(usesKeyboxd: true), certificate: revoked)
        == [
          .revoked(
            key: Self.subkey.fingerprint, primary: revoked.primary.fingerprint, time: TestKey.defaultCreation + 1000)
        ])
    var expired = TestCertificate(primary: Self.made.primary)
    expired.addUser("a", flags: 0x01)
    expired.addSubkey(Self.subkey, lifetime: 5000)
    #expect(
      try Self.answers([Self.signature], script: Self.script(usesKeyboxd: true), certificate: expired)
        == [
          .expired(
            key: Self.subkey.fingerprint, primary: expired.primary.fingerprint, time: TestKey.defaultCreation + 1000)
        ])
  }

  @Test func `a gpgv that fails is trouble`() throws {
    let answers = try Self.answers(
      [Self.signature], script: Self.script(usesKeyboxd: true), gpgv: "#!/bin/sh\nexit 1\n")
    #expect(answers == [.failed("GnuPG did not see one signature")])
  }
}
