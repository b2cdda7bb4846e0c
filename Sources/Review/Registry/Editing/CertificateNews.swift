internal import OpenPGP

/// What a certificate says that an older copy of it does not, in words for a reviewer.
struct CertificateNews {
  let lines: [String]
  /// Whether any of them is about what a key may do, or until when.
  let isMaterial: Bool

  init(old: Certificate, new: Certificate, now: Int64) {
    var lines: [String] = []
    let before = Dictionary(
      old.listing(at: now).keys.map { ($0.fingerprint, $0) }, uniquingKeysWith: { first, _ in first })
    let uses = Dictionary(
      new.keys.map { ($0.fingerprint, new.uses(of: $0, at: now)) }, uniquingKeysWith: { first, _ in first })
    for key in new.listing(at: now).keys {
      guard let known = before[key.fingerprint] else {
        let use = uses[key.fingerprint, default: []].contains(.sign) ? "signs" : "not for signing"
        lines.append("new subkey \(key.fingerprint), \(key.algorithmName), \(use), \(Self.expiry(key.expires))")
        continue
      }
      let name = "\(key.isPrimary ? "primary key" : "subkey") \(key.fingerprint)"
      if key.revocation != known.revocation, let revocation = key.revocation {
        lines.append("\(name): revoked on \(datestamp(revocation.time))\(revocation.isHard ? ", for all time" : "")")
      }
      if key.expires != known.expires {
        lines.append("\(name): \(Self.expiry(known.expires)) before, \(Self.expiry(key.expires)) now")
      }
    }
    let (oldIDs, newIDs) = (Set(old.userIDs), Set(new.userIDs))
    for id in new.userIDs where !oldIDs.contains(id) { lines.append("new user id \(printable(id))") }
    for id in old.userIDs where !newIDs.contains(id) { lines.append("user id taken back: \(printable(id))") }
    isMaterial = !lines.isEmpty
    if lines.isEmpty, old.published != new.published {
      lines.append("newer self-signatures that change nothing of this")
    }
    self.lines = lines
  }

  private static func expiry(_ time: Int64?) -> String { time.map { "expires \(datestamp($0))" } ?? "never expires" }
}
