/// Signature mathematics in this process, by swift-crypto: Ed25519, ECDSA over the NIST curves, RSA.
/// May be used from several threads at once.
package struct NativeEngine: SignatureEngine, Sendable {
  /// Whose signatures it can judge.
  package let keyring: Keyring
  /// For messages.
  package var name: String { "native" }

  package init(keyring: Keyring) {
    self.keyring = keyring
  }

  package func judge(_ question: Question) -> Answer {
    let signature = question.signature
    var answer = Answer.unknownKey
    for place in keyring.candidates(for: signature) {
      let certificate = keyring.certificates[place.certificate]
      let key = certificate.keys[place.key]
      switch key.packet.verify(signature.fields, question) {
      case .good: return .good(key: key.fingerprint, primary: certificate.primary, time: signature.created)
      case .bad: answer = .bad
      case .unsupported(let reason): if answer != .bad { answer = .unsupported(reason) }
      }
    }
    return answer
  }
}

extension KeyPacket {
  func verify(_ fields: SignatureFields, _ question: Question) -> Verification {
    guard fields.keyAlgorithm == algorithm else { return .bad }
    return unsafe material.verify(fields, over: question.head, question.tail)
  }
}
