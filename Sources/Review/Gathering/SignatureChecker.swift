internal import GitBridge
package import OpenPGP

/// What is known of the signature on one object, whatever registry it is later judged by.
package enum SignatureCheck: Sendable {
  /// No signature, or one that no maintainer makes (SSH, X.509).
  case unsigned
  /// An OpenPGP signature that is not admitted, before any key is looked at.
  case unreadable(SignatureDefect)
  /// What the engines say of it under one keyring.
  case checked(SignaturePacketHint, Answer)
  /// Ours says one thing and GnuPG another.
  case disagreed(SignaturePacketHint, String)
}

/// Whom a signature names as its maker: enough to find candidates in another registry.
package struct SignaturePacketHint: Sendable {
  package let fingerprint: Fingerprint?
  package let keyID: KeyID?

  init(_ packet: SignaturePacket) {
    fingerprint = packet.issuerFingerprint
    keyID = packet.issuerKeyID
  }
}

/// One signature to check: the armor and the two pieces of the bytes that it covers.
struct SignatureJob {
  let armor: [UInt8]
  let payload: (Range<Int>, Range<Int>)
}

/// Checks signatures against one keyring, with one engine or with two that must agree.
///
/// May be used from several threads at once: the native engine is immutable, GnuPG processes are
/// taken from a pool.
final class SignatureChecker: Sendable {
  let keyring: Keyring
  private let choice: EngineChoice
  private let native: NativeEngine
  private let processes: EnginePool

  init(keyring: Keyring, choice: EngineChoice) {
    self.keyring = keyring
    self.choice = choice
    native = NativeEngine(keyring: keyring)
    processes = EnginePool(keyring: keyring, choice: choice)
  }

  /// Starts GnuPG now, so that it is ready when the first signature has been read.
  func warmUp() {
    processes.warmUp()
  }

  /// Checks the signatures on parts of one buffer. The answers are in the order of the jobs.
  func check(_ jobs: [SignatureJob?], in bytes: UnsafeRawBufferPointer) -> [SignatureCheck] {
    var checks = [SignatureCheck](repeating: .unsigned, count: jobs.count)
    var asked: [Int] = []
    var questions: [Question] = []
    for (index, job) in jobs.enumerated() {
      guard let job else { continue }
      switch SignatureBlock.read(armor: job.armor) {
      case .ssh, .x509: break
      case .unreadable(let defect): checks[index] = .unreadable(defect)
      case .openPGP(let packet):
        let hint = SignaturePacketHint(packet)
        // Nobody registered made it: no engine needs to look at it.
        guard !keyring.candidates(for: packet).isEmpty else {
          checks[index] = .checked(hint, .unknownKey)
          continue
        }
        let question = unsafe Question(
          signature: packet,
          payload: (
            UnsafeRawBufferPointer(rebasing: bytes[job.payload.0]),
            UnsafeRawBufferPointer(rebasing: bytes[job.payload.1])
          ))
        if choice != .gpgme { checks[index] = .checked(hint, unsafe native.judge(question)) }
        if choice != .native {
          asked.append(index)
          unsafe questions.append(question)
        }
      }
    }
    guard !asked.isEmpty else { return checks }
    let answers = unsafe processes.judge(questions)
    for (place, index) in asked.enumerated() {
      let hint = unsafe SignaturePacketHint(questions[place].signature)
      guard choice == .both, case .checked(_, let own) = checks[index] else {
        checks[index] = .checked(hint, answers[place])
        continue
      }
      if case .failed = answers[place] {
        checks[index] = .checked(hint, answers[place])
      } else if case .disagree(let text) = agreement(native: own, gnupg: answers[place]) {
        checks[index] = .disagreed(hint, text)
      }
    }
    return checks
  }
}
