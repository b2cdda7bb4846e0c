internal import GitBridge
internal import OpenPGP

/// Reads and judges the files that show where a registry's keys live.
///
/// A file that is malformed, or a folder, costs the proof that it would have been, and nothing else: the registry says
/// who people are with or without it.
struct EvidenceReader<Source: EvidenceSource> {
  let source: Source
  let registry: Registry
  let policy: Policy
  let settings: ReviewSettings

  /// - Parameter level: What a proof is looked for. `witnessed` looks for both kinds, for an attestation reaches it
  ///   too.
  func read(_ level: Evidence) throws(ReviewProblem) -> KeyEvidence {
    var evidence = KeyEvidence.none
    guard level.needsProof else { return evidence }
    let attestations = AttestationJudge(policy)
    let witnesses = level == .witnessed ? WitnessJudge(registry, settings) : nil
    for entry in registry.keys {
      guard !entry.isMachine, !entry.isShared, let certificate = registry.certificates[entry.fingerprint],
        let names = try names(about: entry, &evidence)
      else { continue }
      if names.contains(Array(EvidencePlace.attestation.utf8)) {
        try attest(entry, certificate, attestations, &evidence)
      }
      if let witnesses { try hear(names, about: entry, witnesses, &evidence) }
    }
    return evidence
  }

  private func names(about entry: RegisteredKey, _ evidence: inout KeyEvidence) throws(ReviewProblem) -> [[UInt8]]? {
    let folder = EvidencePlace.folder(of: entry.fingerprint)
    switch try asking({ try source.names(in: folder, atMost: EvidencePlace.mostWitnesses + 1) }) {
    case .success(let names): return names
    case .failure(let defect):
      evidence.object(entry.fingerprint, printable(defect.message))
      return nil
    }
  }

  private func attest(
    _ entry: RegisteredKey, _ certificate: Certificate, _ judge: AttestationJudge, _ evidence: inout KeyEvidence
  ) throws(ReviewProblem) {
    let name = EvidencePlace.attestation
    guard let bytes = try file(EvidencePlace.attestation(of: entry.fingerprint), about: entry, &evidence) else {
      return
    }
    let finding = judge.judge(bytes, for: certificate)
    for (key, card) in finding.attested { evidence.attest(key, of: entry.fingerprint, by: card) }
    for objection in finding.objections { evidence.object(entry.fingerprint, "\(name): \(objection)") }
  }

  /// What witnesses must agree on, as bytes.
  private struct Card: Hashable {
    let key: Fingerprint
    let device: [UInt8]
    let serial: [UInt8]
  }

  private func hear(
    _ names: [[UInt8]], about entry: RegisteredKey, _ judge: WitnessJudge, _ evidence: inout KeyEvidence
  ) throws(ReviewProblem) {
    var voices: [Card: Set<String>] = [:]
    for name in names {
      guard let witness = EvidencePlace.witness(named: name) else { continue }
      guard
        let bytes = try file(EvidencePlace.statement(about: entry.fingerprint, by: witness), about: entry, &evidence)
      else { continue }
      switch try judge.judge(bytes, named: witness, about: entry) {
      case .failure(let defect): evidence.object(entry.fingerprint, "\(printable(name)): \(defect.text)")
      case .success((let statement, let signer)):
        guard statement.touch != .off else {
          evidence.object(entry.fingerprint, "\(printable(name)): the card signs without a touch")
          continue
        }
        for key in statement.signingKeys {
          let card = Card(key: key, device: Array(statement.device.utf8), serial: Array(statement.serial.utf8))
          voices[card, default: []].insert(signer.person)
        }
      }
    }
    // In one order, so that everybody who judges the same files says the same.
    for (card, people) in voices.sorted(by: {
      ($0.key.key, $0.key.serial.description) < ($1.key.key, $1.key.serial.description)
    }) {
      guard people.count >= 2 else {
        evidence.noteTooFew(card.key, of: entry.fingerprint, witnesses: people.sorted())
        continue
      }
      evidence.witness(
        card.key, of: entry.fingerprint,
        by: WitnessedCard(
          device: String(decoding: card.device, as: UTF8.self), serial: String(decoding: card.serial, as: UTF8.self),
          witnesses: people.sorted()))
    }
  }

  private func file(
    _ path: String, about entry: RegisteredKey, _ evidence: inout KeyEvidence
  ) throws(ReviewProblem) -> [UInt8]? {
    switch try asking({ try source.plainFile(path, limit: EvidencePlace.fileLimit) }) {
    case .success(let bytes): return bytes
    case .failure(let defect):
      evidence.object(entry.fingerprint, printable(defect.message))
      return nil
    }
  }

  /// A defect of a file is the file's own; a repository that cannot be read leaves everything open.
  private func asking<Value>(_ body: () throws -> Value) throws(ReviewProblem) -> Result<Value, FileDefect> {
    do {
      return .success(try body())
    } catch let defect as FileDefect {
      return .failure(defect)
    } catch let error as GitError {
      throw .git(error)
    } catch {
      throw .registry(FileDefect("\(error)"), at: Registry.keysFolder)
    }
  }
}
