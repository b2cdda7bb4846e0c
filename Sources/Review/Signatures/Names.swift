package import OpenPGP

extension Fingerprint {
  /// Stands for a key that is not known. No key has this fingerprint.
  package static let unknown: Fingerprint = {
    guard let none = Fingerprint(bytes: [UInt8](repeating: 0, count: 20)) else {
      preconditionFailure("20 octets are a fingerprint")
    }
    return none
  }()
}

extension Keyring {
  static let empty = Keyring([])

  /// The fingerprints of the keys that a signature with this issuer may be by.
  func keys(fingerprint: Fingerprint?, keyID: KeyID?) -> [Fingerprint] {
    candidates(fingerprint: fingerprint, keyID: keyID).map { certificates[$0.certificate].fingerprints[$0.key] }
  }
}
