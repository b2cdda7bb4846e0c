/// What the machine's GnuPG makes of a keyring: which of the keys that count for us it does not know.
///
/// Whoever changes a registry learns it from this before the change, and not from the first push after it.
package struct GnuPGReading: Equatable, Sendable {
  /// A key that could sign, and that GnuPG lacks or does not let sign.
  package struct Miss: Hashable, Sendable {
    /// Of the certificate.
    package let primary: Fingerprint
    /// Of the very key.
    package let key: Fingerprint
    /// Why, as far as GnuPG says so; our own words only.
    package let reason: String

    package init(primary: Fingerprint, key: Fingerprint, reason: String) {
      self.primary = primary
      self.key = key
      self.reason = reason
    }
  }

  /// In the order of the keyring.
  package var misses: [Miss] = []
  /// Why GnuPG could not be asked; then nothing is known about what it knows.
  package var trouble: String?

  package init(misses: [Miss] = [], trouble: String? = nil) {
    self.misses = misses
    self.trouble = trouble
  }

  /// Asks GnuPG, in the way in which it is asked at a push, about a signature that nobody has made, for each key that
  /// could sign at `time` (seconds since 1970). Who calls that bad knows the key and its mathematics.
  package static func of(_ keyring: Keyring, at time: Int64, settings: GnuPGEngine.Settings = .init()) -> GnuPGReading {
    var reading = GnuPGReading()
    let engine = GnuPGEngine(keyring: keyring, settings: settings)
    var asked: [(primary: Fingerprint, key: CertificateKey)] = []
    var answers: [Answer] = []
    for certificate in keyring.certificates {
      for key in certificate.keys
      where certificate.standing(of: key.fingerprint, signedAt: time, at: time, ignoringRevocations: true) == .good {
        guard let signature = nobodysSignature(key, time) else { continue }
        asked.append((certificate.primary, key))
        answers += Question.asking(signature, over: [0]) { engine.submit($0) }
      }
    }
    answers += engine.finish()
    guard answers.count == asked.count else {
      return GnuPGReading(trouble: "GnuPG gave \(answers.count) answers to \(asked.count) questions")
    }
    for (question, answer) in zip(asked, answers) {
      let reason: String
      switch answer {
      // That somebody could have made it is as good as impossible, and it would show the same.
      case .bad, .good, .expired, .revoked: continue
      case .unknownKey: reason = "GnuPG does not know the key"
      case .unsupported(let text): reason = text
      case .failed(let text):
        reading.trouble = text
        continue
      }
      let name = question.key.algorithmName
      let algorithm =
        question.key.packet.isSafeForGnuPG ? "" : " (\(name), algorithm \(question.key.algorithm.rawValue))"
      reading.misses.append(Miss(primary: question.primary, key: question.key.fingerprint, reason: reason + algorithm))
    }
    return reading
  }

  /// A well-formed signature in the key's name with numbers that fit its kind.
  private static func nobodysSignature(_ key: CertificateKey, _ time: Int64) -> SignaturePacket? {
    var area: [UInt8] = [5, 2]
    area.append(bigEndian: UInt32(truncatingIfNeeded: time))
    area += [22, 33, 4] + key.fingerprint.bytes
    var body: [UInt8] = [4, SignatureType.document, key.algorithm.rawValue, HashAlgorithm.sha512.rawValue]
    body.append(bigEndian: UInt16(area.count))
    body += area + [0, 10, 9, 16]
    body.append(bigEndian: key.keyID.value)
    body += [0, 0]
    let one: [UInt8] = [0, 1, 1]
    switch key.algorithm {
    case .rsa, .rsaSignOnly: body += one
    case .ed25519: body += [UInt8](repeating: 1, count: 64)
    default: body += one + one
    }
    return try? SignaturePacket(packet: PacketHeader.frame(PacketHeader.signature, body))
  }
}
