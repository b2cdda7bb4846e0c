internal import GitBridge
internal import OpenPGP

/// Who made a commit's signature, by the mathematics alone; what that key is worth is the rule's affair.
enum ForeignSigner {
  /// The key that signed, its certificate's primary key, and when.
  case key(Fingerprint, primary: Fingerprint, time: Int64)
  /// A state of ``ForeignCommit`` and what there is to say about it.
  case nobody(state: String, detail: String)
}

extension CommitRecord {
  var signer: ForeignSigner {
    func nobody(_ state: String, _ detail: String = "") -> ForeignSigner { .nobody(state: state, detail: detail) }
    if let defect { return nobody(RefusalCode.malformedCommit.rawValue, defect.rawValue) }
    switch signature {
    case .unsigned: return nobody(ForeignCommit.unsigned)
    case .unreadable(let defect): return nobody(defect.code, defect.message)
    case .disagreed(_, let text): return nobody(RefusalCode.enginesDisagree.rawValue, text)
    case .checked(let hint, let answer):
      switch answer {
      case .good(let subkey, let primary, let time), .expired(let subkey, let primary, let time),
        .revoked(let subkey, let primary, let time):
        return .key(subkey, primary: primary, time: time)
      case .bad: return nobody(RefusalCode.badSignature.rawValue)
      case .unknownKey: return nobody(ForeignCommit.unknownKey, hint.fingerprint?.hex ?? hint.keyID?.hex ?? "")
      case .unsupported(let text): return nobody(RefusalCode.unknownKeyFormat.rawValue, text)
      case .failed(let text): return nobody(RefusalCode.engineFailed.rawValue, text)
      }
    }
  }
}

extension Keyring {
  /// How a key stands in its certificate; nil where there is no such certificate.
  func standing(
    of key: Fingerprint, in primary: Fingerprint, signedAt time: Int64, judgedAt reference: OpenPGP.Reference
  ) -> Standing? {
    certificates.first { $0.primary == primary }?.standing(of: key, signedAt: time, judgedAt: reference)
  }
}
