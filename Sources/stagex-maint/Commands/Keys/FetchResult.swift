internal import OpenPGP
internal import Review
internal import SignFlow

/// What came for one listed key, judged as `keys add` judges it.
struct FetchResult {
  enum Outcome {
    /// The registry gains from it.
    case gains(KeyAddition)
    /// The registry has all of it.
    case nothingNew
    case refused(KeyRefusal)
    /// No place knows the key, or none answered.
    case notFound
  }

  let finding: CertificateFinding
  let outcome: Outcome
  /// Whether the registry has a usable certificate of the key now.
  let hasCertificate: Bool

  var entry: RegisteredKey { finding.entry }

  /// - Parameter source: The registry as it will be; gains what is found.
  init(_ finding: CertificateFinding, _ source: inout RegistrySource, now: Int64) {
    self.finding = finding
    if let certificate = finding.certificate {
      do throws(KeyRefusal) {
        let addition = try KeyAddition.plan(certificate.published, KeyRequest(takesUnfit: true), in: source, now: now)
        if case .unchanged = addition.kind {
          outcome = .nothingNew
        } else {
          outcome = .gains(addition)
          source = source.replacing(addition.files)
        }
      } catch {
        outcome = .refused(error)
      }
    } else {
      outcome = .notFound
    }
    hasCertificate = (try? Registry.readIfPresent(source))?.certificates[finding.entry.fingerprint] != nil
  }

  var files: [(path: String, bytes: [UInt8])] { if case .gains(let addition) = outcome { addition.files } else { [] } }

  /// Whether the person got what was asked for: a certificate, and at least one place that could tell whether there is
  /// a newer one.
  var isSatisfied: Bool {
    if case .refused = outcome { return false }
    return hasCertificate && finding.answers.contains { $0.fault == nil }
  }
}
