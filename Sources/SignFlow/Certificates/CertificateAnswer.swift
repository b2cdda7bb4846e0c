package import OpenPGP
internal import Review

/// What one place said when it was asked for one key's certificate.
package struct CertificateAnswer: Sendable {
  /// What a source had to say.
  package enum Result: Sendable {
    /// A certificate of that primary key. Nothing in it is believed that the key itself has not signed.
    case found(Certificate)
    /// The place does not know the key.
    case absent
    case failed(CertificateFault)
  }

  /// The place, safe to print.
  package let place: String
  /// What the source had to say.
  package let result: Result

  init(_ place: String, _ result: Result) {
    self.place = place
    self.result = result
  }

  /// The certificate, where there is one.
  package var certificate: Certificate? { if case .found(let certificate) = result { certificate } else { nil } }
  /// What went wrong, where something did.
  package var fault: CertificateFault? { if case .failed(let fault) = result { fault } else { nil } }
}

/// Why a place gave no answer that can be used.
package struct CertificateFault: Error, Sendable, Equatable {
  /// One sentence without a full stop, safe to print.
  package let message: String
  /// Whether the same question may be answered later.
  package let isTemporary: Bool

  init(_ message: String, isTemporary: Bool = false) {
    self.message = message
    self.isTemporary = isTemporary
  }
}

extension CertificateAnswer.Result {
  /// Takes the certificate of `wanted` out of octets from outside: the fingerprint decides, never where they come from.
  ///
  /// - Parameter isServer: Whether the place was asked for this one key, so that something else is a wrong answer and
  ///   not merely another key.
  init(_ bytes: [UInt8], for wanted: Fingerprint, isServer: Bool) {
    let bundle: CertificateBundle
    do throws(CertificateDefect) {
      bundle = try CertificateBundle(bytes)
    } catch .secretKey {
      self = .failed(CertificateFault("it gives a PRIVATE KEY; whosever it is, it is leaked. Nothing was read from it"))
      return
    } catch {
      self = .failed(CertificateFault("no certificate: \(error.message)"))
      return
    }
    var found: Certificate?
    for part in bundle.parts where part.fingerprint == wanted {
      do throws(CertificateDefect) {
        let certificate = try Certificate.read(part.bytes)
        found = found?.adding(selfSignaturesOf: certificate) ?? certificate
      } catch {
        self = .failed(CertificateFault(error.message))
        return
      }
    }
    if let found {
      self = .found(found)
    } else if !isServer {
      self = .absent
    } else if let other = bundle.parts.first {
      // Attack: somebody else's key for the one that was asked for.
      let name = other.fingerprint.map(\.hex) ?? "of a version that is not understood"
      self = .failed(CertificateFault("it gives another key, \(name), for the one that was asked for"))
    } else {
      self = .failed(CertificateFault("there is no certificate in its answer"))
    }
  }
}
