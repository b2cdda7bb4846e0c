internal import OpenPGP
internal import Review

/// Holds a fresh signature against what the hook will ask of it, before it goes anywhere.
final class SignatureProof {
  let key: SigningKey
  private let native: NativeEngine
  private let gnupg: GnuPGEngine
  /// What GnuPG has not spoken of yet, or has not been heard about: oldest first.
  private var owed: [SignaturePacket] = []
  private var answers: [Answer] = []

  init(_ key: SigningKey) {
    self.key = key
    let keyring = Keyring([key.certificate])
    native = NativeEngine(keyring: keyring)
    gnupg = GnuPGEngine(keyring: keyring)
    // Its start-up runs while the person looks for the card.
    gnupg.start()
  }

  /// Asks both engines, and waits for ours only.
  ///
  /// - Parameter clock: Seconds since 1970.
  /// - Returns: The signature's packet.
  func begin(_ armor: [UInt8], over payload: [UInt8], clock: Int64) throws(SigningError) -> SignaturePacket {
    switch SignatureBlock.read(armor: armor) {
    case .openPGP(let packet):
      try begin(packet, over: payload, clock: clock)
      return packet
    case .unreadable(let defect): throw .notVerified(defect.message)
    case .ssh, .x509: throw .notVerified("it is no OpenPGP signature")
    }
  }

  func begin(_ packet: SignaturePacket, over payload: [UInt8], clock: Int64) throws(SigningError) {
    // A clock that is wrong now makes a signature that is worthless later.
    guard packet.created <= clock + SignatureTerms.allowedLead else { throw .notVerified("it is dated in the future") }
    try admit(Question.asking(packet, over: payload) { native.judge($0) }, of: packet, by: "our own engine")
    owed.append(packet)
    answers += Question.asking(packet, over: payload) { gnupg.submit($0) }
  }

  /// Waits for GnuPG's word on the oldest signature that was begun.
  func settle() throws(SigningError) {
    guard let packet = owed.first else { return }
    owed.removeFirst()
    if answers.isEmpty { answers = gnupg.oldest() }
    guard let answer = answers.first else { throw .notVerified("GnuPG does not answer") }
    answers.removeFirst()
    try admit(answer, of: packet, by: "GnuPG")
  }

  /// Waits for GnuPG's word on all that were begun.
  func settleAll() throws(SigningError) {
    while !owed.isEmpty { try settle() }
  }

  private func admit(_ answer: Answer, of packet: SignaturePacket, by name: String) throws(SigningError) {
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
}
