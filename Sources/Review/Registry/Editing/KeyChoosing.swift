internal import OpenPGP

/// Which certificate is meant in a file that somebody hands in.
struct KeyChoosing {
  private let bytes: [UInt8]
  private let request: KeyRequest
  private let registry: Registry?

  init(_ bytes: [UInt8], _ request: KeyRequest, _ registry: Registry?) {
    self.bytes = bytes
    self.request = request
    self.registry = registry
  }

  private static let export = NextStep.command(["gpg", "--armor", "--export", "FINGERPRINT", ">", "key.asc"])

  /// The one, and the others in the file.
  func chosen() throws(KeyRefusal) -> (certificate: Certificate, others: [Certificate]) {
    let survey = CertificateSurvey(bytes)
    // Attack: none, but the worst of mistakes, which a reader who only says “malformed” would let pass unseen.
    guard !survey.seemsSecret else { throw .secretKey(Self.export) }
    if survey.certificates > 1 { return try among(CertificateFile.certificates(in: bytes), of: survey.certificates) }
    let certificate: Certificate
    do throws(CertificateDefect) {
      certificate = try Certificate.read(bytes)
    } catch .secretKey {
      throw .secretKey(Self.export)
    } catch {
      throw KeyRefusal(.unreadable, error.message, next: Self.export)
    }
    guard request.key ?? certificate.primary == certificate.primary else {
      throw KeyRefusal(
        .usage, "the file holds the certificate of \(certificate.primary), not that of --key", next: Self.export)
    }
    return (certificate, [])
  }

  /// The one that was named, else the only one that is listed for whoever was named. A guess could make somebody a
  /// maintainer whose certificate only happened to be in the file.
  private func among(_ certificates: [Certificate], of count: Int) throws(KeyRefusal) -> (Certificate, [Certificate]) {
    let wanted = certificates.filter { certificate in
      if let key = request.key { return certificate.primary == key }
      guard let listed = registry?.key(certificate.primary) else { return false }
      return request.person ?? listed.person == listed.person && request.label ?? listed.label == listed.label
    }
    if wanted.count == 1 { return (wanted[0], certificates.filter { $0.primary != wanted[0].primary }) }
    let names = certificates.prefix(5).map { certificate in
      let id = certificate.userIDs.first.map { " (\(printable($0, limit: 60)))" } ?? ""
      return "\(certificate.primary)\(id)"
    }
    let more = certificates.count > 5 ? " and \(certificates.count - 5) more" : ""
    throw KeyRefusal(
      .severalCertificates,
      "the file holds \(count) certificates: \(names.joined(separator: ", "))\(more). "
        + "Name the one that is meant with --key",
      next: .command([
        "stagex-maint", "keys", "add", "FILE", "--key", certificates.first?.primary.hex ?? "FINGERPRINT", "--person",
        "ID", "--label", "LABEL",
      ]))
  }
}

extension KeyRefusal {
  fileprivate static func secretKey(_ next: NextStep) -> KeyRefusal {
    KeyRefusal(
      .secretKey,
      "the file holds a PRIVATE KEY. It must never leave your computer or card. "
        + "If this file was ever sent, uploaded or committed, "
        + "take the key for leaked: revoke it and make a new one. Nothing was read from it", next: next)
  }
}
