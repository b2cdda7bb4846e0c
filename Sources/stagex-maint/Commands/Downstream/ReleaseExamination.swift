internal import ArgumentParser
internal import GitBridge
internal import Review
internal import SignFlow

/// What both `status` and `verify` find out.
struct ReleaseExamination {
  let session: Session
  let view: ReleaseView
  private(set) var items: [ReleaseItem]
  private let registry: Registry
  private let policy: Policy

  init(_ session: Session, _ options: ReleaseOptions, _ name: String) throws {
    self.session = session
    let repository = session.repository
    view = try ReleaseView(
      name, in: repository, remote: session.settings.remote, mainName: options.main, stagingName: options.staging)
    (registry, policy) = try Self.rules(session)
    items = try ReleaseChecklist(view, in: repository, registry: registry).items()
    items = items.map(judged)
    items.insert(rule(options.main), at: 5)
    let digests = try digests(options.signatures)
    items += digests.items
    items.append(machines(digests.signers))
  }

  /// The lead's, as the rule accepts it. Attack: a server puts a commit by nobody on the lead, which lists one more
  /// key, and the release is signed with it.
  static func rules(_ session: Session) throws -> (Registry, Policy) {
    // Whoever pins a registry has said whose keys these are; the policy is then the trust root's.
    if session.settings.remote != nil || session.settings.registry != nil || session.settings.trustRoot == nil {
      let judgement = HeadJudgement(session.reviewer, remote: session.settings.remote)
      let rules = try flow { () throws(FlowError) in try judgement.rules() }
      return (rules.registry, rules.policy)
    }
    let lead = try session.reviewer.judgedBase(of: Array(try session.reviewer.protection().lead.utf8))
    guard lead.verdict.outcome == .accepted else {
      let first = lead.verdict.refusals.first
      throw Failure.cannotJudge(
        "\(printable(lead.ref)) carries the rules, and is not what the rule accepts from the trust root on"
          + (first.map { ": \(printable($0.message, limit: 300))" } ?? ""),
        next: first?.next ?? "stagex-maint audit \(shellWord(lead.ref))")
    }
    return (lead.registry, lead.policy)
  }

  /// A tag is done only if its signature is good: a name in the signature proves nothing.
  private func judged(_ item: ReleaseItem) -> ReleaseItem {
    guard item.name == "tag", item.state == .done, let tag = view.tag else { return item }
    let ref = "refs/tags/\(view.name)"
    guard policy.protectsTag(Array(ref.utf8)) else {
      return ReleaseItem(
        "tag", .unknown, "the policy does not protect \(printable(ref)), so nobody has judged its signature",
        next: "protect it: [[tag]] in review.toml (docs/policy.md)")
    }
    let verdict = session.reviewer.judge(inThought: [RefUpdate(ref: Array(ref.utf8), old: .zero, new: tag)])
    // What the tag stands on is looked at as a release's: a late one stands on its own branch.
    let refusals = verdict.refusals.filter { $0.code != .tagTargetUnprotected }
    guard let first = refusals.first else { return item }
    let isJudged = verdict.outcome == .refused
    return ReleaseItem("tag", isJudged ? .wrong : .unknown, printable(first.message, limit: 300), next: first.next)
  }

  /// What the rule says of main's merge.
  private func rule(_ main: String) -> ReleaseItem {
    guard let merge = view.merge, let tip = view.main else {
      return ReleaseItem("rule", .missing, "there is no merge on main to judge yet")
    }
    guard let root = session.settings.trustRoot else {
      return ReleaseItem(
        "rule", .unknown, "there is no trust root to judge main from", next: "git config maint.trustRoot COMMIT")
    }
    var scope = AuditScope(ref: "refs/heads/\(main)", tip: tip, start: root)
    scope.only = merge
    var outcome = Outcome.undecided
    var words = "the step is not above the trust root"
    do throws(ReviewProblem) {
      _ = try session.reviewer.audit(scope) { (verdict) throws(ReviewProblem) in
        guard verdict.updates.contains(where: { $0.new == merge }) || verdict.outcome != .accepted else { return }
        let changes = verdict.updates.flatMap(\.changes)
        let refused = changes.filter { $0.outcome != .accepted }.count
        outcome = verdict.outcome
        words =
          "\(changes.count) changes, "
          + (refused == 0 ? "each with what it needs" : "\(refused) of them with too few maintainers")
        if refused == 0, verdict.outcome != .accepted {
          words = printable(verdict.refusals.first?.message ?? "", limit: 200)
        }
      }
    } catch {
      return ReleaseItem(
        "rule", .unknown, printable(error.refusal(ref: main).message, limit: 200), next: error.refusal(ref: main).next)
    }
    let next = "stagex-maint explain \(merge.short)"
    switch outcome {
    case .accepted: return ReleaseItem("rule", .done, words)
    case .refused: return ReleaseItem("rule", .wrong, words, next: next)
    case .undecided: return ReleaseItem("rule", .unknown, words, next: next)
    }
  }

  private func digests(_ folder: String?) throws -> (items: [ReleaseItem], signers: Set<String>) {
    guard let commit = view.commit else {
      return (
        [ReleaseItem("digests", .missing, "there is nothing whose digests could be signed", next: "make digests")], []
      )
    }
    let list: DigestList
    do throws(FlowError) {
      list = try DigestList.committed(session.repository, at: commit)
    } catch {
      return (
        [
          ReleaseItem("digests", .missing, error.message, next: "make digests, and commit them to release/\(view.name)")
        ], []
      )
    }
    guard let folder else {
      return (
        [
          ReleaseItem(
            "digests", .unknown, "\(list.entries.count) digests; who signed them is not known without the signatures",
            next: "stagex-maint release status \(view.name) --signatures DIR")
        ], []
      )
    }
    let judge = ImageJudge(
      registry: registry, evidence: policy.evidence, engines: session.settings.engines, clock: session.settings.clock)
    let report = try flow { () throws(FlowError) in
      guard let store = try SignatureStore(path: folder) else {
        throw FlowError(.impossible, "there is no folder \(printable(folder))", next: "git clone URL signatures")
      }
      return try QuorumReport.make(
        list.entries, store: store, judge: judge, threshold: policy.threshold, threads: Clock.processors)
    }
    let lacking = report.images.filter { report.lacks($0) || !$0.blocking.isEmpty }
    // Who signed all of them, as two release engineers must.
    var everybody = Set(report.images.first?.signers.map(\.person) ?? [])
    for image in report.images { everybody.formIntersection(image.signers.map(\.person)) }
    let names = everybody.sorted().map { printable($0) }.joined(separator: ", ")
    if lacking.isEmpty, everybody.count >= policy.threshold {
      return ([ReleaseItem("digests", .done, "all \(report.images.count) signed by \(names)")], everybody)
    }
    let words = """
      \(report.images.count - lacking.count) of \(report.images.count) have \(policy.threshold) signers; \
      signed by one and the same person throughout: \(names.isEmpty ? "nobody" : names)
      """
    return (
      [ReleaseItem("digests", .missing, words, next: "stagex-maint sign --release release/\(view.name)")], everybody
    )
  }

  /// What the registry says of the signers' machines. Stated there, not proven.
  private func machines(_ signers: Set<String>) -> ReleaseItem {
    guard !signers.isEmpty else {
      return ReleaseItem(
        "machines", .unknown, "without signers nobody can say on whose machines the tree was reproduced")
    }
    guard let commit = view.commit,
      let entry = try? session.repository.entry(
        tree: try session.repository.treeOfCommit(commit), path: Array(MaintainersFile.path.utf8)),
      let text = (try? session.repository.read(entry.id, as: .blob)).map({ String(decoding: $0, as: UTF8.self) })
    else { return ReleaseItem("machines", .unknown, "the registry cannot be read") }
    let brands = Self.brands(text).filter { signers.contains($0.key) }
    let vendors = Set(brands.values.flatMap(\.self)).sorted()
    let words = brands.sorted { $0.key < $1.key }.map {
      "\(printable($0.key)): \($0.value.sorted().map { printable($0) }.joined(separator: "/"))"
    }.joined(separator: ", ")
    let stated = words.isEmpty ? "the registry states no machines of the signers" : "stated, not proven: \(words)"
    return vendors.count >= 2
      ? ReleaseItem("machines", .done, stated)
      : ReleaseItem(
        "machines", .missing, "\(stated); two CPU vendors are asked for",
        next: "ask a maintainer whose machine has another CPU to reproduce and sign")
  }

  /// The brands of each person's machines: `[machines.X.LABEL]`, `brand = "…"`.
  static func brands(_ text: String) -> [String: Set<String>] {
    var brands: [String: Set<String>] = [:]
    var person: String?
    for line in text.split(whereSeparator: \.isNewline) {
      if line.hasPrefix("[") {
        let parts = line.dropFirst().prefix { $0 != "]" }.split(separator: ".")
        person = parts.count == 3 && parts[0] == "machines" ? String(parts[1]) : nil
      } else if let person, line.hasPrefix("brand"), let value = line.split(separator: "\"").dropFirst().first {
        brands[person, default: []].insert(String(value))
      }
    }
    return brands
  }

  var isComplete: Bool { items.allSatisfy { $0.state == .done } }
  var outcome: Outcome {
    if items.contains(where: { $0.state == .wrong || $0.state == .missing }) { return .refused }
    return isComplete ? .accepted : .undecided
  }

  func print(_ console: Console, _ format: OutputFormat) {
    switch format {
    case .json:
      console.out(
        JSONValue.object([
          "schema": .string("stagex-maint/release/1"), "release": .string(view.name), "complete": .bool(isComplete),
          "items": .array(
            items.map {
              .object([
                "name": .string($0.name), "state": .string($0.state.rawValue), "words": .string($0.words),
                "next": .string($0.next),
              ])
            }),
        ]).text)
    case .text:
      let done = items.filter { $0.state == .done }.count
      console.out("release \(printable(view.name)): \(done) of \(items.count) done")
      for item in items {
        let mark =
          switch item.state {
          case .done: console.green("done   ")
          case .missing: console.yellow("missing")
          case .wrong: console.red("wrong  ")
          case .unknown: console.yellow("unknown")
          }
        for (index, line) in wrapped(item.words, width: 76).enumerated() {
          console.out(
            index == 0 ? "  \(mark)  \(item.name.padded(9)) \(line)" : "\(String(repeating: " ", count: 21))\(line)")
        }
      }
      if let next = items.first(where: { $0.state != .done && !$0.next.isEmpty }) { console.out("next: \(next.next)") }
    }
  }
}

extension ReleaseExamination {
  static func make(
    _ common: CommonOptions, _ judging: JudgingOptions, _ options: ReleaseOptions, _ release: String?,
    _ console: Console
  ) throws -> ReleaseExamination {
    var session = try Session(try common.openRepository(), judging, moment: .then, engines: .native)
    session.showProgress(on: console)
    var name = release
    if name == nil {
      let view = try ReleaseView(
        "", in: session.repository, remote: session.settings.remote, mainName: options.main,
        stagingName: options.staging)
      name = try view.main.flatMap { try ReleaseView.names(in: session.repository, main: $0, atMost: 1).first }
    }
    guard let name else { throw Failure.usage("main names no release", next: "stagex-maint release status YYYY.MM.N") }
    guard ReleaseView.isName(name) else {
      throw Failure.usage(
        "\(printable(name)) is no release: they are named YYYY.MM.N",
        next: "stagex-maint release status, which takes the newest")
    }
    let examination = try ReleaseExamination(session, options, name)
    console.endProgress()
    return examination
  }
}
