internal import Glibc
internal import OpenPGP
internal import Review

/// Certificates on this machine: keyrings, folders of files, gpg.
enum LocalCertificates {
  private static let largestKeyring = 64 << 20
  private static let mostFiles = 4096

  static func file(_ path: String, _ wanted: Fingerprint) -> CertificateAnswer {
    CertificateAnswer(printable(path), read(path, wanted) ?? .failed(CertificateFault("there is no such file")))
  }

  /// Any file of the folder; what is no certificate there is somebody's own business.
  static func folder(_ path: String, _ wanted: Fingerprint) -> CertificateAnswer {
    let place = printable(path)
    do throws(FlowError) {
      guard let names = try OpenFolder.open(path: path)?.names() else {
        return CertificateAnswer(place, .failed(CertificateFault("there is no such folder")))
      }
      guard names.count <= mostFiles else {
        return CertificateAnswer(place, .failed(CertificateFault("it holds more than \(mostFiles) files")))
      }
      var found: Certificate?
      var fault: CertificateFault?
      for name in names.map({ String(decoding: $0, as: UTF8.self) }) where !name.hasPrefix(".") {
        switch read("\(path)/\(name)", wanted) {
        case .found(let certificate): found = found?.adding(selfSignaturesOf: certificate) ?? certificate
        // A file that bears the key's name is meant for it.
        case .failed(let reason) where name.uppercased().hasPrefix(wanted.hex):
          fault = CertificateFault("\(printable(name)): \(reason.message)")
        default: break
        }
      }
      if let fault { return CertificateAnswer(place, .failed(fault)) }
      return CertificateAnswer(place, found.map { .found($0) } ?? .absent)
    } catch {
      return CertificateAnswer(place, .failed(CertificateFault(error.message)))
    }
  }

  private static func read(_ path: String, _ wanted: Fingerprint) -> CertificateAnswer.Result? {
    do throws(FileDefect) {
      return try readWholeFile(path, limit: largestKeyring).map {
        CertificateAnswer.Result($0, for: wanted, isServer: false)
      }
    } catch {
      return .failed(CertificateFault(printable(error.message, limit: 300)))
    }
  }

  /// The person's own gpg, with the person's own settings.
  static func gnupg(_ wanted: Fingerprint, environment: [String: String]) async -> CertificateAnswer {
    let place = "gpg"
    do throws(ForgeError) {
      let result = try await ForgeProgram.run(
        "gpg", ["--batch", "--no-auto-key-retrieve", "--export-options", "export-minimal", "--export", wanted.hex],
        environment: environment, input: "", outputLimit: CurlTransport.largestAnswer)
      guard result.status == 0 else {
        return CertificateAnswer(place, .failed(CertificateFault("gpg fails (status \(result.status))")))
      }
      return CertificateAnswer(
        place, result.output.isEmpty ? .absent : CertificateAnswer.Result(result.output, for: wanted, isServer: false))
    } catch {
      return CertificateAnswer(place, .failed(CertificateFault(error.message)))
    }
  }
}
