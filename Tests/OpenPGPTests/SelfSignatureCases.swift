import OpenPGP
import Support

/// What a key says of itself: who made it, with which hash, and whether a user id still stands.
extension StandingCase {
  static let sha1 = "it uses SHA-1 and was made after January 2023"
  static let noSelfSignature = Standing.notBound("the certificate has no valid self-signature")

  static let selfSignatures = [
    StandingCase("no self-signature", noSelfSignature) {
      primarySigns($0) { $0.append(packet: OpenPGPEncoding.packet(13, Array("a".utf8))) }
    },
    StandingCase("a self-signature forged by another key", noSelfSignature) { seed in
      primarySigns(seed) {
        $0.addUser("a") { real in
          real.key = stranger(seed)
        }
      }
    },
    StandingCase("a self-signature over another user id", noSelfSignature) { seed in
      var other = TestCertificate(primary: primary(seed))
      other.addUser("b")
      let signature = other.packets[2]
      return primarySigns(seed) {
        $0.append(packet: OpenPGPEncoding.packet(13, Array("a".utf8)))
        $0.append(packet: signature)
      }
    },
    StandingCase("a self-signature with SHA-1 of 2022", .good) {
      primarySigns($0) {
        $0.addUser("a") {
          $0.hash = .sha1
          $0.created = beforeSHA1Ends
        }
      }
    },
    StandingCase(
      "a self-signature with SHA-1 of 2024",
      .notBound("the newest self-signature of the certificate does not count: \(sha1)"),
      stricterBy: "SHA-1 ended on 2023-02-01"
    ) {
      primarySigns($0) {
        $0.addUser("a") {
          $0.hash = .sha1
          $0.created = afterSHA1Ends
        }
      }
    },
    StandingCase(
      "a self-signature with SHA-1 of 2024 after one with SHA-512",
      .notBound("the newest self-signature of the certificate does not count: \(sha1)"),
      stricterBy: "the newest self-signature counts, also when its hash does not"
    ) {
      primarySigns($0) {
        $0.addUser("a")
        $0.certifyUser("a") {
          $0.hash = .sha1
          $0.created = afterSHA1Ends
        }
      }
    },
    StandingCase("a self-signature with SHA-512 after one with SHA-1 of 2024", .good) {
      primarySigns($0) {
        $0.addUser("a") {
          $0.hash = .sha1
          $0.created = afterSHA1Ends
        }
        $0.certifyUser("a") { $0.created = afterSHA1Ends + 1 }
      }
    },
    StandingCase(
      "a binding with SHA-1 of 2024", .notBound("the newest binding of the subkey does not count: \(sha1)"),
      stricterBy: "SHA-1 ended on 2023-02-01"
    ) {
      subkeySigns($0) {
        $0.addSubkey($1) {
          $0.hash = .sha1
          $0.created = afterSHA1Ends
        }
      }
    },
    StandingCase("a binding with SHA-1 of 2022", .good) {
      subkeySigns($0) {
        $0.addSubkey($1) {
          $0.hash = .sha1
          $0.created = beforeSHA1Ends
        }
      }
    },
    StandingCase("a direct signature and no user id", .good) { primarySigns($0) { $0.addDirect() } },
    StandingCase("all user ids revoked", noSelfSignature, stricterBy: "a revoked user id vouches for nothing") {
      primarySigns($0) {
        $0.addUser("a")
        $0.revokeUser("a") { $0.created = creation + 1000 }
      }
    },
    StandingCase("a user id revoked and certified again", .good) {
      primarySigns($0) {
        $0.addUser("a")
        $0.revokeUser("a") { $0.created = creation + 1000 }
        $0.certifyUser("a") { $0.created = creation + 2000 }
      }
    },
    StandingCase("one user id of two revoked", .good) {
      primarySigns($0) {
        $0.addUser("a")
        $0.revokeUser("a") { $0.created = creation + 1000 }
        $0.addUser("b")
      }
    },
    StandingCase("all user ids revoked beside a direct signature", .good) {
      primarySigns($0) {
        $0.addDirect()
        $0.addUser("a")
        $0.revokeUser("a") { $0.created = creation + 1000 }
      }
    },
    StandingCase(
      "a self-signature that has itself expired", noSelfSignature,
      stricterBy: "an expired self-signature vouches for nothing"
    ) {
      primarySigns($0) { $0.addUser("a") { $0.hashed += OpenPGPEncoding.subpacket(3, [0, 1, 0, 0]) } }
    },
    StandingCase("a binding that has itself expired", .notBound("the primary key has not bound the subkey")) {
      subkeySigns($0) { $0.addSubkey($1) { $0.hashed += OpenPGPEncoding.subpacket(3, [0, 1, 0, 0]) } }
    },
  ]
}
