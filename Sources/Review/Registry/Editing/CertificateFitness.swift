internal import OpenPGP

extension Certificate {
  /// Why no key of the certificate can sign at `now`; nil when one can.
  func unfitness(at now: Int64) -> KeyRefusal? {
    let standings = keys.map { ($0, standing(of: $0.fingerprint, signedAt: now, judgedAt: .now(now))) }
    guard !standings.contains(where: { $0.1 == .good }) else { return nil }
    let signers = standings.filter { uses(of: $0.0, at: now).contains(.sign) }
    guard let nearest = signers.min(by: { Self.distance($0.1) < Self.distance($1.1) }) else {
      let encrypts = keys.contains { !uses(of: $0, at: now).isDisjoint(with: .encrypt) }
      return KeyRefusal(
        .noSigningKey, "the certificate \(primary) has no signing key\(encrypts ? ": it is for encryption only" : "")",
        next: .addSigningKey(to: primary), .bring(primary, nil, nil))
    }
    return refusal(nearest.0, nearest.1)
  }

  /// The signing keys that do not count at `now`, though another one does: one sentence for each, with those that do.
  func idleSigners(at now: Int64) -> [String] {
    let standings = keys.filter { uses(of: $0, at: now).contains(.sign) }
      .map { ($0, standing(of: $0.fingerprint, signedAt: now, judgedAt: .now(now))) }
    let good = standings.filter { $0.1 == .good }.map(\.0.fingerprint.hex).joined(separator: ", ")
    return standings.filter { $0.1 != .good }.map { key, standing in
      "\(refusal(key, standing).message); what counts is \(good)"
    }
  }

  /// The nearer a signing key is to one that counts, the more is told by why it does not.
  private static func distance(_ standing: Standing) -> Int {
    switch standing {
    case .good, .beforeKeyCreation: 0
    case .expired: 1
    case .notBound: 2
    case .revoked: 3
    case .weakKey: 4
    case .unsupported: 5
    case .cannotSign: 6
    }
  }

  private func refusal(_ key: CertificateKey, _ standing: Standing) -> KeyRefusal {
    let name = "the signing key \(key.fingerprint)"
    let renew = key.isPrimary || keys[0].revocation != nil ? NextStep.newKey : .addSigningKey(to: primary)
    switch standing {
    case .expired(let time):
      return KeyRefusal(
        .expired, "\(name) expired on \(datestamp(time))",
        steps: NextStep.extend(key.fingerprint, of: primary, primaryToo: true) + [.bring(primary, nil, nil)])
    case .revoked(let time, let hard):
      return KeyRefusal(
        .revoked, "\(name) was revoked on \(datestamp(time))\(hard ? ", for all time" : "")", next: renew)
    case .notBound(let why):
      return KeyRefusal(
        .notBound, "\(name) does not count: \(why)", next: .addSigningKey(to: primary), .bring(primary, nil, nil))
    case .weakKey(let kind):
      return KeyRefusal(.weakKey, "\(name) is too weak: \(kind) is in the way", next: renew)
    case .unsupported(let kind):
      return KeyRefusal(.unsupportedKey, "\(name) cannot be checked: \(kind) is not supported", next: renew)
    case .good, .cannotSign, .beforeKeyCreation:
      return KeyRefusal(.notBound, "\(name) was made in the future", next: .command(["date"]))
    }
  }
}
