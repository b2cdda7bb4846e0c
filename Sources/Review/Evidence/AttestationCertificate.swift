internal import Crypto
internal import SwiftASN1

/// Why an attestation shows nothing. Safe to print.
package struct AttestationDefect: Error, Equatable {
  /// One sentence, safe to print.
  package let text: String
  init(_ text: String) { self.text = text }
}

/// One certificate of an attestation, parsed strictly, with what the checks ask of it.
struct AttestationCertificate {
  let der: [UInt8]
  let parsed: X509Certificate
  /// SHA-256 of the DER.
  let digest: [UInt8]

  init(der: [UInt8]) throws(AttestationDefect) {
    self.der = der
    digest = Array(SHA256.hash(data: der))
    do {
      parsed = try X509Certificate(der: der)
    } catch {
      throw AttestationDefect("a certificate cannot be read: \(printable("\(error)", limit: 120))")
    }
  }

  var subject: ArraySlice<UInt8> { parsed.subject }
  var issuer: ArraySlice<UInt8> { parsed.issuer }
  var commonName: String? { parsed.commonName }

  /// The subject for a sentence.
  var shownName: String { "\"\(printable(commonName ?? "a certificate without a name", limit: 80))\"" }

  /// Whether this is a statement about a key on a card, by OpenPGP (5) or PIV (3), and no certificate authority's.
  var isStatement: Bool {
    parsed.extensions.contains { value in
      let arcs = value.oid.oidComponents
      return arcs.starts(with: AttestationOID.openPGP) || arcs.starts(with: AttestationOID.piv)
    }
  }

  var isOpenPGPStatement: Bool {
    parsed.extensions.contains { $0.oid.oidComponents.starts(with: AttestationOID.openPGP) }
  }

  /// The extensions that are understood here may be critical; any other critical one must refuse (RFC 5280, section
  /// 4.2).
  func refuseUnknownCritical() throws(AttestationDefect) {
    for value in parsed.extensions where value.isCritical {
      let isKnown =
        value.oid == .basicConstraints || value.oid == .keyUsage
        || value.oid.oidComponents.starts(with: AttestationOID.openPGP)
      guard isKnown else {
        throw AttestationDefect("\(shownName) has the critical extension \(value.oid), which is not understood")
      }
    }
  }

  /// Whether it may issue certificates below which `below` others stand, the leaf not counted.
  func requireAuthority(below: Int) throws(AttestationDefect) {
    do {
      let authority = try parsed.authority()
      guard authority.isOne else {
        throw AttestationDefect("\(shownName) is no certificate authority, and has issued one all the same")
      }
      // Attack: a card's own certificate may issue statements; with a path of any length it could issue further cards.
      if let most = authority.pathLength, below > most {
        throw AttestationDefect("\(shownName) may have \(most) issuers below it, and has \(below)")
      }
      guard try parsed.maySignCertificates() ?? true else {
        throw AttestationDefect("\(shownName) may not sign certificates (key usage)")
      }
    } catch let defect as AttestationDefect {
      throw defect
    } catch {
      throw AttestationDefect("\(shownName) has constraints that cannot be read")
    }
  }

  /// Whether this certificate's key has signed the other one, with a hash that still holds.
  func hasSigned(_ other: AttestationCertificate) -> Bool { parsed.hasSigned(other.parsed) }
}

/// Yubico's numbers for what a statement says: https://docs.yubico.com/hardware/oid/oid-pgp-arc.html
enum AttestationOID {
  static let openPGP: [UInt] = [1, 3, 6, 1, 4, 1, 41482, 5]
  static let piv: [UInt] = [1, 3, 6, 1, 4, 1, 41482, 3]
  static let source: UInt = 2
  static let firmware: UInt = 3
  static let fingerprint: UInt = 4
  static let serial: UInt = 7
  static let touch: UInt = 8
}
