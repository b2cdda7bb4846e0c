/// Certificates, with every key of each of them to be found at once.
package struct Keyring: Sendable {
  /// In the order in which they were handed in.
  package let certificates: [Certificate]
  private let places: [KeyID: [Place]]

  /// A key by its position: which certificate, and which key in it.
  package struct Place: Hashable, Sendable {
    /// The place of the certificate.
    package let certificate: Int
    /// The place of the key in it; 0 is the primary key.
    package let key: Int
  }

  /// Indexes the keys of these certificates.
  package init(_ certificates: [Certificate]) {
    self.certificates = certificates
    var places: [KeyID: [Place]] = [:]
    for (certificate, value) in certificates.enumerated() {
      for (key, fingerprint) in value.fingerprints.enumerated() {
        places[fingerprint.keyID, default: []].append(Place(certificate: certificate, key: key))
      }
    }
    // Anyone can list another person's subkey in a certificate: the one that it has agreed to goes first.
    func isClaim(_ place: Place) -> Bool {
      let key = certificates[place.certificate].keys[place.key]
      return !key.isPrimary && !key.hasSignedBack
    }
    self.places = places.mapValues { $0.count == 1 ? $0 : $0.filter { !isClaim($0) } + $0.filter(isClaim) }
  }

  /// The keys that `signature` may be by: those with its issuer fingerprint, or with its issuer key id where
  /// it states no fingerprint. Several where ids collide; none when it names nobody here.
  package func candidates(for signature: SignaturePacket) -> [Place] {
    candidates(fingerprint: signature.issuerFingerprint, keyID: signature.issuerKeyID)
  }

  /// The same, for what a signature names as its issuer.
  package func candidates(fingerprint: Fingerprint?, keyID: KeyID?) -> [Place] {
    guard let fingerprint else { return keyID.flatMap { places[$0] } ?? [] }
    return places(of: fingerprint)
  }

  /// Whether the numbers of `signature` are the only ones with which a candidate could have made it.
  ///
  /// Attack: a signature with the modulus added to its number, which GnuPG takes for the same: two commits with the
  /// same content and the same signature, and different ids.
  package func hasCanonicalNumbers(_ signature: SignaturePacket) -> Bool {
    candidates(for: signature).contains { place in
      (try? SignatureNumbers.checkCanonical(signature.fields, of: certificates[place.certificate].keyPacket(place.key)))
        != nil
    }
  }

  /// All keys with this fingerprint.
  package func places(of fingerprint: Fingerprint) -> [Place] {
    (places[fingerprint.keyID] ?? []).filter { certificates[$0.certificate].fingerprints[$0.key] == fingerprint }
  }

  /// The certificates as GnuPG reads them from a keyring file: packets one after the other, without armor.
  /// Those whose primary key cannot count are left out, see ``KeyPacket/isSafeForGnuPG``.
  package var gnupgKeyring: [UInt8] {
    certificates.flatMap { certificate in
      certificate.gnupgPackets(claimed: certificate.fingerprints.allSatisfy { places[$0.keyID]?.count == 1 }) ?? []
    }
  }
}
