import Foundation
@testable import OpenPGP
import Support
import Testing

/// Certificates and signatures that other programs make on this machine, judged by us and by gpg; and small inputs that
/// were refused once.
@Suite struct OtherProgramsTests {
  /// Both engines, of one signature over one text.
  static func judge(_ armor: [UInt8], over payload: [UInt8], by certificate: [UInt8]) throws -> [Answer] {
    let keyring = Keyring([try Certificate.read(certificate)])
    let signature = try admit(armor)
    var (native, gnupg) = (NativeEngine(keyring: keyring), GnuPGEngine(keyring: keyring))
    return [native.judge(signature, over: payload), gnupg.judge(signature, over: payload)]
  }

  static func expectGood(_ answers: [Answer], sourceLocation: SourceLocation = #_sourceLocation) {
    for answer in answers {
      guard case .good = answer else {
        Issue.record("\(answer)", sourceLocation: sourceLocation)
        continue
      }
    }
    #expect(answers.count == 2 && answers[0] == answers[1], sourceLocation: sourceLocation)
  }

  // MARK: Sequoia

  /// Its commands change from version to version.
  static let hasSequoia = (try? Tool.run("sq", ["--version"]).text.hasPrefix("sq 0.2")) == true

  /// A name with an accent: it stands in the armor's comment.
  @Test(
    .enabled(if: hasSequoia, "sq 0.2x, as of Debian 12, is not installed"), arguments: ["cv25519", "rsa3k", "rsa4k"])
  func `what sq makes`(suite: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("text", "tree x\n\nA change\n")
    func sq(_ words: String...) throws {
      try Tool.succeed("sq", words, environment: ["HOME": folder.path], folder: folder.path)
    }
    try sq(
      "key", "generate", "--userid", "Zoë Ångström <z@example.org>", "--cipher-suite", suite, "--export", "key.pgp")
    try sq("key", "extract-cert", "--output", "cert.asc", "key.pgp")
    try sq("sign", "--detached", "--signer-key", "key.pgp", "--output", "text.sig", "text")
    let certificate = contents("\(folder.path)/cert.asc")
    #expect(String(decoding: certificate, as: UTF8.self).contains("Comment: Zoë"))
    Self.expectGood(
      try Self.judge(contents("\(folder.path)/text.sig"), over: contents("\(folder.path)/text"), by: certificate))
    // With the certifications of others attested, which is a self-signature of type 0x16.
    try sq("key", "generate", "--userid", "Other", "--export", "other.pgp")
    try sq("certify", "--output", "certified.asc", "other.pgp", "cert.asc", "Zoë Ångström <z@example.org>")
    try sq("key", "attest-certifications", "--all", "--output", "attested.pgp", "key.pgp")
    try sq("key", "extract-cert", "--output", "attested.asc", "attested.pgp")
    for file in ["certified.asc", "attested.asc"] {
      Self.expectGood(
        try Self.judge(
          contents("\(folder.path)/text.sig"), over: contents("\(folder.path)/text"),
          by: contents("\(folder.path)/\(file)")))
    }
    // Retired: read, and worth nothing from then on.
    let revocation = try Tool.succeed(
      "sq", ["revoke", "certificate", "--certificate", "key.pgp", "retired", "gone"],
      environment: ["HOME": folder.path], folder: folder.path)
    let revocations = KeyRevocation.all(in: [revocation.output, certificate])
    #expect(revocations.map(\.revocation.isHard) == [false], "\(revocation.text)")
  }

  // MARK: RNP

  @Test(.enabled(if: Tool.find("rnpkeys") != nil, "rnp is not installed"))
  func `what RNP makes`() throws {
    let folder = try TemporaryFolder()
    try folder.write("text", "tree x\n\nA change\n")
    func rnp(_ words: String...) throws {
      try Tool.succeed(
        words[0], ["--homedir", folder.path + "/home"] + words.dropFirst(), environment: ["HOME": folder.path],
        folder: folder.path)
    }
    try FileManager.default.createDirectory(atPath: folder.path + "/home", withIntermediateDirectories: true)
    try rnp("rnpkeys", "--generate-key", "--userid", "Maintainer", "--password", "")
    try rnp("rnpkeys", "--export-key", "Maintainer", "--output", folder.path + "/cert.asc")
    try rnp(
      "rnp", "--sign", "--detach", "--armor", "--password", "", "--output", folder.path + "/text.asc",
      folder.path + "/text")
    let certificate = contents("\(folder.path)/cert.asc")
    #expect(certificate.contains(13), "RNP ends lines as it did")
    Self.expectGood(
      try Self.judge(contents("\(folder.path)/text.asc"), over: contents("\(folder.path)/text"), by: certificate))
  }

  // MARK: GnuPG

  /// `gpg --comment` with an accent, whose header comes into the commit's signature.
  @Test func `what gpg makes with a comment`() throws {
    let folder = try TemporaryFolder()
    try folder.write("text", "tree x\n\nA change\n")
    func gpg(_ words: String...) throws {
      try Tool.succeed(
        "gpg",
        ["--homedir", folder.path + "/home", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]
          + words, folder: folder.path)
    }
    try FileManager.default.createDirectory(
      atPath: folder.path + "/home", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    try gpg("--quick-generate-key", "Zoë", "ed25519", "sign", "never")
    try gpg("--comment", "Ångström", "--armor", "--output", "cert.asc", "--export", "Zoë")
    try gpg("--comment", "Ångström", "--armor", "--output", "text.asc", "--detach-sign", "text")
    #expect(String(decoding: contents("\(folder.path)/text.asc"), as: UTF8.self).contains("Comment: Ångström"))
    Self.expectGood(
      try Self.judge(
        contents("\(folder.path)/text.asc"), over: contents("\(folder.path)/text"),
        by: contents("\(folder.path)/cert.asc")))
    // The revocation that gpg lays aside when it makes a key.
    let revocations = listing("\(folder.path)/home/openpgp-revocs.d").map {
      contents("\(folder.path)/home/openpgp-revocs.d/\($0)")
    }
    #expect(
      KeyRevocation.all(in: revocations + [contents("\(folder.path)/cert.asc")]).map(\.revocation.isHard) == [true])
    _ = try? Tool.run("gpgconf", ["--homedir", folder.path + "/home", "--kill", "gpg-agent"])
  }

  // MARK: Go and Python

  static let hasPGPy = (try? Tool.run("/usr/bin/python3", ["-c", "import pgpy"]).status) == 0

  private static let pgpy = """
    import sys, pgpy
    from pgpy.constants import PubKeyAlgorithm, EllipticCurveOID, KeyFlags, HashAlgorithm
    kind = {"ed25519": (PubKeyAlgorithm.EdDSA, EllipticCurveOID.Ed25519),
            "p256": (PubKeyAlgorithm.ECDSA, EllipticCurveOID.NIST_P256),
            "rsa": (PubKeyAlgorithm.RSAEncryptOrSign, 2048)}[sys.argv[1]]
    key = pgpy.PGPKey.new(*kind)
    key.add_uid(pgpy.PGPUID.new("Zoë", email="z@example.org"), usage={KeyFlags.Certify, KeyFlags.Sign},
                hashes=[HashAlgorithm.SHA512])
    open("cert.asc", "w").write(str(key.pubkey))
    open("text.asc", "w").write(str(key.sign(open("text", "rb").read())))
    """

  @Test(.enabled(if: hasPGPy, "python3-pgpy is not installed"), arguments: ["ed25519", "p256", "rsa"])
  func `what PGPy makes`(kind: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("text", "tree x\n\nA change\n")
    try folder.write("make.py", Self.pgpy)
    try Tool.succeed("/usr/bin/python3", ["make.py", kind], folder: folder.path)
    Self.expectGood(
      try Self.judge(
        contents("\(folder.path)/text.asc"), over: contents("\(folder.path)/text"),
        by: contents("\(folder.path)/cert.asc")))
  }

  /// As Go's library makes it: the bit count of a number rounded up to whole octets.
  @Test(arguments: [TestKey.ed25519(seed: 1), .p256(seed: 1), .p521(seed: 1), .rsa(), .rsa(bits: 4096)])
  func `numbers that declare more bits than they have`(key: TestKey) throws {
    var certificate = TestCertificate(primary: key)
    certificate.addUser("a") { $0.declaresMoreBits = true }
    var changed = 0
    for second in 0..<8 {
      let usual = TestSignature(by: key, at: testNow - 5000 + Int64(second))
      let signature = usual.with { $0.declaresMoreBits = true }
      if usual.packet(over: samplePayload) != signature.packet(over: samplePayload) { changed += 1 }
      Self.expectGood(
        try Self.judge(signature.armored(over: samplePayload), over: samplePayload, by: certificate.bytes))
    }
    #expect(changed > 0)
  }

  /// Of a key itself they are refused: GnuPG takes the fingerprint of the number as it should have been stated, so
  /// there would be two.
  @Test func `a key whose numbers declare more bits than they have`() throws {
    let key = TestKey.rsa()
    let odd = TestKey.opaque(.rsa, material: OpenPGPEncoding.declaringMoreBits(key.material))
    #expect(odd.material != key.material)
    #expect(throws: CertificateDefect.malformed("a number whose bit count does not fit its octets")) {
      try TestCertificate(primary: odd).read()
    }
    let folder = try TemporaryFolder()
    try Data(TestCertificate(primary: odd).bytes).write(to: URL(filePath: folder.path + "/odd"))
    let listing = try Tool.run(
      "gpg", ["--homedir", folder.path, "--batch", "--with-colons", "--show-keys", folder.path + "/odd"]
    ).text
    #expect(listing.contains(key.fingerprint.hex) && !listing.contains(odd.fingerprint.hex), "\(listing)")
  }

  /// PGPy and others write neither the fingerprint nor a checksum.
  @Test func `a signature with a key id and without a checksum`() throws {
    let (made, subkey) = TestCertificate.usual(seed: 2400)
    let packet = TestSignature(by: subkey, at: testNow - 5000).with { $0.issuerFingerprint = nil }.packet(
      over: samplePayload)
    Self.expectGood(
      try Self.judge(
        OpenPGPEncoding.armor(packet, headers: ["Version: PGPy v0.5.4"], checksum: false), over: samplePayload,
        by: made.bytes))
  }

  // MARK: Kept from programs that are not asked here

  /// Certificates and signatures over the file `text`, made once; `Tests/Inputs/README.md` says with what. Their
  /// compilers, and a second GnuPG, are too much to install for a test.
  static let inputs = Tool.packageFolder + "/Tests/Inputs"
  static let kept =
    ["go-x-crypto", "go-proton/eddsa", "go-proton/p256", "go-proton/p521", "go-proton/rsa"]
    + ["default", "ed25519", "nistp256", "rsa3072"].map { "gnupg-2.4/\($0)" }

  @Test(arguments: kept) func `what was kept of others is read`(name: String) throws {
    let (text, folder) = (contents("\(Self.inputs)/text"), "\(Self.inputs)/\(name)")
    let (certificate, signature) = (contents("\(folder)/cert.asc"), contents("\(folder)/text.asc"))
    Self.expectGood(try Self.judge(signature, over: text, by: certificate))
    // The twin: one octet of the text is another.
    let keyring = Keyring([try Certificate.read(certificate)])
    let other = [text[0] ^ 1] + text.dropFirst()
    var (native, gnupg) = (NativeEngine(keyring: keyring), GnuPGEngine(keyring: keyring))
    let packet = try admit(signature)
    for answer in [native.judge(packet, over: other), gnupg.judge(packet, over: other)] {
      if case .good = answer { Issue.record("good over another text") }
    }
  }

  /// Keys of version 5 were a draft's, which no standard took up; `docs/formats.md` says so.
  @Test func `version 5 is refused under its name`() throws {
    #expect(throws: (any Error).self) { try Certificate.read(contents("\(Self.inputs)/go-proton/v5/cert.asc")) }
    // Of that version the library states a length that is six octets too long.
    #expect(throws: SignatureDefect.malformed("the signature is malformed: it ends too early")) {
      try admit(contents("\(Self.inputs)/go-proton/v5/text.asc"))
    }
  }

  // MARK: Inputs that were refused

  @Test(.enabled(if: SharedData.isPresent, "there is no folder with shared data"))
  func `inputs that were refused once`() throws {
    let files = Dictionary(uniqueKeysWithValues: SharedData.files("inputs", suffix: "").map { ($0.name, $0.bytes) })
    let named = try Certificate.read(try #require(files["sq-nonascii-userid.asc"]))
    #expect(named.userIDs.count == 1)
    let commit = try #require(files["long-number.commit"])
    // The signature header with its continuation lines, and everything else.
    let text = String(decoding: commit, as: UTF8.self)
    let start = try #require(text.range(of: "gpgsig "))
    let end = try #require(text.range(of: "-----END PGP SIGNATURE-----\n"))
    let armor = text[start.upperBound..<end.upperBound].replacing("\n ", with: "\n")
    let payload = Array((text[..<start.lowerBound] + text[end.upperBound...]).utf8)
    Self.expectGood(try Self.judge(Array(armor.utf8), over: payload, by: try #require(files["long-number.asc"])))
  }

  // MARK: Post-quantum

  /// Told for what they are, as keys, subkeys and signatures, never as damage.
  @Test(arguments: [30, 31, 32, 33, 34, 35, 36] as [UInt8])
  func `algorithms against quantum computers are not supported`(number: UInt8) throws {
    let key = TestKey.opaque(PublicKeyAlgorithm(rawValue: number), material: [UInt8](repeating: 7, count: 2000))
    var alone = TestCertificate(primary: key)
    alone.addUser("a")
    let name = try #require(PublicKeyAlgorithm(rawValue: number).newName)
    #expect(
      try alone.read().standing(of: key.fingerprint, signedAt: testNow, judgedAt: .now(testNow)) == .unsupported(name))
    var (usual, signer) = TestCertificate.usual(seed: 2401)
    usual.addSubkey(key, back: .missing)
    #expect(
      try usual.read().standing(of: key.fingerprint, signedAt: testNow, judgedAt: .now(testNow)) == .unsupported(name))
    Self.expectGood(try Self.judge(signer.sign(samplePayload), over: samplePayload, by: usual.bytes))
    let packet = TestSignature(by: signer).with {
      $0.algorithm = key.algorithm; $0.numbers = [UInt8](repeating: 9, count: 20_000)
    }.armored(over: samplePayload)
    #expect(throws: SignatureDefect.unknownFormat("signatures of algorithm \(number) are not understood")) {
      try admit(packet)
    }
    let newer = TestSignature(by: signer).with {
      $0.algorithm = key.algorithm; $0.version = 6
    }.armored(over: samplePayload)
    #expect(throws: SignatureDefect.unknownFormat("signatures of version 6 are not understood")) { try admit(newer) }
  }
}
