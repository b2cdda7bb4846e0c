internal import OpenPGP

/// What is wrong with one certificate, or will be within the time that a maintainer needs to mend it.
struct CertificateDuties {
  /// Seconds before a key's expiry in which it is warned of: the change that extends it needs two other people.
  static let notice: Int64 = 90 * 86_400

  private let certificate: Certificate
  private let listing: CertificateListing
  private let entry: RegisteredKey
  private let now: Int64

  init(_ certificate: Certificate, of entry: RegisteredKey, now: Int64) {
    self.certificate = certificate
    self.entry = entry
    self.now = now
    listing = certificate.listing(at: now)
  }

  var findings: [KeyFinding] {
    var findings: [KeyFinding] = []
    for (part, key) in zip(certificate.keys, listing.keys) {
      let uses = certificate.uses(of: part, at: now)
      if key.standing == .good {
        findings += ofGood(key)
      } else if uses.contains(.sign), let finding = ofBad(key, part) {
        findings.append(finding)
      }
      if key.isPrimary || key.standing == .good, certificate.oldHash(of: part, at: now) == .tolerated {
        findings.append(
          finding(
            .warning, .sha1, key,
            "what vouches for \(name(key)) uses SHA-1; made before February 2023, it counts for now",
            NextStep.extend(key.fingerprint, of: certificate.primary, primaryToo: false) + [bring]))
      }
      if !key.isPrimary, uses.contains(.certify) {
        findings.append(
          finding(.note, .subkeyCertifies, key, "\(name(key)) is marked for certifying, which nobody lets a subkey do"))
      }
    }
    findings += certificate.revokerWarnings.map { warning in
      KeyFinding(
        severity: .warning, code: .designatedRevoker, person: entry.person, label: entry.label,
        key: certificate.primary, message: warning,
        next: [.advice("let the primary key itself make the revocation, and keep it at hand")])
    }
    if !certificate.keys.contains(where: { certificate.uses(of: $0, at: now).contains(.sign) }) {
      findings.append(ofNone)
    }
    return findings
  }

  private func ofGood(_ key: CertificateListing.Key) -> [KeyFinding] {
    var findings: [KeyFinding] = []
    if let expires = key.expires, expires - now <= Self.notice {
      findings.append(
        finding(.warning, .expiresSoon, key, "\(name(key)) expires on \(datestamp(expires))", extend(key)))
    }
    if key.algorithmName == "RSA", let bits = key.bits, bits < 3072 {
      findings.append(
        finding(
          .note, .smallRSA, key, "\(name(key)) is RSA with \(bits) bits; 3072 are advised",
          [.addSigningKey(to: certificate.primary), bring]))
    }
    if key.isPrimary {
      findings.append(
        finding(
          .note, .primarySigns, key, "the primary key itself signs; a subkey can be replaced without a new entry",
          [.addSigningKey(to: certificate.primary), bring]))
    }
    return findings
  }

  /// A signing key that does not count. Beside one that does it has been replaced, and is only noted.
  private func ofBad(_ key: CertificateListing.Key, _ part: CertificateKey) -> KeyFinding? {
    let severity: KeyFinding.Severity = listing.signingKeys.isEmpty ? .error : .note
    func tell(_ code: KeyFinding.Code, _ what: String, _ next: [NextStep]) -> KeyFinding {
      finding(severity, code, key, "\(name(key)) \(what)", severity == .error ? next : [])
    }
    let replace: [NextStep] = [
      key.isPrimary || certificate.keys[0].revocation != nil ? .newKey : .addSigningKey(to: certificate.primary), bring,
    ]
    switch key.standing {
    case .good, .cannotSign: return nil
    case .expired(let time): return tell(.expired, "expired on \(datestamp(time))", extend(key))
    case .revoked(let time, let hard):
      return tell(.revoked, "was revoked on \(datestamp(time))\(hard ? ", for all time" : "")", replace)
    case .weakKey(let kind): return tell(.weakKey, "is too weak: \(kind) is in the way", replace)
    case .unsupported(let kind): return tell(.unsupportedKey, "cannot be checked: \(kind) is not supported", replace)
    case .beforeKeyCreation:
      return tell(.futureKey, "says that it was made on \(datestamp(key.created)), in the future", [.command(["date"])])
    case .notBound(let why):
      let primary = certificate.keys[0]
      guard certificate.oldHash(of: primary, at: now) == .void || certificate.oldHash(of: part, at: now) == .void else {
        return tell(.notBound, "does not count: \(why)", replace)
      }
      return tell(
        .sha1, "does not count: what vouches for it uses SHA-1 and was made after January 2023",
        NextStep.extend(key.fingerprint, of: certificate.primary, primaryToo: true) + [bring])
    }
  }

  private var ofNone: KeyFinding {
    let encrypts = certificate.keys.contains { !certificate.uses(of: $0, at: now).isDisjoint(with: .encrypt) }
    return KeyFinding(
      severity: .error, code: encrypts ? .encryptionOnly : .noSigningKey, person: entry.person, label: entry.label,
      key: certificate.primary,
      message: encrypts
        ? "the certificate is for encryption only: it has no signing key" : "the certificate has no signing key",
      next: [.addSigningKey(to: certificate.primary), bring])
  }

  private func finding(
    _ severity: KeyFinding.Severity, _ code: KeyFinding.Code, _ key: CertificateListing.Key, _ message: String,
    _ next: [NextStep] = []
  ) -> KeyFinding {
    KeyFinding(
      severity: severity, code: code, person: entry.person, label: entry.label, key: key.fingerprint, message: message,
      next: next)
  }

  private func name(_ key: CertificateListing.Key) -> String {
    "\(key.isPrimary ? "the primary key" : "the subkey") \(key.fingerprint)"
  }

  /// A subkey never outlives its primary key, which is extended with it where that ends in the same time.
  private func extend(_ key: CertificateListing.Key) -> [NextStep] {
    let primaryEnds = listing.keys[0].expires.map { $0 - now <= Self.notice } ?? false
    return NextStep.extend(key.fingerprint, of: certificate.primary, primaryToo: primaryEnds) + [bring]
  }

  private var bring: NextStep { .bring(certificate.primary, entry.person, entry.label) }
}
