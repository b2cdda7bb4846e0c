import OpenPGP
import Support

/// What other programs write than GnuPG does, and how it stands.
extension StandingCase {
  /// Of a signature of a key about itself: what may carry the critical bit, and what GnuPG 2.2 does not understand.
  private static let critical: [StandingCase] =
    [4, 5, 6, 7, 9, 11, 12, 21, 22, 24, 25, 26, 30].flatMap { (kind: UInt8) in
      [
        StandingCase("a binding with critical subpacket \(kind)", .good) {
          subkeySigns($0) { $0.addSubkey($1) { $0.hashed += subpacket(kind) } }
        },
        StandingCase("a user id with critical subpacket \(kind)", .good) {
          primarySigns($0) { $0.addUser("a") { $0.hashed += subpacket(kind) } }
        },
      ]
    }
    + [23, 28, 34].map { (kind: UInt8) in
      StandingCase(
        "a binding with critical subpacket \(kind)",
        .notBound(
          """
          the newest binding of the subkey does not count: it has a critical subpacket of type \(kind), \
          which is not understood
          """)
      ) {
        subkeySigns($0) { $0.addSubkey($1) { $0.hashed += subpacket(kind) } }
      }
    }

  private static func subpacket(_ kind: UInt8) -> [UInt8] {
    let content: [UInt8] =
      switch kind {
      case 4, 7, 25: [1]
      case 5: [1, 120]
      case 6, 24, 26, 28: Array("https://example.org".utf8) + [0]
      case 9: [0, 0, 0, 0]
      case 12: [0x80, 22] + [UInt8](repeating: 7, count: 20)
      default: [1, 2]
      }
    return OpenPGPEncoding.subpacket(kind, content, isCritical: true)
  }

  static let odd =
    critical + [
      StandingCase(
        "a subkey twice, bound first and taken its flag behind the second", .cannotSign,
        stricterBy: "a subkey has one newest binding"
      ) {
        subkeySigns($0) {
          $0.addSubkey($1)
          $0.addSubkey($1, flags: 0x20) { $0.created! += 1000 }
        }
      },
      StandingCase("a subkey twice, without a flag first", .good, laxerBy: "GnuPG is shown the two as one") {
        subkeySigns($0) {
          $0.addSubkey($1, flags: 0x20)
          $0.addSubkey($1) { $0.created! += 1000 }
        }
      },
      StandingCase("a user id twice, the newer self-signature first", .cannotSign) {
        primarySigns($0) {
          $0.addUser("a", flags: 0x01) { $0.created! += 1000 }
          $0.addUser("a", flags: 0x03)
        }
      },
      StandingCase(
        "a user id twice, revoked behind the first", noSelfSignature,
        stricterBy: "a user id has one newest self-signature"
      ) {
        primarySigns($0) {
          $0.addUser("a")
          $0.revokeUser("a") { $0.created! += 1000 }
          $0.addUser("a")
        }
      },
      StandingCase("an attestation of others' certifications behind a user id", .good) {
        primarySigns($0) {
          $0.addUser("a")
          $0.certifyUser("a", flags: nil) {
            $0.type = 0x16; $0.created! += 1000
          }
        }
      },
      StandingCase("RSA by the number that only signs", .good) { seed in
        let key = TestKey.rsa(seed: 0, created: creation).signOnly
        var certificate = TestCertificate(primary: key)
        certificate.addUser("a")
        return Subject(certificate: certificate, signer: key)
      },
      StandingCase("a subkey with RSA by the number that only signs", .good) { seed in
        let key = TestKey.rsa(seed: 1, created: creation).signOnly
        var certificate = TestCertificate(primary: primary(seed))
        certificate.addUser("a", flags: 0x01)
        certificate.addSubkey(key)
        return Subject(certificate: certificate, signer: key)
      },
      StandingCase("a back signature that names its maker by fingerprint only", .good) {
        subkeySigns($0) { $0.addSubkey($1, back: .changed { $0.issuerKeyID = nil }) }
      },
      StandingCase("a back signature that names nobody", .good) {
        subkeySigns($0) { $0.addSubkey($1, back: .changed { ($0.issuerKeyID, $0.issuerFingerprint) = (nil, nil) }) }
      },
      StandingCase("a subkey revoked behind a packet that is passed over", .revoked(testNow - 1000, hard: true)) {
        subkeySigns($0) {
          $0.addSubkey($1)
          $0.append(packet: OpenPGPEncoding.packet(60, [1]))
          $0.revokeSubkey($1, reason: 2, at: testNow - 1000)
        }
      },
      StandingCase(
        "a subkey bound behind a packet that is passed over", .notBound("the primary key has not bound the subkey"),
        stricterBy: "behind it, a signature is about nothing"
      ) {
        subkeySigns($0) {
          $0.append(packet: OpenPGPEncoding.packet(14, $1.body))
          $0.append(packet: OpenPGPEncoding.packet(60, [1]))
          $0.bind($1)
        }
      },
      StandingCase("a subkey bound behind a marker and padding", .good, laxerBy: "GnuPG 2.2 is shown neither") {
        subkeySigns($0) {
          $0.append(packet: OpenPGPEncoding.packet(14, $1.body))
          $0.append(packet: OpenPGPEncoding.packet(10, Array("PGP".utf8)))
          $0.append(packet: OpenPGPEncoding.packet(21, [1, 2]))
          $0.bind($1)
        }
      },
      StandingCase("a binding whose numbers are not stated as short as can be", .good) {
        subkeySigns($0) { $0.addSubkey($1) { $0.declaresMoreBits = true } }
      },
    ]
}
