/// One key of a certificate, the primary or a subkey, with what its self-signatures say of it.
package final class CertificateKey: Sendable {
  let packet: KeyPacket
  /// Bindings of a subkey; empty for the primary key.
  let bindings: [SelfSignature]
  /// That this key itself was taken back. A subkey whose primary key was is worth no more.
  package let revocation: Revocation?
  /// The same, of those only that may be a forgery because they cannot be checked here.
  let uncheckedRevocation: Revocation?

  init(packet: KeyPacket, bindings: [SelfSignature], revocations: Revocations) {
    self.packet = packet
    self.bindings = bindings
    revocation = .worst(of: revocations.checked + revocations.unchecked)
    uncheckedRevocation = .worst(of: revocations.unchecked)
  }

  /// Of the very key.
  package var fingerprint: Fingerprint { packet.fingerprint }
  /// The last eight octets of the fingerprint.
  package var keyID: KeyID { packet.fingerprint.keyID }
  /// What the packet says.
  package var algorithm: PublicKeyAlgorithm { packet.algorithm }
  /// Seconds since 1970.
  package var created: Int64 { packet.created }
  /// Whether it is the certificate's first key.
  package var isPrimary: Bool { packet.isPrimary }
  /// For people: `RSA`, `Ed25519`, `NIST P-256`…
  package var algorithmName: String { packet.description.name }
  /// Size of the modulus or the field; `nil` where the name says it all.
  package var bits: Int? { packet.description.bits }

  /// Whether this subkey has ever agreed to belong to the primary key, as a subkey must that signs.
  var hasSignedBack: Bool { bindings.contains(where: \.signsBack) }

  /// Why the mathematics of this key cannot count, whatever binds it; `nil` when it can.
  var unfitness: Standing? {
    let size = bits.map { "-\($0)" } ?? ""
    return switch packet.material {
    case .weak: .weakKey("\(algorithmName)\(size)")
    case .other: .unsupported(algorithmName)
    default: nil
    }
  }
}
