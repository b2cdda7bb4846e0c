package import OpenPGP

extension Registry {
  /// What a certificate says beyond the registry's copy of it, one sentence each; nothing where the registry has all of
  /// it.
  ///
  /// - Parameter now: Seconds since 1970.
  package func news(in certificate: Certificate, now: Int64) -> [String] {
    guard let old = certificates[certificate.primary] else { return ["a certificate, which the registry lacks"] }
    let new = old.adding(selfSignaturesOf: certificate)
    return new.published == old.published ? [] : CertificateNews(old: old, new: new, now: now).lines
  }
}
