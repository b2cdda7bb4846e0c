internal import SwiftASN1

/// The certificates of one `attestation.pem`: statements about keys, and what leads from them to a pinned root.
package struct AttestationFile {
  let certificates: [AttestationCertificate]

  static let mostCertificates = 16

  /// Reads the one spelling of such a file: PEM blocks of 64 columns, and nothing before, between or after them.
  package static func read(_ bytes: [UInt8]) throws(AttestationDefect) -> AttestationFile {
    let documents = try documents(bytes)
    guard text(documents.map(\.derBytes)) == bytes else {
      throw AttestationDefect("it is not made of PEM certificates alone")
    }
    return AttestationFile(certificates: try certificates(documents.map(\.derBytes)))
  }

  /// The certificates in a file that a person names: PEM with whatever stands between the blocks, or one in DER.
  package static func certificates(in bytes: [UInt8]) throws(FileDefect) -> [[UInt8]] {
    if bytes.first == 0x30 { return [bytes] }
    do throws(AttestationDefect) {
      return try documents(bytes).map(\.derBytes)
    } catch {
      throw FileDefect(error.text)
    }
  }

  init(certificates: [AttestationCertificate]) { self.certificates = certificates }

  static func certificates(_ der: [[UInt8]]) throws(AttestationDefect) -> [AttestationCertificate] {
    guard der.count <= mostCertificates else {
      throw AttestationDefect("it holds \(der.count) certificates, and \(mostCertificates) are the most")
    }
    guard Set(der).count == der.count else { throw AttestationDefect("it holds a certificate twice") }
    var certificates: [AttestationCertificate] = []
    for bytes in der { certificates.append(try AttestationCertificate(der: bytes)) }
    return certificates
  }

  /// The file that holds these certificates.
  static func text(_ der: [[UInt8]]) -> [UInt8] {
    der.flatMap { Array((PEMDocument(type: label, derBytes: $0).pemString + "\n").utf8) }
  }

  private static let label = "CERTIFICATE"

  private static func documents(_ bytes: [UInt8]) throws(AttestationDefect) -> [PEMDocument] {
    guard bytes.count <= EvidencePlace.fileLimit else { throw AttestationDefect("it is larger than 64 KiB") }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw AttestationDefect("it is no text") }
    let documents: [PEMDocument]
    do {
      documents = try PEMDocument.parseMultiple(pemString: text)
    } catch {
      throw AttestationDefect("it is not PEM: \(printable("\(error)", limit: 120))")
    }
    guard !documents.isEmpty else { throw AttestationDefect("it holds no certificate") }
    guard documents.allSatisfy({ $0.discriminator == label }) else {
      throw AttestationDefect("it holds something else than certificates")
    }
    return documents
  }
}
