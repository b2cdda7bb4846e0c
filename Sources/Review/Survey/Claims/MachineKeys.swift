internal import OpenPGP

/// Keys that sign without a person: a forge signs with them whatever its button, its editor or its API makes.
package struct MachineKeys: Sendable {
  /// GitHub's, of 2017 to 2024 and since; `https://github.com/web-flow.gpg` has both.
  private static let known = ["4AEE18F83AFDEB23", "B5690EEEBB952194"]

  private var ids: Set<KeyID> = []
  private var fingerprints: Set<Fingerprint> = []
  private var names: Set<String> = []

  /// - Parameter further: Fingerprints and key ids of OpenPGP keys, SSH keys as `SHA256:…`, identities of certificates.
  package init(further: [String] = []) {
    for text in Self.known + further {
      let digits = Array(text.utf8.filter { $0 != UInt8(ascii: " ") })
      if let fingerprint = Fingerprint(hex: digits) {
        fingerprints.insert(fingerprint)
        // A signature may name no more than the id.
        ids.insert(fingerprint.keyID)
      } else if digits.count == 16, let id = UInt64(String(decoding: digits, as: UTF8.self), radix: 16) {
        ids.insert(KeyID(id))
      } else {
        names.insert(text)
      }
    }
  }

  func contains(_ claim: SignatureClaim) -> Bool {
    switch claim.maker {
    // An id that was given stands for every key that has it: what is wrongly taken for a machine endorses nothing.
    case .fingerprint(let fingerprint): fingerprints.contains(fingerprint) || ids.contains(fingerprint.keyID)
    case .keyID(let id): ids.contains(id)
    default: names.contains(claim.key)
    }
  }
}
