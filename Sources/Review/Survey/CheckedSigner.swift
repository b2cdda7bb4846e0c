internal import OpenPGP

/// Whose a checked signature is, if it counts.
struct CheckedSigner: Sendable {
  /// Certificates by their primary keys; one person each.
  private let places: [Fingerprint: Int32]
  private let keyring: Keyring?
  private let machines: MachineKeys
  private let reference: OpenPGP.Reference

  init(_ keyring: Keyring?, _ machines: MachineKeys, _ reference: OpenPGP.Reference) {
    self.keyring = keyring
    self.machines = machines
    self.reference = reference
    var places: [Fingerprint: Int32] = [:]
    for certificate in keyring?.certificates ?? [] where places[certificate.primary] == nil {
      places[certificate.primary] = Int32(places.count)
    }
    self.places = places
  }

  /// -1 for a signature that is not good, and for a machine's.
  func person(_ check: SignatureCheck) -> Int32 {
    guard case .checked(_, let answer) = check else { return -1 }
    switch answer {
    case .good(let key, let primary, let time), .expired(let key, let primary, let time),
      .revoked(let key, let primary, let time):
      guard keyring?.standing(of: key, in: primary, signedAt: time, judgedAt: reference) == .good else { return -1 }
      let isMachine = [key, primary].contains {
        machines.contains(SignatureClaim(format: .openPGP, maker: .fingerprint($0)))
      }
      return isMachine ? -1 : places[primary] ?? -1
    case .bad, .unknownKey, .unsupported, .failed: return -1
    }
  }
}
