internal import ArgumentParser
internal import GitBridge
internal import OpenPGP
internal import Review

struct KeysList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Who is registered, with which keys, and whether each counts today.")

  @OptionGroup var common: CommonOptions
  @Option(help: ArgumentHelp("Read the registry from this folder or revision.", valueName: "dir-or-rev"))
  var registry: String?
  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text
  @Argument(help: "The revision whose registry is shown. Default: HEAD.")
  var revision = "HEAD"

  func run() throws {
    let console = common.console
    try running(console) {
      let (session, commit) = try common.look(at: revision, registry: registry)
      if registry == nil { try Self.needRegistry(at: commit, session) }
      let policy = try session.reviewer.policy(at: commit)
      // Every kind of proof, whatever the policy asks for: a team looks here before it asks for more.
      let registry = try session.reviewer.registry(at: commit, proving: .witnessed)
      let rows = registry.keys.map { KeyRow($0, registry, policy, now: session.settings.clock) }
      switch format {
      case .json:
        console.out(
          JSONValue.object([
            "schema": .string("stagex-maint/keys/1"), "evidence": .string(policy.evidence.rawValue),
            "keys": .array(rows.map(\.json)), "warnings": .strings(registry.warnings),
          ]).text)
      case .text:
        for row in rows { row.print(console) }
        let nobody = registry.nobodyCounts(needing: policy.evidence)
        // Where nobody counts, the one reason is said below, not once for each key.
        for warning in registry.warnings where nobody == nil {
          console.say("warning: \(printable(warning, limit: 500))")
        }
        let count = registry.maintainers(needing: policy.evidence).count
        console.say(
          """
          \(count) of \(registry.people.count) people can endorse (threshold \(policy.threshold), \
          evidence \(policy.evidence.rawValue))
          """)
        if let nobody {
          console.say("nobody counts: \(nobody.reason)")
          console.say("next: \(nobody.next)")
        }
      }
      return .success
    }
  }
}

extension KeysList {
  /// Somebody who starts is not told that a file is invalid which nobody has written yet.
  private static func needRegistry(at commit: ObjectID, _ session: Session) throws {
    let repository = session.repository
    guard session.settings.registry == nil,
      try repository.entry(tree: try repository.treeOfCommit(commit), path: Array(MaintainersFile.path.utf8)) == nil
    else { return }
    throw Failure.cannotJudge(
      "there is no registry yet: \(commit.short) has no \(MaintainersFile.path)", next: "stagex-maint init")
  }
}

/// One registered key, as it stands today.
private struct KeyRow {
  let entry: RegisteredKey
  let certificate: Certificate?
  /// Why the key does not count; nil when it does.
  let objection: String?
  let parts: [(key: CertificateKey, standing: Standing)]
  /// What shows that a signing key is on a card.
  let evidence: [EvidenceText]

  init(_ entry: RegisteredKey, _ registry: Registry, _ policy: Policy, now: Int64) {
    self.entry = entry
    certificate = registry.certificates[entry.fingerprint]
    parts = (certificate?.keys ?? []).map { key in
      (
        key,
        registry.certificates[entry.fingerprint]?.standing(of: key.fingerprint, signedAt: now, judgedAt: .now(now))
          ?? .cannotSign
      )
    }
    evidence = parts.map { EvidenceText(registry, entry, $0.key.fingerprint) }
    switch registry.disqualification(of: entry, needing: policy.evidence) {
    case .machine: objection = "a machine's key"
    case .shared: objection = "shared by several people"
    case .bot: objection = "belongs to a bot"
    case .notOnCard(_, let why): objection = entry.devices.isEmpty ? "names no smartcard (devices)" : why
    case nil:
      if certificate == nil {
        objection = "no usable certificate at keys/\(entry.fingerprint.hex).asc"
      } else if !parts.contains(where: { $0.standing == .good }) {
        objection = "no key that can sign today"
      } else {
        objection = nil
      }
    }
  }

  func print(_ console: Console) {
    let state = objection.map { console.red("does not count") + ": " + $0 } ?? console.green("counts")
    console.say("\(printable(entry.person)) \(printable(entry.label))  \(entry.fingerprint)  \(state)")
    if !entry.devices.isEmpty { console.say("    devices  \(printable(entry.devices))") }
    for user in certificate?.userIDs ?? [] { console.say("    user id  \(printable(user))") }
    for ((key, standing), evidence) in zip(parts, evidence) {
      let bits = key.bits.map { " \($0) bits" } ?? ""
      console.say(
        """
            \(key.isPrimary ? "primary" : "subkey ")  \(key.fingerprint)  \(key.algorithmName)\(bits)  \
        made \(datestamp(key.created))  \(describe(standing))
        """)
      if standing == .good { console.say("      evidence  \(evidence.words)") }
    }
    for objection in evidence.first?.objections ?? [] {
      console.say("    warning  \(printable(objection, limit: 500))")
    }
    for warning in certificate?.warnings ?? [] { console.say("    warning  \(printable(warning, limit: 300))") }
  }

  private func describe(_ standing: Standing) -> String {
    switch standing {
    case .good: "signs"
    case .expired(let time): "expired \(datestamp(time))"
    case .revoked(let time, let hard): "revoked \(datestamp(time))\(hard ? ", bad for all time" : "")"
    case .notBound(let why), .weakKey(let why), .unsupported(let why): printable(why)
    case .cannotSign: "not for signing"
    case .beforeKeyCreation: "made in the future"
    }
  }

  var json: JSONValue {
    .object([
      "person": .string(entry.person), "label": .string(entry.label), "id": .string(entry.fingerprint.hex),
      "devices": .string(entry.devices), "machine": .bool(entry.isMachine), "shared": .bool(entry.isShared),
      "counts": .bool(objection == nil), "because": objection.map(JSONValue.string) ?? .null,
      "evidence-objections": .strings(evidence.first?.objections ?? []),
      "keys": .array(
        zip(parts, evidence).map { part, evidence in
          .object([
            "fingerprint": .string(part.key.fingerprint.hex), "primary": .bool(part.key.isPrimary),
            "algorithm": .string(part.key.algorithmName), "created": .integer(part.key.created),
            "standing": .string(describe(part.standing)), "evidence": .string(evidence.level.rawValue),
          ])
        }),
    ])
  }
}
