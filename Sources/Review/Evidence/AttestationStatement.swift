internal import OpenPGP
internal import SwiftASN1

/// What a card states about one of its keys: the leaf of an attestation, without its chain.
struct AttestationStatement {
  /// The OpenPGP fingerprint that the host gave the key. It says which key is meant, and proves nothing.
  let fingerprint: Fingerprint
  let card: AttestedCard
  private let certificate: AttestationCertificate

  /// - Throws: What is missing, doubled or not good enough.
  init(_ certificate: AttestationCertificate) throws(AttestationDefect) {
    self.certificate = certificate
    func value<Value: DERParseable>(_ number: UInt, _: Value.Type, _ name: String) throws(AttestationDefect) -> Value {
      let found = certificate.parsed.extensions.filter { $0.oid.oidComponents == AttestationOID.openPGP + [number] }
      guard found.count == 1 else { throw AttestationDefect("the statement does not say \(name) once") }
      do {
        return try Value(derEncoded: found[0].value)
      } catch {
        throw AttestationDefect("the statement's \(name) cannot be read")
      }
    }
    let octets = try value(AttestationOID.fingerprint, ASN1OctetString.self, "the fingerprint")
    guard octets.bytes.count == 20, let fingerprint = Fingerprint(bytes: octets.bytes) else {
      throw AttestationDefect("the statement's fingerprint has \(octets.bytes.count) octets")
    }
    self.fingerprint = fingerprint
    guard let name = certificate.commonName, name.utf8.suffix(4).elementsEqual(" SIG".utf8) else {
      throw AttestationDefect("\(certificate.shownName) is not about a card's signature key")
    }
    guard try value(AttestationOID.source, Int.self, "the key's origin") == 1 else {
      throw AttestationDefect("the key was not made on the card: it has been somewhere else")
    }
    let setting = try value(AttestationOID.touch, ASN1OctetString.self, "the touch setting")
    guard setting.bytes.count == 1, let octet = setting.bytes.first, let touch = CardTouch(octet: octet) else {
      throw AttestationDefect("the statement's touch setting is not understood")
    }
    // What is on, the admin PIN switches off again, and the statement would still say on.
    guard touch.isFixed else {
      throw AttestationDefect(
        "the touch setting is \"\(touch.rawValue)\", which can be switched off; fixed is asked for")
    }
    // For people. Who has been convinced by the rest may well know which card it is.
    let serial = try? value(AttestationOID.serial, Int.self, "the serial number")
    let firmware = (try? value(AttestationOID.firmware, ASN1OctetString.self, "the firmware"))?.bytes
    card = AttestedCard(
      serial: serial.flatMap { $0 < 0 ? nil : String($0) },
      firmware: firmware.flatMap { $0.count == 3 ? $0.map { String($0) }.joined(separator: ".") : nil },
      touch: touch)
  }

  /// Whether the attested numbers are those of this OpenPGP key. The fingerprint in the statement is written by the
  /// host, so only the numbers tie the statement to the key.
  func isAbout(_ key: CertificateKey) -> Bool {
    guard let own = key.subjectPublicKeyInfo else { return false }
    return certificate.parsed.publicKey.elementsEqual(own)
  }
}
