package import OpenPGP

/// A registry held against its signers' duties: who counts at a moment, and what is wrong or will be.
package struct RegistryAudit: Sendable {
  /// One listed key.
  package struct Key: Sendable {
    /// What MAINTAINERS says of the key.
    package let entry: RegisteredKey
    /// How many keys of its certificate make signatures that count; 0 when the entry does not.
    package let signers: Int
    /// When the last of them expires, in seconds since 1970; nil when one never does, or none counts.
    package let until: Int64?
  }

  /// One person, as far as duties go.
  package struct Individual: Sendable {
    /// As MAINTAINERS lists them.
    package let person: Person
    /// In the order of the file.
    package let keys: [Key]
    /// Whether any key of theirs can endorse.
    package var counts: Bool { keys.contains { $0.signers > 0 } }
  }

  /// In the order of the file.
  package let people: [Individual]
  /// In the order of people and keys; what is about all of them comes last.
  package let findings: [KeyFinding]
  /// How many maintainers a change needs, by the policy.
  package let threshold: Int
  /// The level of evidence that the policy asks for.
  package let evidence: Evidence
  /// That certificates are missing for everybody, and what to type: said once, not for each key.
  package let nobody: (reason: String, next: String)?

  /// - Parameters:
  ///   - now: Seconds since 1970.
  ///   - reading: What GnuPG makes of the registry; nil where it is not asked.
  package init(_ registry: Registry, _ policy: Policy, now: Int64, reading: GnuPGReading? = nil) {
    let unknown = Set((reading?.misses ?? []).map(\.key))
    var findings: [KeyFinding] = []
    var people: [Individual] = []
    for person in registry.people {
      let keys = registry.keys.filter { $0.person == person.id }.map {
        Self.outlook($0, registry, policy, now, unknown)
      }
      for key in keys where !person.isBot {
        findings += Self.findings(key.entry, registry, policy, now)
        findings += Self.findings(key, reading?.misses ?? [])
      }
      people.append(Individual(person: person, keys: keys))
      findings += Self.findings(people[people.count - 1])
    }
    let starts = registry.keys.map(Registry.warningStart)
    for warning in registry.warnings where !starts.contains(where: warning.hasPrefix) {
      findings.append(Self.finding(.warning, .registry, printable(warning, limit: 300)))
    }
    if let trouble = reading?.trouble {
      findings.append(
        Self.finding(
          .error, .gnupg, "GnuPG could not be asked, and without it no signature is accepted: \(trouble)",
          [.command(["stagex-maint", "hook", "doctor"])]))
    }
    // A file that is there and cannot be read is another matter, and stays with its key.
    let isFetchable =
      registry.certificates.isEmpty
      && findings.allSatisfy { $0.code != .noCertificate || $0.message.hasSuffix(" is missing") }
    nobody = isFetchable ? registry.nobodyCounts(needing: policy.evidence) : nil
    findings += Self.findings(people.filter(\.counts).count, policy, isFetchable: nobody != nil)
    self.people = people
    self.findings = findings
    threshold = policy.threshold
    evidence = policy.evidence
  }

  /// Ids of the people who can endorse.
  package var maintainers: [String] { people.filter(\.counts).map(\.person.id) }
  /// Refused where there is an error.
  package var outcome: Outcome { findings.contains { $0.severity == .error } ? .refused : .accepted }
  /// How many findings of that severity there are.
  package func count(_ severity: KeyFinding.Severity) -> Int { findings.count { $0.severity == severity } }

  private static func outlook(
    _ entry: RegisteredKey, _ registry: Registry, _ policy: Policy, _ now: Int64, _ unknown: Set<Fingerprint>
  ) -> Key {
    guard registry.disqualification(of: entry, needing: policy.evidence) == nil,
      let signers = registry.certificates[entry.fingerprint]?.listing(at: now).signingKeys.filter({
        !unknown.contains($0.fingerprint)
      }),
      !signers.isEmpty
    else { return Key(entry: entry, signers: 0, until: nil) }
    let ends = signers.compactMap(\.expires)
    return Key(entry: entry, signers: signers.count, until: ends.count == signers.count ? ends.max() : nil)
  }

  // MARK: Keys

  private static func findings(_ entry: RegisteredKey, _ registry: Registry, _ policy: Policy, _ now: Int64)
    -> [KeyFinding]
  {
    func tell(_ severity: KeyFinding.Severity, _ code: KeyFinding.Code, _ message: String, _ next: [NextStep] = [])
      -> KeyFinding
    {
      KeyFinding(
        severity: severity, code: code, person: entry.person, label: entry.label, key: entry.fingerprint,
        message: message, next: next)
    }
    // Nobody waits for these, so it does not matter how long they last.
    if entry.isMachine { return [tell(.note, .machineKey, "a machine's key, which never counts")] }
    if entry.isShared { return [tell(.note, .sharedKey, "a key that several people share, which never counts")] }
    var findings: [KeyFinding] = []
    let disqualification = registry.disqualification(of: entry, needing: policy.evidence)
    if entry.devices.isEmpty {
      findings.append(
        tell(
          disqualification == nil ? .note : .error, .noDevice, "the entry names no smartcard",
          [
            .advice(
              "add devices = \"…\" to [keys.\(printable(entry.person)).\(printable(entry.label))] "
                + "in \(MaintainersFile.path)")
          ]))
    } else if disqualification != nil {
      findings.append(
        tell(
          .error, .evidence,
          "the policy asks for evidence \"\(policy.evidence.rawValue)\", which the key does not reach",
          [.command(["stagex-maint", "keys", "list"])]))
    }
    guard let certificate = registry.certificates[entry.fingerprint] else {
      let start = Registry.warningStart(entry)
      let why =
        registry.warnings.first { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count)) }
        ?? "there is no certificate"
      return findings + [
        tell(.error, .noCertificate, printable(why, limit: 300), [.bring(entry.fingerprint, entry.person, entry.label)])
      ]
    }
    return findings + CertificateDuties(certificate, of: entry, now: now).findings
  }

  /// What GnuPG does not know, though we do: an error where nothing else of the key signs.
  private static func findings(_ key: Key, _ misses: [GnuPGReading.Miss]) -> [KeyFinding] {
    guard !key.entry.isMachine, !key.entry.isShared else { return [] }
    return misses.filter { $0.primary == key.entry.fingerprint }.map { miss in
      KeyFinding(
        severity: key.signers > 0 ? .note : .error, code: .gnupg, person: key.entry.person, label: key.entry.label,
        key: miss.key,
        message: "the key \(miss.key) does not count where GnuPG is one of the engines: \(miss.reason)",
        next: key.signers > 0
          ? [] : [.addSigningKey(to: miss.primary), .bring(miss.primary, key.entry.person, key.entry.label)])
    }
  }

  // MARK: People

  private static func findings(_ individual: Individual) -> [KeyFinding] {
    let id = individual.person.id
    func tell(_ severity: KeyFinding.Severity, _ code: KeyFinding.Code, _ message: String, _ next: [NextStep])
      -> [KeyFinding]
    {
      [KeyFinding(severity: severity, code: code, person: id, label: nil, key: nil, message: message, next: next)]
    }
    if individual.person.isBot { return tell(.note, .bot, "a bot, whose keys never count", []) }
    let counting = individual.keys.filter { $0.signers > 0 }
    guard let first = counting.first else {
      return tell(.error, .noKeyCounts, "has no key that counts: cannot endorse anything", [])
    }
    guard counting.map(\.signers).reduce(0, +) == 1 else { return [] }
    let next = NextStep.addSigningKey(to: first.entry.fingerprint)
    // StageX lists the cards that hold the same key as one text, with commas.
    if first.entry.devices.contains(",") {
      return tell(
        .note, .oneKey, "has one signing key, on several cards: if one is stolen, all of them are worthless", [next])
    }
    return tell(.warning, .noSpare, "has one signing key and no spare: a lost card locks \(printable(id)) out", [next])
  }

  // MARK: All

  private static func finding(
    _ severity: KeyFinding.Severity, _ code: KeyFinding.Code, _ message: String, _ next: [NextStep] = []
  ) -> KeyFinding {
    KeyFinding(severity: severity, code: code, person: nil, label: nil, key: nil, message: message, next: next)
  }

  private static func findings(_ count: Int, _ policy: Policy, isFetchable: Bool) -> [KeyFinding] {
    let can = "\(count) \(count == 1 ? "person" : "people") can endorse"
    let most = ([policy.threshold] + policy.paths.map(\.threshold) + policy.branches.compactMap(\.threshold)).max() ?? 0
    let add = NextStep.command(
      isFetchable
        ? ["stagex-maint", "keys", "fetch"]
        : ["stagex-maint", "keys", "add", "FILE", "--person", "ID", "--label", "LABEL"])
    if count < policy.threshold {
      return [
        finding(
          .error, .tooFewMaintainers, "\(can), and each change needs \(policy.threshold): nothing can be accepted",
          [add])
      ]
    }
    if count < most {
      return [
        finding(
          .error, .tooFewMaintainers,
          "\(can), and the policy asks for \(most) in some places: nothing can be accepted there", [add])
      ]
    }
    if count == most {
      let what = count == policy.threshold ? "everything" : "whatever needs \(most)"
      return [finding(.warning, .nobodyToSpare, "\(can), and as many are needed: one absence stops \(what)", [add])]
    }
    return []
  }
}
