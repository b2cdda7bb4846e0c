internal import OpenPGP
internal import Review

/// Holds a fresh signature against what the hook will ask of it, before it goes anywhere.
struct SignatureProof {
  let key: SigningKey
  private let native: NativeEngine
  private let gnupg: GnuPGEngine

  init(_ key: SigningKey) {
    self.key = key
    let keyring = Keyring([key.certificate])
    native = NativeEngine(keyring: keyring)
    gnupg = GnuPGEngine(keyring: keyring)
    // Its start-up runs while the person looks for the card.
    gnupg.start()
  }

  /// - Parameter clock: Seconds since 1970.
  /// - Returns: The signature's packet.
  func check(_ armor: [UInt8], over payload: [UInt8], clock: Int64) throws(SigningError) -> SignaturePacket {
    let packet: SignaturePacket
    switch SignatureBlock.read(armor: armor) {
    case .openPGP(let read): packet = read
    case .unreadable(let defect): throw .notVerified(defect.message)
    case .ssh, .x509: throw .notVerified("it is no OpenPGP signature")
    }
    // A clock that is wrong now makes a signature that is worthless later.
    guard packet.created <= clock + SignatureTerms.allowedLead else { throw .notVerified("it is dated in the future") }
    for (name, answer) in [
      ("our own engine", Question.asking(packet, over: payload) { native.judge($0) }),
      ("GnuPG", Question.asking(packet, over: payload) { gnupg.judge($0) }),
    ] {
      switch answer {
      case .good(let signer, let primary, _):
        guard signer == key.signing, primary == key.primary else {
          throw .otherSigner(expected: key.signing, found: signer)
        }
      case .unknownKey:
        if let signer = packet.issuerFingerprint, signer != key.signing {
          throw .otherSigner(expected: key.signing, found: signer)
        }
        throw .notVerified("\(name) finds another key's signature")
      case .bad: throw .notVerified("\(name) finds it bad")
      case .expired: throw .notVerified("\(name) finds the key expired")
      case .revoked: throw .notVerified("\(name) finds the key revoked")
      case .unsupported(let text), .failed(let text): throw .notVerified("\(name) cannot judge it: \(text)")
      }
    }
    return packet
  }
}
