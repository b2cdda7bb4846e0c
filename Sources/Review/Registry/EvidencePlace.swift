package import OpenPGP

/// Where the registry keeps what shows that a key lives on a card: `keys/<PRIMARY>.evidence/`, beside the certificate,
/// so that the id of the folder `keys` goes on naming all of the registry but its list.
package enum EvidencePlace {
  /// The name of the file with a card's statements and their chains, in PEM.
  package static let attestation = "attestation.pem"
  static let witnessSuffix = ".witness"

  /// Bounds for each file, and for the names in one folder: what anybody may write is read by everybody's hook.
  package static let fileLimit = 64 * 1024
  /// More statements about one key are an attack on whoever reads them.
  package static let mostWitnesses = 64

  /// Where evidence for the keys of a certificate lies, relative to the top of the tree.
  package static func folder(of primary: Fingerprint) -> String { "\(Registry.keysFolder)/\(primary.hex).evidence" }

  /// The path of ``attestation`` for a certificate.
  package static func attestation(of primary: Fingerprint) -> String { "\(folder(of: primary))/\(attestation)" }

  /// The statement of one witness, named after the primary key that signed it.
  package static func statement(about primary: Fingerprint, by witness: Fingerprint) -> String {
    "\(folder(of: primary))/\(witness.hex)\(witnessSuffix)"
  }

  /// The witness that a file's name names; nil when it is no statement's name.
  static func witness(named name: [UInt8]) -> Fingerprint? {
    let suffix = Array(witnessSuffix.utf8)
    guard name.count > suffix.count, name.suffix(suffix.count).elementsEqual(suffix) else { return nil }
    let hex = name.dropLast(suffix.count)
    // One spelling only: else one person's statement could lie there twice.
    guard let fingerprint = Fingerprint(hex: hex), Array(fingerprint.hex.utf8) == Array(hex) else { return nil }
    return fingerprint
  }
}
