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
  /// Of the key that the packet names, if it names one by fingerprint.
  package let fingerprint: Fingerprint?
  /// The 64-bit id that the packet names.
  package let keyID: KeyID?

  init(_ packet: SignaturePacket) {
    fingerprint = packet.issuerFingerprint
    keyID = packet.issuerKeyID
  }

  init(fingerprint: Fingerprint) {
    self.fingerprint = fingerprint
    keyID = fingerprint.keyID
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
  /// Names keyring and engines in the cache: what was found under them holds under them only.
  let cacheKey: CacheKey
  private let reference: OpenPGP.Reference

  /// - Parameters:
  ///   - reference: The moment at which keys are judged: GnuPG says what it thinks of a key now.
  ///   - shelf: Where keyboxes are kept from one process to the next, if they are.
  ///   - deadline: When GnuPG is waited for no longer.
  init(
    keyring: Keyring, choice: EngineChoice, reference: OpenPGP.Reference, shelf: KeyboxShelf? = nil,
    deadline: ContinuousClock.Instant? = nil
  ) {
    self.keyring = keyring
    self.choice = choice
    self.reference = reference
    cacheKey = CacheKey(of: Array(choice.rawValue.utf8) + [0] + keyring.certificates.flatMap(\.content))
    native = NativeEngine(keyring: keyring)
    processes = EnginePool(keyring: keyring, choice: choice, shelf: choice == .native ? nil : shelf, deadline: deadline)
  }

  /// Starts GnuPG now, so that it is ready when the first signature has been read.
  func warmUp() {
    processes.warmUp()
  }

  /// Lets the next process find a keybox, where this one asked gpg without.
  func keepKeybox() {
    processes.keepKeybox()
  }

  /// Checks the signatures on parts of one buffer. The answers are in the order of the jobs.
  func check(_ jobs: [SignatureJob], in bytes: UnsafeRawBufferPointer) -> [SignatureCheck] {
    var checks = [SignatureCheck](repeating: .unsigned, count: jobs.count)
    var places: [Int] = []
    var questions: [Question] = []
    places.reserveCapacity(jobs.count)
    questions.reserveCapacity(jobs.count)
    for (index, job) in jobs.enumerated() {
      switch SignatureBlock.read(armor: job.armor) {
      case .ssh, .x509: break
      case .unreadable(let defect): checks[index] = .unreadable(defect)
      case .openPGP(let packet):
        places.append(index)
        unsafe questions.append(
          Question(
            signature: packet, head: UnsafeRawBufferPointer(rebasing: bytes[job.payload.0]),
            tail: UnsafeRawBufferPointer(rebasing: bytes[job.payload.1])))
      }
    }
    for (place, check) in zip(places, answer(questions)) { checks[place] = check }
    return checks
  }

  /// Checks one signature over an array of bytes.
  func check(_ signature: SignaturePacket, over content: [UInt8]) -> SignatureCheck {
    Question.asking(signature, over: content) { question in answer([question])[0] }
  }

  /// Whether a signature is mathematically good, and its key expired, revoked or otherwise not to be counted.
  private func isDoubtful(_ answer: Answer) -> Bool {
    guard case .good(let key, let primary, let time) = answer else { return false }
    return keyring.certificates.allSatisfy {
      $0.primary != primary || $0.standing(of: key, signedAt: time, judgedAt: reference) != .good
    }
  }

  private func answer(_ questions: [Question]) -> [SignatureCheck] {
    // What nobody registered made, no engine needs to look at.
    var known = questions.indices.filter { !keyring.candidates(for: questions[$0].signature).isEmpty }
    var checks = questions.map { SignatureCheck.checked(SignaturePacketHint($0.signature), .unknownKey) }
    for index in known where !keyring.hasCanonicalNumbers(questions[index].signature) {
      checks[index] = .checked(SignaturePacketHint(questions[index].signature), .bad)
    }
    known.removeAll { if case .checked(_, .bad) = checks[$0] { true } else { false } }
    if choice != .gpgme {
      for index in known {
        checks[index] = .checked(SignaturePacketHint(questions[index].signature), native.judge(questions[index]))
      }
    }
    guard choice != .native, !known.isEmpty else { return checks }
    for (index, answer) in zip(known, processes.judge(known.map { questions[$0] })) {
      let hint = SignaturePacketHint(questions[index].signature)
      guard choice == .both, case .checked(_, let own) = checks[index] else {
        checks[index] = .checked(hint, answer.withoutStanding)
        continue
      }
      if case .failed = answer {
        checks[index] = .checked(hint, answer)
      } else if case .disagree(let text) = agreement(
        native: own, gnupg: answer, judgedAt: reference, isDoubtful: isDoubtful(own))
      {
        checks[index] = .disagreed(hint, text)
      }
    }
    return checks
  }
}

extension Answer {
  /// GnuPG's opinion on expiry and revocation set aside: the certificate's standing decides on those,
  /// at the time that the rule asks for.
  fileprivate var withoutStanding: Answer {
    switch self {
    case .expired(let key, let primary, let time), .revoked(let key, let primary, let time):
      .good(key: key, primary: primary, time: time)
    default: self
    }
  }
}
