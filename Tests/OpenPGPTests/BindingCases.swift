import OpenPGP
import Support

/// Whether the primary key has bound a subkey, and the subkey has signed back.
extension StandingCase {
  static let bindings = [
    StandingCase("no binding", .notBound("the primary key has not bound the subkey")) {
      subkeySigns($0) { certificate, subkey in certificate.append(packet: OpenPGPEncoding.packet(14, subkey.body)) }
    },
    StandingCase("a binding forged by another key", .notBound("the primary key has not bound the subkey")) { seed in
      subkeySigns(seed) { certificate, subkey in
        certificate.addSubkey(subkey) {
          let real = $0
          $0 = TestSignature(by: stranger(seed), at: real.created!)
          $0.type = real.type
          $0.hashed = real.hashed
          $0.issuerFingerprint = real.issuerFingerprint
          $0.issuerKeyID = real.issuerKeyID
        }
      }
    },
    StandingCase("a binding of another subkey", .notBound("the primary key has not bound the subkey")) { seed in
      subkeySigns(seed) { certificate, subkey in
        var other = TestCertificate(primary: primary(seed))
        other.addSubkey(stranger(seed))
        certificate.append(packet: OpenPGPEncoding.packet(14, subkey.body))
        certificate.append(packet: other.packets[2])
      }
    },
    StandingCase(
      "a binding that names its issuer by fingerprint only", .good,
      laxerBy: "GnuPG 2.2 is shown the key id that is missing"
    ) {
      subkeySigns($0) { $0.addSubkey($1) { $0.issuerKeyID = nil } }
    },
    StandingCase(
      "a user id's self-signature that names its issuer by fingerprint only", .good,
      laxerBy: "GnuPG 2.2 is shown the key id that is missing"
    ) {
      primarySigns($0) { $0.addUser("a") { $0.issuerKeyID = nil } }
    },
    StandingCase("a binding that names its issuer by key id only", .good) {
      subkeySigns($0) { $0.addSubkey($1) { $0.issuerFingerprint = nil } }
    },
    StandingCase("a binding that names nobody", .notBound("the primary key has not bound the subkey")) {
      subkeySigns($0) {
        $0.addSubkey($1) {
          $0.issuerFingerprint = nil
          $0.issuerKeyID = nil
        }
      }
    },
    StandingCase("a binding older than the primary key", .notBound("the primary key has not bound the subkey")) {
      subkeySigns($0) { $0.addSubkey($1) { $0.created = creation - 1 } }
    },
    StandingCase("a newer binding takes the signing flag away", .cannotSign) {
      subkeySigns($0) {
        $0.addSubkey($1)
        $0.bind($1, flags: 0x20) { $0.created! += 1000 }
      }
    },
    StandingCase("an older binding without the signing flag", .good) {
      subkeySigns($0) {
        $0.addSubkey($1)
        $0.bind($1, flags: 0x20)
        $0.bind($1) { $0.created! += 1000 }
      }
    },
    StandingCase(
      "a binding with a critical subpacket that nobody knows",
      .notBound(
        """
        the newest binding of the subkey does not count: it has a critical subpacket of type 101, \
        which is not understood
        """)
    ) {
      subkeySigns($0) { $0.addSubkey($1) { $0.hashed += OpenPGPEncoding.subpacket(101, [1], isCritical: true) } }
    },
    StandingCase("a binding with a subpacket that nobody knows", .good) {
      subkeySigns($0) { $0.addSubkey($1) { $0.hashed += OpenPGPEncoding.subpacket(101, [1]) } }
    },
    StandingCase(
      "a newer binding with such a critical subpacket",
      .notBound(
        """
        the newest binding of the subkey does not count: it has a critical subpacket of type 101, \
        which is not understood
        """),
      stricterBy: "the newest self-signature counts, also when it is not understood"
    ) {
      subkeySigns($0) {
        $0.addSubkey($1)
        $0.bind($1) {
          $0.created! += 1000
          $0.hashed += OpenPGPEncoding.subpacket(101, [1], isCritical: true)
        }
      }
    },
    StandingCase(
      "a binding that says its flags twice",
      .notBound("the newest binding of the subkey does not count: it says the same thing twice (subpacket 27)"),
      stricterBy: "nothing is said twice"
    ) {
      subkeySigns($0) { $0.addSubkey($1) { $0.hashed += OpenPGPEncoding.subpacket(27, [0x02]) } }
    },
  ]

  static let unsigned = Standing.notBound("the subkey has not signed back")

  static let backSignatures = [
    StandingCase("no back signature", unsigned) { subkeySigns($0) { $0.addSubkey($1, back: .missing) } },
    StandingCase("a back signature by another key", unsigned) { seed in
      subkeySigns(seed) { $0.addSubkey($1, back: .by(stranger(seed))) }
    },
    StandingCase("a back signature by another key in the subkey's name", unsigned) { seed in
      let subkey = subkey(seed)
      return subkeySigns(seed) {
        $0.addSubkey(
          $1,
          back: .changed {
            $0.key = stranger(seed)
            $0.issuerFingerprint = subkey.fingerprint
          })
      }
    },
    StandingCase("a back signature of the wrong type", unsigned) {
      subkeySigns($0) { $0.addSubkey($1, back: .changed { $0.type = 0x18 }) }
    },
    StandingCase("a back signature outside what was signed", .good) { seed in
      subkeySigns(seed) { certificate, subkey in
        var back = TestSignature(by: subkey, at: creation)
        back.type = 0x19
        let body = back.body(over: primary(seed).hashed + subkey.hashed)
        certificate.addSubkey(subkey, back: .missing) { $0.unhashed = OpenPGPEncoding.subpacket(32, body) }
      }
    },
    StandingCase("a newer back signature that is bad", unsigned) { seed in
      subkeySigns(seed) { certificate, subkey in
        var back = TestSignature(by: stranger(seed), at: creation + 1000)
        back.type = 0x19
        back.issuerFingerprint = subkey.fingerprint
        let body = back.body(over: primary(seed).hashed + subkey.hashed)
        certificate.addSubkey(subkey) { $0.unhashed = OpenPGPEncoding.subpacket(32, body) }
      }
    },
    StandingCase("another person's subkey", unsigned) { seed in
      // Mallory lists Alice's signing subkey, to be taken for the maker of Alice's signatures.
      var alice = TestCertificate(primary: stranger(seed))
      alice.addUser("Alice", flags: 0x01)
      alice.addSubkey(subkey(seed))
      return subkeySigns(seed) { certificate, subkey in certificate.addSubkey(subkey, back: .missing) }
    },
    StandingCase(
      "a back signature with SHA-1 of 2024", unsigned,
      stricterBy: "SHA-1 ended on 2023-02-01"
    ) {
      subkeySigns($0) {
        $0.addSubkey(
          $1,
          back: .changed {
            $0.hash = .sha1
            $0.created = afterSHA1Ends
          })
      }
    },
    StandingCase("a back signature with SHA-1 of 2022", .good) {
      subkeySigns($0) {
        $0.addSubkey(
          $1,
          back: .changed {
            $0.hash = .sha1
            $0.created = beforeSHA1Ends
          })
      }
    },
  ]
}
