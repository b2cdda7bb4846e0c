import OpenPGP
import Review
import Support
import Testing

/// Whom a signature names, for counting: real signatures of each kind, held against what the programs say that made
/// them.
@Suite struct SignatureClaimTests {
  @Test(
    .enabled(if: Tool.find("ssh-keygen") != nil, "ssh-keygen is not installed"), arguments: ["ed25519", "rsa", "ecdsa"])
  func `an SSH signature names the public key inside it`(_ type: String) throws {
    let folder = try TemporaryFolder()
    try Tool.succeed("ssh-keygen", ["-q", "-t", type, "-N", "", "-f", folder.path + "/key"])
    let file = try folder.write("message", "text\n")
    try Tool.succeed("ssh-keygen", ["-q", "-Y", "sign", "-f", folder.path + "/key", "-n", "git", file])
    let armor = try Tool.succeed("cat", [file + ".sig"]).output
    let listed = try Tool.succeed("ssh-keygen", ["-l", "-f", folder.path + "/key.pub"]).line
    let claim = SignatureClaim.read(armor: armor)
    #expect(claim.format == .ssh)
    #expect(listed.split(separator: " ").contains { $0 == claim.key }, "\(listed)")
  }

  static let certificates: [(extensions: String, key: String?, isMachine: Bool)] = [
    ("subjectAltName=email:ann@example.org", "ann@example.org", false),
    (
      "subjectAltName=URI:https://forge.example/a/b/.github/workflows/w.yaml@refs/heads/main",
      "https://forge.example/a/b/.github/workflows/w.yaml@refs/heads/main", true
    ),
    ("subjectAltName=email:bot@project.iam.gserviceaccount.com", "bot@project.iam.gserviceaccount.com", true),
    ("subjectAltName=DNS:example.org", nil, false),
    ("keyUsage=digitalSignature", nil, false),
  ]

  /// A certificate made by openssl, and messages signed with it.
  struct X509Scene {
    let folder: TemporaryFolder

    init(_ extensions: String, subject: String = "/CN=somebody") throws {
      folder = try TemporaryFolder()
      try folder.write("message", "text\n")
      try Tool.succeed(
        "openssl",
        [
          "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
          folder.path + "/key",
          "-out", folder.path + "/certificate", "-subj", subject, "-addext", extensions, "-set_serial", "0x0102030405",
        ])
    }

    func sign(_ options: String...) throws -> SignatureClaim {
      let message = try Tool.succeed(
        "openssl",
        [
          "cms", "-sign", "-binary", "-in", folder.path + "/message", "-signer", folder.path + "/certificate", "-inkey",
          folder.path + "/key", "-outform", "DER",
        ] + options
      ).output
      return SignatureClaim.read(armor: armored("SIGNED MESSAGE", message))
    }
  }

  @Test(.enabled(if: Tool.find("openssl") != nil, "openssl is not installed"), arguments: Self.certificates.indices)
  func `an X.509 signature names the identity in its certificate`(_ place: Int) throws {
    let expected = Self.certificates[place]
    let scene = try X509Scene(expected.extensions)
    // With all lengths stated, and with open ones, as gpgsm writes them.
    for claim in [try scene.sign(), try scene.sign("-indef", "-stream")] {
      #expect(claim.format == .x509)
      #expect(claim.namesMachine == expected.isMachine)
      if let key = expected.key {
        #expect(claim.key == key)
      } else {
        #expect(claim.key.hasPrefix("serial 0102030405 of issuer"))
      }
    }
    // Without a certificate there is no identity, but the signer's number and issuer all the same.
    let bare = try scene.sign("-nocerts")
    #expect(bare.key.hasPrefix("serial 0102030405 of issuer"))
    #expect(!bare.namesMachine)
  }

  @Test(.enabled(if: Tool.find("openssl") != nil, "openssl is not installed"))
  func `an address in the subject names a person where there is no other name`() throws {
    let claim = try X509Scene("keyUsage=digitalSignature", subject: "/CN=somebody/emailAddress=old@example.org").sign()
    #expect(claim.key == "old@example.org")
  }

  @Test func `OpenPGP signatures of every version name their key`() {
    let fingerprint = [UInt8](1...20)
    let id = Array(fingerprint.suffix(8))
    func packet(_ body: [UInt8]) -> [UInt8] { [0xC2, UInt8(body.count)] + body }
    let cases: [([UInt8], String)] = [
      (packet([3, 5, 0, 0, 0, 0, 1] + id + [1, 2, 0, 0]), "0D0E0F1011121314"),
      (packet([4, 0, 17, 2, 0, 6, 5, 2, 0, 0, 0, 1, 0, 10, 9, 16] + id + [0, 0]), "0D0E0F1011121314"),
      (
        packet([4, 0, 22, 8, 0, 23, 22, 33, 4] + fingerprint + [0, 0, 0, 0]), "0102030405060708090A0B0C0D0E0F1011121314"
      ),
      (
        packet([6, 0, 27, 8, 0, 0, 0, 35, 34, 33, 6] + [UInt8](1...32) + [0, 0, 0, 0, 0, 0]),
        "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"
      ),
      (packet([4, 0, 1, 8, 0, 0, 0, 0, 0, 0]), "unreadable"),
      ([0xCD, 3, 1, 2, 3], "unreadable"), ([], "unreadable"),
    ]
    for (bytes, key) in cases {
      let claim = SignatureClaim.read(armor: armored("PGP SIGNATURE", bytes, headers: "Version: old\nComment: x\n\n"))
      #expect(claim.format == .openPGP)
      #expect(claim.key == key, "\(bytes)")
    }
  }

  @Test func `what is cut off or damaged names nobody, and is still told apart from unsigned`() throws {
    var chance = SeededChance(seed: 18)
    for label in ["PGP SIGNATURE", "SSH SIGNATURE", "SIGNED MESSAGE"] {
      let format = SignatureClaim.read(armor: armored(label, [])).format
      #expect(format != .unknown)
      for _ in 0..<400 {
        let bytes = (0..<Int.random(in: 0...80, using: &chance)).map { _ in UInt8.random(in: 0...255, using: &chance) }
        #expect(
          SignatureClaim.read(
            armor: armored(label, Array("SSHSIG".utf8.prefix(Int.random(in: 0...6, using: &chance))) + bytes)
          ).format == format)
      }
      // Attack: elements within elements, until a reader that calls itself has no stack left.
      let deep = [UInt8](repeating: 0x30, count: 1) + [0x80]
      #expect(
        SignatureClaim.read(armor: armored(label, Array(repeatElement(deep, count: 20_000).joined()))).format == format)
    }
    #expect(SignatureClaim.read(armor: Array("something else".utf8)).format == .unknown)
    #expect(SignatureClaim.read(armor: []).format == .unknown)
  }
}

func armored(_ label: String, _ bytes: [UInt8], headers: String = "") -> [UInt8] {
  let text = Base64.encode(bytes)
  var lines = "-----BEGIN \(label)-----\n" + headers
  for start in stride(from: 0, to: text.count, by: 64) {
    lines += String(decoding: text[start..<min(start + 64, text.count)], as: UTF8.self) + "\n"
  }
  return Array((lines + "-----END \(label)-----\n").utf8)
}
