@testable import OpenPGP
@testable import Review
@testable import SignFlow

/// Certificates, of OpenPGP and X.509.
let certificateParsers: [String: Parser] = [
  // What is handed on leaves out what nobody bound; a key that signs for the one reader signs for the other.
  "certificate": { bytes in
    guard let one = try? Certificate.read(Array(bytes)) else { return }
    let other = try! Certificate.read(one.published)
    for key in one.keys + other.keys {
      func signs(_ certificate: Certificate) -> Bool {
        certificate.standing(of: key.fingerprint, signedAt: key.created, judgedAt: .then) == .good
      }
      precondition(signs(one) == signs(other))
    }
    // What is shown to GnuPG is of the same primary key, and merging a certificate with itself changes nothing.
    if let packets = one.packets(signing: { _ in true }) {
      precondition(try! Certificate.read(packets).primary == one.primary)
    }
    let both = one.adding(selfSignaturesOf: one)
    precondition(both.keys.map(\.fingerprint) == one.keys.map(\.fingerprint))
    let time: Int64 = 1_800_000_000
    precondition(both.listing(at: time).signingKeys.count == one.listing(at: time).signingKeys.count)
    for key in one.keys {
      // Who signs at a moment may sign by what decides at that moment.
      let isGood = one.standing(of: key.fingerprint, signedAt: time, judgedAt: .now(time)) == .good
      precondition(!isGood || key.isPrimary || one.uses(of: key, at: time).contains(.sign))
      precondition(!isGood || one.oldHash(of: key, at: time) != .void)
      if let info = key.subjectPublicKeyInfo { precondition(info.first == 0x30) }
    }
  },
  // A signature in its armor, then certificates: whoever is a candidate is named by the signature, and a signature that
  // was verified is by a candidate.
  "keyring": { bytes in
    let text = Array(bytes)
    guard let end = text.firstRange(of: "-----END PGP SIGNATURE-----\n".utf8)?.upperBound,
      case .openPGP(let signature) = SignatureBlock.read(armor: Array(text[..<end]))
    else { return }
    let keyring = Keyring(CertificateFile.certificates(in: Array(text[end...])))
    for place in keyring.candidates(for: signature) {
      let key = keyring.certificates[place.certificate].fingerprints[place.key]
      precondition(signature.issuerFingerprint.map { $0 == key } ?? (signature.issuerKeyID == key.keyID))
      precondition(keyring.places(of: key).contains(place))
    }
    _ = keyring.hasCanonicalNumbers(signature)
    let shown = CertificateFile.certificates(in: keyring.gnupgKeyring)
    precondition(Set(shown.map(\.primary)).isSubset(of: keyring.certificates.map(\.primary)))
  },
  // Whatever a file is made of, no key is told twice, and none that is not in it.
  "certificates": { bytes in
    let text = Array(bytes)
    let found = CertificateFile.certificates(in: text)
    let survey = CertificateSurvey(text)
    precondition(found.count <= survey.certificates)
    precondition(Set(found.map(\.primary)).count == found.count)
    for one in found { precondition(try! Certificate.read(one.published).primary == one.primary) }
  },
  // A bundle's parts are all of it, each named as its own reader would name it; and no secret is among them.
  "bundle": { bytes in
    guard let bundle = try? CertificateBundle(Array(bytes)) else { return }
    if let first = bytes.first, first & 0x80 != 0 { precondition(bytes.elementsEqual(bundle.parts.flatMap(\.bytes))) }
    for part in bundle.parts {
      precondition(!CertificateSurvey(part.bytes).seemsSecret)
      guard let certificate = try? Certificate.read(part.bytes) else { continue }
      precondition(certificate.primary == part.fingerprint)
    }
  },
  // What a server gives is the certificate that was asked for, or none.
  "answer": { bytes in
    let text = Array(bytes)
    let first = (try? CertificateBundle(text))?.parts.lazy.compactMap(\.fingerprint).first
    guard let wanted = first ?? Fingerprint(hex: "8B1C7D5A3F0E2649B8D7C6A5F4E3D2C1B0A99887") else { return }
    for isServer in [true, false] {
      let result = CertificateAnswer.Result(text, for: wanted, isServer: isServer)
      guard case .found(let certificate) = result else { continue }
      precondition(certificate.primary == wanted)
    }
  },
  // A key's packet says what its body says.
  "key": { bytes in
    guard let key = try? KeyPacket(body: Array(bytes), isPrimary: true) else { return }
    var reader = ByteReader(key.packet)
    let header = try! PacketHeader.read(&reader)
    precondition(header.type == PacketHeader.publicKey && reader.isAtEnd)
    precondition(bytes.elementsEqual(key.packet[header.body]))
    precondition(key.fingerprint.count == 20 && key.created >= 0)
    if let modulus = key.modulus { precondition(modulus.first != 0) }
    if key.isSafeForGnuPG { precondition(key.algorithm.rawValue != 0) }
  },
  // Revocations do not depend on which file stands first, or on one that stands twice.
  "revocation": { bytes in
    let half = bytes.count / 2
    let (one, other) = (Array(bytes[..<half]), Array(bytes[half...]))
    let found = KeyRevocation.search([Array(bytes)])
    if found.flooded == nil { precondition(KeyRevocation.search([Array(bytes), Array(bytes)]).found == found.found) }
    precondition(KeyRevocation.all(in: [one, other]) == KeyRevocation.all(in: [other, one]))
  },
  // Certificates of X.509 in DER are read to their last octet: what was read makes up the whole again.
  "x509": { bytes in
    guard let one = try? X509Certificate(der: Array(bytes)) else { return }
    let signature = der(0x03, [0] + one.signature)
    precondition(bytes.elementsEqual(der(0x30, one.signedBytes + one.algorithm + signature)))
    precondition(Set(one.extensions.map(\.oid)).count == one.extensions.count)
    if let authority = try? one.authority(), let length = authority.pathLength {
      precondition(authority.isOne && length >= 0)
    }
    _ = try? one.maySignCertificates()
    _ = one.hasSigned(one)
  },
  // A chain is one of signatures, from a statement to the root.
  "attestation": { bytes in
    guard let file = try? AttestationFile.read(Array(bytes)) else { return }
    precondition(!(try! AttestationFile.certificates(in: Array(bytes))).isEmpty)
    precondition(AttestationFile.text(file.certificates.map(\.der)) == Array(bytes))
    var policy = Policy.standard
    policy.attestationRoots = file.certificates.suffix(1).map { $0.digest.map { hex($0) }.joined() }
    for place in file.certificates.indices {
      var touched: Set<Int> = []
      _ = try? AttestationStatement(file.certificates[place])
      let roots = AttestationRoots(policy)
      guard
        let chain = try? AttestationChain.walk(from: place, in: file.certificates, to: roots, touched: &touched)
      else { continue }
      let certificates = chain.places.map { file.certificates[$0] }
      for (below, above) in zip(certificates, certificates.dropFirst()) { precondition(above.hasSigned(below)) }
      precondition(roots.owner(of: certificates[certificates.count - 1].digest) != nil)
      precondition(!certificates.dropFirst().contains { $0.isStatement })
    }
  },
]

private func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

/// One value in DER: its kind, the length in its one form, the content.
private func der(_ kind: UInt8, _ content: some Collection<UInt8>) -> [UInt8] {
  var length: [UInt8] = []
  var rest = content.count
  repeat {
    length.insert(UInt8(rest & 0xFF), at: 0)
    rest >>= 8
  } while rest > 0
  return [kind] + (content.count < 128 ? length : [0x80 | UInt8(length.count)] + length) + content
}
