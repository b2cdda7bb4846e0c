import OpenPGP
import Support

/// When a key ends, by whichever of its signatures says so last.
extension StandingCase {
  /// When a key of these tests that lives one year expires.
  static let end = creation + Int64(year)

  static let expiries = [
    StandingCase("a primary key that has expired", .expired(end)) {
      primarySigns($0) { $0.addUser("a", lifetime: year) }
    },
    StandingCase("a primary key that has not expired yet", .good) {
      primarySigns($0) { $0.addUser("a", lifetime: 50 * year) }
    },
    StandingCase("an expiry extended by a newer self-signature", .good) {
      primarySigns($0) {
        $0.addUser("a", lifetime: year)
        $0.certifyUser("a", lifetime: 50 * year) { $0.created! += 1000 }
      }
    },
    StandingCase("an expiry taken away by a newer self-signature", .good) {
      primarySigns($0) {
        $0.addUser("a", lifetime: year)
        $0.certifyUser("a") { $0.created! += 1000 }
      }
    },
    StandingCase("an expiry shortened by a newer self-signature", .expired(end)) {
      primarySigns($0) {
        $0.addUser("a", lifetime: 50 * year)
        $0.certifyUser("a", lifetime: year) { $0.created! += 1000 }
      }
    },
    StandingCase("an expiry on one user id only, the older one", .expired(end)) {
      primarySigns($0) {
        $0.addUser("a", lifetime: year)
        $0.addUser("b") { $0.created! += 1000 }
      }
    },
    StandingCase("different expiries, the newer one past", .expired(end)) {
      primarySigns($0) {
        $0.addUser("a", lifetime: 50 * year)
        $0.addUser("b", lifetime: year) { $0.created! += 1000 }
      }
    },
    StandingCase("different expiries, the older one past", .good) {
      primarySigns($0) {
        $0.addUser("a", lifetime: 50 * year) { $0.created! += 1000 }
        $0.addUser("b", lifetime: year)
      }
    },
    StandingCase("an expiry on a revoked user id", .good) {
      primarySigns($0) {
        $0.addUser("a", lifetime: year)
        $0.revokeUser("a") { $0.created = creation + 1000 }
        $0.addUser("b")
      }
    },
    StandingCase("a direct signature's expiry goes before a user id's", .expired(end)) {
      primarySigns($0) {
        $0.addDirect(lifetime: year)
        $0.addUser("a", lifetime: 50 * year) { $0.created! += 1000 }
      }
    },
    StandingCase("a direct signature without expiry does not lift a user id's", .expired(end)) {
      primarySigns($0) {
        $0.addDirect()
        $0.addUser("a", lifetime: year)
      }
    },
    StandingCase("a subkey that has expired", .expired(end)) { subkeySigns($0) { $0.addSubkey($1, lifetime: year) } },
    StandingCase("a subkey extended by a newer binding", .good) {
      subkeySigns($0) {
        $0.addSubkey($1, lifetime: year)
        $0.bind($1, lifetime: 50 * year) { $0.created! += 1000 }
      }
    },
    StandingCase("a subkey shortened by a newer binding", .expired(end)) {
      subkeySigns($0) {
        $0.addSubkey($1, lifetime: 50 * year)
        $0.bind($1, lifetime: year) { $0.created! += 1000 }
      }
    },
    StandingCase("a subkey of a primary key that has expired", .expired(end)) { seed in
      var certificate = TestCertificate(primary: primary(seed))
      certificate.addUser("a", flags: 0x01, lifetime: year)
      certificate.addSubkey(subkey(seed))
      return Subject(certificate: certificate, signer: subkey(seed))
    },
    StandingCase("judged then, signed before the key expired", .good) {
      var subject = primarySigns($0) { $0.addUser("a", lifetime: year) }
      subject.signedAt = end - 1
      subject.reference = .then
      return subject
    },
    StandingCase("judged then, signed when the key expired", .expired(end)) {
      var subject = primarySigns($0) { $0.addUser("a", lifetime: year) }
      subject.signedAt = end
      subject.reference = .then
      return subject
    },
    StandingCase("judged now, signed before the key expired", .expired(end)) {
      var subject = primarySigns($0) { $0.addUser("a", lifetime: year) }
      subject.signedAt = end - 1
      return subject
    },
  ]
}
