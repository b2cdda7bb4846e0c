internal import GitBridge
internal import Review
internal import SignFlow

/// The answer of a check, for one screen.
struct CheckAnswer {
  private let repository: Repository
  private let report: ProtectedFetch.Report
  private let places: CheckPlaces
  private let trust: CheckTrust.Known
  /// What was asked about, in words: `main`, `release 2026.03.0`.
  private let subject: String
  private let ref: [UInt8]
  private let shown: ObjectID?
  private var verdict: Verdict
  private var tag: TagReading?
  /// A branch of which the tag's target is a state.
  private var holder: String?
  private var quorum: QuorumReport?

  init(
    _ session: Session, _ report: ProtectedFetch.Report, places: CheckPlaces, trust: CheckTrust.Known, branch: String?,
    release: String?
  ) throws {
    (repository, self.report, self.places, self.trust) = (session.repository, report, places, trust)
    let lead = try session.reviewer.leadRef()
    let ref =
      release.map { Array("refs/tags/\($0)".utf8) } ?? branch.map {
        Array(($0.hasPrefix("refs/") ? $0 : "refs/heads/\($0)").utf8)
      } ?? lead
    subject = release.map { "release \(printable($0))" } ?? printable(shortName(ref, under: "refs/heads/") ?? ref)
    self.ref = ref
    let asked = report.moves.first { $0.ref == ref }
    shown = asked?.answer?.shown
    verdict = Verdict()
    // The branch that carries the rules stands behind every answer.
    for move in report.moves where move.ref == lead || move.ref == ref {
      if let answer = move.answer { verdict.append(answer.verdict) }
    }
    guard let shown else {
      let words =
        asked?.answer == nil && asked != nil
        ? "\(printable(ref)) is not protected, so nobody has judged it" : "the server shows no \(printable(ref))"
      if verdict.refusals.isEmpty {
        verdict.refusals.append(
          Refusal(
            .cannotRead, ref: RefUpdate(ref: ref, old: .zero, new: .zero).name, message: words,
            next: "git ls-remote \(shellWord(places.address))"))
      }
      return
    }
    guard release != nil else { return }
    let tip = report.moves.first { $0.ref == lead }?.new
    guard let tip, let registry = try? session.reviewer.registry(at: tip) else { return }
    tag = try TagReading(shown, in: repository, registry: registry)
    guard let target = tag?.target else { return }
    // Attack: the word of one for a release that needs two is shown as if it were the release.
    if let release, let (name, person) = try session.reviewer.protection().policy.vouchedTag(Array(release.utf8)),
      registry.keys.contains(where: { $0.person == person }), verdict.refusals.isEmpty
    {
      verdict.refusals.append(
        Refusal(
          .tooFewEndorsers, commit: target, ref: RefUpdate(ref: ref, old: .zero, new: .zero).name,
          message:
            "\(printable(release)) is what \(printable(person)) alone says of \(printable(name)), and no release",
          next: "stagex-maint check \(shellWord(places.address)) --release \(shellWord(name))"))
      return
    }
    for move in report.moves
    where move.ref.starts(with: "refs/heads/".utf8) && move.answer?.isAccepted == true && holder == nil {
      if let tip = move.new, try repository.isState(target, ofTip: tip) {
        holder = printable(shortName(move.ref, under: "refs/heads/") ?? move.ref)
      }
    }
    if holder == nil, verdict.refusals.isEmpty {
      verdict.refusals.append(
        Refusal(
          .tagTargetUnprotected, commit: target, ref: RefUpdate(ref: ref, old: .zero, new: .zero).name,
          message: "the tag's commit \(target.short) is no state of a protected branch that was accepted",
          next: "ask the maintainers"))
    }
  }

  /// Counts the maintainers who signed the images of the release.
  mutating func addQuorum(_ session: Session, signatures: String, only images: [String]) throws {
    guard let target = tag?.target, verdict.refusals.isEmpty else { return }
    let protection = try session.reviewer.protection()
    let policy = protection.policy
    let lead = report.moves.first { $0.ref == Array(protection.lead.utf8) }?.new ?? target
    let registry = try session.reviewer.registry(at: lead, proving: policy.evidence)
    let judge = ImageJudge(
      registry: registry, evidence: policy.evidence, engines: session.settings.engines, clock: session.settings.clock)
    quorum = try flow { () throws(FlowError) in
      guard let store = try SignatureStore(path: signatures) else {
        throw FlowError(
          .impossible, "there is no folder \(printable(signatures))",
          next: "git clone the project's signatures, and name the folder: --signatures DIR")
      }
      var entries = try DigestList.committed(session.repository, at: target).entries
      if !images.isEmpty {
        let wanted = Set(images.map { $0.hasPrefix("\(DigestList.namespace)/") ? $0 : "\(DigestList.namespace)/\($0)" })
        func name(_ entry: DigestEntry) -> String { "\(entry.image.repository)@sha256:\(entry.image.digest)" }
        let listed = Set(entries.map(name))
        if let stranger = wanted.first(where: { !listed.contains($0) }) {
          throw FlowError(
            .refused, "the release does not hold the image \(printable(stranger))",
            next: "git show \(target.short):digests/core.txt")
        }
        entries = entries.filter { wanted.contains(name($0)) }
      }
      return try QuorumReport.make(
        entries, store: store, judge: judge, threshold: policy.threshold, threads: Clock.processors)
    }
  }

  var outcome: Outcome {
    let quorum = quorum?.outcome ?? .accepted
    if verdict.outcome == .refused || quorum == .refused { return .refused }
    return verdict.outcome == .accepted ? quorum : verdict.outcome
  }

  /// The same as SLSA's summary says it: of the tag's commit, or of the branch's.
  func statement(_ session: Session) throws -> SLSAStatement {
    guard let commit = tag?.target ?? shown else {
      throw Failure.cannotJudge("no statement: there is nothing to judge")
    }
    return try SLSAStatement(
      outcome, commit: commit, ref: RefUpdate(ref: ref, old: .zero, new: .zero).name, basis: .history, session,
      ledger: places.ledger)
  }

  private var word: String {
    switch outcome {
    case .accepted: "yes"
    case .refused: "no"
    case .undecided: "cannot tell"
    }
  }

  func lines(_ console: Console) -> [String] {
    let colour =
      outcome == .accepted ? console.green(word) : outcome == .refused ? console.red(word) : console.yellow(word)
    let answer = report.moves.first { $0.ref == ref }?.answer
    var lines = ["\(colour): \(subject) of \(printable(Ledger.escaped(places.address)))"]
    func row(_ name: String, _ text: String) {
      for (index, line) in wrapped(text, width: 84).enumerated() {
        lines.append("  \((index == 0 ? name : "").padded(12))\(line)")
      }
    }
    if let shown {
      row(
        "stands at",
        "\(tag?.target.hex ?? shown.hex)\(repository.subject(of: tag?.target ?? shown).map { " \"\($0)\"" } ?? "")")
    }
    row("trust root", "\(trust.root.commit.hex), \(trust.source)")
    if let fingerprint = trust.root.fingerprint { row("", TrustRootFile.grouped(fingerprint)) }
    if let tag {
      row("signed by", "\(tag.signer.map { printable($0) } ?? "nobody registered"), \(timestamp(tag.time))")
      if let holder { row("tree", "the one that \(holder) held at \(tag.target.short)") }
    } else if let answer, answer.steps > 0 {
      let since = answer.last.map { $0.time > 0 ? timestamp($0.time) : $0.new.short } ?? "the trust root"
      row("judged", "\(answer.steps) \(answer.steps == 1 ? "step" : "steps") since \(since)")
      let people = answer.behind.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(12).map {
        "\(printable($0.key)) \($0.value)"
      }
      if !people.isEmpty { row("behind it", people.joined(separator: ", ") + " (changes each)") }
    } else if answer != nil, report.lastLook > 0 {
      row("judged", "nothing new since \(timestamp(report.lastLook))")
    }
    if let step = answer?.newest, let change = step.changes.last, tag == nil {
      let names = Set(change.endorsers.map(\.person)).sorted().map { printable($0) }
      row("last change", "\(change.commit.short): \(names.isEmpty ? "nobody" : names.joined(separator: ", "))")
    }
    if let quorum {
      let lacking = quorum.images.filter { quorum.lacks($0) || !$0.blocking.isEmpty }
      row(
        "images",
        """
        \(quorum.images.count - lacking.count) of \(quorum.images.count) signed by \(quorum.threshold) \
        maintainers or more
        """)
      for image in lacking.prefix(5) {
        row(
          "",
          """
          lacks: \(printable(image.entry.image.repository)), signed by \
          \(image.signers.isEmpty ? "nobody" : image.signers.map { printable($0.person) }.joined(separator: ", "))
          """)
      }
      if lacking.count > 5 { row("", "and \(lacking.count - 5) more") }
    }
    if report.lastLook == 0 {
      row(
        "not known",
        """
        this is the first look from here: whether the server has shown something newer to others cannot be told; \
        it can from now on
        """)
    }
    for note in report.notes + Array(verdict.notes.prefix(3)) { row("note", printable(note, limit: 300)) }
    if !verdict.refusals.isEmpty {
      lines += RefusalText(width: 98, console: console) { repository.subject(of: $0) }
        .lines(Array(verdict.refusals.prefix(3)), more: "--format json")
      if verdict.refusals.count > 3 { lines.append("  and \(verdict.refusals.count - 3) more: --format json") }
    }
    return lines
  }

  var json: JSONValue {
    let answer = report.moves.first { $0.ref == ref }?.answer
    var members: [JSONValue.Member] = [
      .init("schema", .string("stagex-maint/check/1")), .init("answer", .string(word)),
      .init("verdict", .string(outcome.rawValue)),
      .init("address", .string(Ledger.escaped(places.address))), .init("ref", .string(printable(ref, limit: .max))),
      .init("shown", shown.map { .string($0.hex) } ?? .null),
      .init("trust-root", .string(trust.root.commit.hex)),
      .init("fingerprint", trust.root.fingerprint.map { .string($0) } ?? .null),
      .init("last-look", .integer(report.lastLook)), .init("steps", .integer(Int64(answer?.steps ?? 0))),
      .init(
        "behind",
        .object((answer?.behind ?? [:]).sorted { $0.key < $1.key }.map { .init($0.key, .integer(Int64($0.value))) })),
      .init("refusals", .array(verdict.refusals.map(\.json))), .init("notes", .strings(report.notes + verdict.notes)),
    ]
    if let tag {
      members.append(
        .init(
          "tag",
          .object([
            "target": .string(tag.target.hex), "signer": tag.signer.map { .string($0) } ?? .null,
            "time": .integer(tag.time),
            "branch": holder.map { .string($0) } ?? .null,
          ])))
    }
    if let quorum { members.append(.init("images", quorum.json)) }
    return .object(members)
  }
}
