internal import Basics

/// The certificates that an attestation may end in, by the SHA-256 of their DER: only the hash decides, so no date, no
/// name and no signature of a root is ever trusted.
struct AttestationRoots: Sendable {
  enum Owner: Sendable {
    case yubico
    /// A root that the policy names in `attestation-roots`.
    case policy
  }

  private let yubico: Set<[UInt8]>
  private let policy: Set<[UInt8]>

  init(_ policy: Policy, yubico: [String] = yubicoDigests) {
    self.yubico = Set(yubico.compactMap(bytesOfHex))
    self.policy = Set(policy.attestationRoots.compactMap(bytesOfHex))
  }

  /// Whose root a certificate is; nil when it is none. Yubico's are Yubico's, also where a policy names them again:
  /// else that would take away what is asked of chains that end there.
  func owner(of digest: [UInt8]) -> Owner? {
    if yubico.contains(digest) { return .yubico }
    return policy.contains(digest) ? .policy : nil
  }

  /// From https://developers.yubico.com/PKI/: yubico-opgp-ca-1.pem ("Yubico OpenPGP Attestation CA", firmware 5.2 to
  /// 5.7.3) and yubico-ca-1.pem ("Yubico Attestation Root 1", firmware 5.7.4 and newer).
  static let yubicoDigests = [
    "6937cfa21c2189a7b219c71db39ef7112ee24b8801b1521d8296d087f2eee615",
    "62760c6a6ef91679f454c8902b80fd009825b3f25da90f1fbace2ec6586cd5a8",
  ]

  /// What the name of a certificate authority begins with that certifies the OpenPGP attestation keys of YubiKeys.
  static let yubicoIssuerPrefix = "Yubico OPGP Attestation "
}
