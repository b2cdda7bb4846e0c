internal import ArgumentParser
internal import GitBridge
internal import OpenPGP
internal import Review

struct KeysRetire: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retire", abstract: "What would happen if a key, or all keys of a person, went: nothing is changed.",
    discussion: """
      Taking an entry out of MAINTAINERS leaves history as it is, because each step is judged by the registry \
      before it; so does a soft revocation. A revocation as compromised, or without a reason, takes back every \
      signature that the key ever made: the steps that lean on it are listed. A tag counts by the keys of today: those \
      that the key has signed are listed, and with --signatures the images that would lose their quorum.

      Example: stagex-maint keys retire --dry-run alice --branch main
      """, aliases: ["revoke"])

  @OptionGroup var common: CommonOptions
  @Flag(help: "Needed: this command only looks.")
  var dryRun = false
  @Option(
    help: ArgumentHelp(
      "The branch whose registry and history are looked at. Default: the current one.", valueName: "branch"))
  var branch: String?
  @Option(
    help: ArgumentHelp(
      "The commit that is trusted, with its ancestors. Default: git config maint.trustRoot.", valueName: "commit"))
  var trustRoot: String?
  @Option(help: ArgumentHelp("A folder of image signatures: whose quorums rest on the key.", valueName: "dir"))
  var signatures: String?
  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text
  @Argument(
    help: ArgumentHelp("A person of the registry, or the fingerprint of a primary key.", valueName: "person-or-key"))
  var who: String

  func run() throws {
    let console = common.console
    try running(console) {
      guard dryRun else {
        throw Failure.usage(
          "a key is retired by a change of MAINTAINERS or keys/, reviewed like any other",
          next: "stagex-maint keys retire --dry-run \(shellWord(who))")
      }
      let repository = try common.openRepository()
      var judging = try JudgingOptions.parse([])
      judging.trustRoot = trustRoot
      var session = try Session(repository, judging, moment: .then, engines: .native)
      session.showProgress(on: console)
      let (ref, tip) = try BranchArgument.resolve(branch, in: repository)
      let outlook = try outlook(session, ref, tip)
      console.endProgress()
      switch format {
      case .json: console.out(outlook.json.text)
      case .text: outlook.lines(repository).forEach(console.out)
      }
      return .success
    }
  }

  private func outlook(_ session: Session, _ ref: String, _ tip: ObjectID) throws -> RetirementOutlook {
    let registry = try session.reviewer.registry(at: tip)
    let policy = try session.reviewer.policy(at: tip)
    let fingerprint = Fingerprint(hex: who)
    let keys = registry.keys.filter { $0.person == who || $0.fingerprint == fingerprint }
    guard !keys.isEmpty else {
      throw Failure.cannotJudge(
        "the registry lists neither a person nor a key \(printable(who))", next: "stagex-maint keys list")
    }
    let gone = Set(keys.map(\.fingerprint))
    let staying = Set(
      registry.keys.filter { key in
        !gone.contains(key.fingerprint) && registry.disqualification(of: key, needing: policy.evidence) == nil
          && registry.certificates[key.fingerprint] != nil
      }.map(\.person)
    ).sorted()
    var lost: [ReviewedUpdate] = []
    if let root = session.settings.trustRoot {
      let scope = AuditScope(ref: ref, tip: tip, start: root)
      var refusedAnyway: Set<ObjectID> = []
      _ = try session.reviewer.audit(scope) { (verdict) throws(ReviewProblem) in
        if verdict.outcome != .accepted { refusedAnyway.formUnion(verdict.updates.map(\.new)) }
      }
      var settings = session.settings
      settings.condemned = gone
      _ = try Reviewer(session.repository, settings).audit(scope) { (verdict) throws(ReviewProblem) in
        guard verdict.outcome != .accepted, let step = verdict.updates.first, !refusedAnyway.contains(step.new) else {
          return
        }
        lost.append(step)
      }
    }
    return RetirementOutlook(
      keys: keys, staying: staying, policy: policy, ref: ref, isJudged: session.settings.trustRoot != nil, lost: lost,
      reach: try KeysRetireReach(
        session, tip: tip, gone: gone, registry: registry, policy: policy, signatures: signatures))
  }
}

/// What follows from a retirement.
private struct RetirementOutlook {
  let keys: [RegisteredKey]
  /// Who could still endorse.
  let staying: [String]
  let policy: Policy
  let ref: String
  /// Whether there was a trust root from which history could be judged.
  let isJudged: Bool
  /// The steps that only these keys hold.
  let lost: [ReviewedUpdate]
  let reach: KeysRetireReach

  /// What the policy could no longer get.
  private var shortages: [String] {
    var shortages: [String] = []
    let most = ([policy.threshold] + policy.paths.map(\.threshold) + policy.branches.compactMap(\.threshold)).max() ?? 0
    if staying.count < most {
      shortages.append("the policy asks for \(most) maintainers in some places, and \(staying.count) would remain")
    }
    for (group, members) in policy.groups.sorted(by: { $0.key < $1.key }) where Set(members).isDisjoint(with: staying) {
      shortages.append("nobody of the group \(group) would remain")
    }
    return shortages
  }

  func lines(_ repository: Repository) -> [String] { keyLines + stepLines(repository) + reach.lines }

  private var keyLines: [String] {
    let lines = keys.map { "\(printable($0.person)) \(printable($0.label))  \($0.fingerprint)" }
    let names = staying.isEmpty ? "nobody" : staying.map { printable($0) }.joined(separator: ", ")
    return lines + [
      "", "taken out of MAINTAINERS, or softly revoked: history stays as it is", "  who could still endorse  \(names)",
    ]
      + shortages.map { "  warning: \(printable($0, limit: 300))" }
  }

  private func stepLines(_ repository: Repository) -> [String] {
    var lines = ["", "revoked as compromised, or without a reason:"]
    guard isJudged else {
      return lines + ["  cannot be told without a trust root", "next: git config maint.trustRoot COMMIT"]
    }
    if lost.isEmpty { return lines + ["  every step of \(printable(ref)) would still have what it needs"] }
    lines.append(
      """
        \(lost.count) \(lost.count == 1 ? "step leans" : "steps lean") on it and would be refused; \
      they want a fresh look and a co-signature:
      """)
    for step in lost.prefix(50) {
      let changes = step.changes.filter { $0.outcome != .accepted }.map(\.commit.short)
      lines.append("  \(step.new.short) \(repository.subject(of: step.new) ?? "")")
      lines.append("    changes  \(changes.prefix(6).joined(separator: " "))\(changes.count > 6 ? " …" : "")")
    }
    if lost.count > 50 { lines.append("  … and \(lost.count - 50) more (--format json lists all)") }
    return lines + ["next: stagex-maint explain COMMIT"]
  }

  var json: JSONValue {
    let steps = lost.map { step in
      JSONValue.object([
        "step": .string(step.new.hex),
        "changes": .strings(step.changes.filter { $0.outcome != .accepted }.map(\.commit.hex)),
      ])
    }
    let members: [JSONValue.Member] = [
      .init("schema", .string("stagex-maint/keys-retire/1")), .init("keys", .strings(keys.map(\.fingerprint.hex))),
      .init("remaining", .strings(staying)), .init("warnings", .strings(shortages)), .init("judged", .bool(isJudged)),
      .init("lost", .array(steps)),
    ]
    return .object(members + reach.json)
  }
}
