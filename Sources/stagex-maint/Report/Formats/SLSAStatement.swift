internal import Crypto
internal import GitBridge
internal import Review

/// A verification summary of SLSA's source track (spec 1.2, verification_summary), as an in-toto statement:
/// docs/slsa.md.
///
/// A level is claimed only where each of its requirements is met by what was judged here; no more because somebody
/// could have judged it.
struct SLSAStatement {
  /// How much of a branch's history an answer rests on.
  enum Basis {
    /// One update, or one pull request: what was before is taken as it is.
    case update
    /// All steps since the trust root.
    case history
  }

  /// The revision, and where it belongs.
  let commit: ObjectID
  let ref: String
  let outcome: Outcome
  let basis: Basis
  /// Of the branch, by the rules in force.
  let threshold: Int
  let evidence: Evidence
  /// Who saw all states of the branch without a rewind, up to this commit; nil where no ledger says so.
  let continuity: SeenMove.Keeper?
  let tree: ObjectID?
  /// SHA-256 of the policy's text.
  let policyDigest: String
  /// `https://host/owner/name`, without user and password.
  let repository: String
  let time: Int64

  /// The levels by their names; the highest alone, then our own words for what was looked at.
  var levels: [String] {
    guard outcome == .accepted else { return ["FAILED"] }
    var levels = [
      "SLSA_SOURCE_LEVEL_\(level)", "ORG_SOURCE_STAGEX_MAINT_\(basis == .history ? "HISTORY" : "UPDATE")_JUDGED",
    ]
    if threshold >= 2 { levels.append("ORG_SOURCE_STAGEX_MAINT_MAINTAINERS_\(threshold)") }
    if evidence != .off { levels.append("ORG_SOURCE_STAGEX_MAINT_CARDS_\(evidence.rawValue.uppercased())") }
    return levels
  }

  private var level: Int {
    // Level 2 asks for a history that is never rewritten: only who watched can say so.
    guard basis == .history, let continuity else { return 1 }
    // Level 3 asks for controls that were in force when each change came, not for somebody who looked afterwards.
    // Never level 4: the threshold here is today's, and an earlier change may have come while it was one.
    return continuity == .hook ? 3 : 2
  }

  var json: JSONValue {
    var digest: [JSONValue.Member] = [.init("gitCommit", .string(commit.hex))]
    if let tree { digest.append(.init("gitTree", .string(tree.hex))) }
    let refs = JSONValue.strings([ref])
    return .object([
      "_type": .string("https://in-toto.io/Statement/v1"),
      "subject": .array([
        .object([
          "uri": .string("\(repository)/commit/\(commit.hex)"), "digest": .object(digest),
          // The specification's word, and the one that source-tool writes.
          "annotations": .object(["sourceRefs": refs, "source_refs": refs]),
        ])
      ]),
      "predicateType": .string("https://slsa.dev/verification_summary/v1"),
      "predicate": .object([
        "verifier": .object([
          "id": .string("https://codeberg.org/stagex/stagex-maint"),
          "version": .object(["stagex-maint": .string(Version.text)]),
        ]),
        "timeVerified": .string(Self.rfc3339(time)), "resourceUri": .string("git+\(repository)"),
        "policy": .object([
          "uri": .string("git+\(repository)#review.toml"), "digest": .object(["sha256": .string(policyDigest)]),
        ]),
        "verificationResult": .string(outcome == .accepted ? "PASSED" : "FAILED"), "verifiedLevels": .strings(levels),
        "slsaVersion": .string("1.2"),
      ]),
    ])
  }

  /// `2026-03-13T10:22:33Z` (RFC 3339).
  static func rfc3339(_ seconds: Int64) -> String {
    let parts = timestamp(seconds).split(separator: " ")
    return "\(parts[0])T\(parts[1])Z"
  }
}

extension SLSAStatement {
  /// - Parameter ledger: Who has watched; nil for those that are kept beside the repository.
  init(
    _ outcome: Outcome, commit: ObjectID, ref: String, basis: Basis, _ session: Session, ledger: Ledger? = nil
  ) throws {
    guard outcome != .undecided else {
      throw Failure.cannotJudge(
        "no statement: \(commit.short) could not be judged", next: "the same command with --format text")
    }
    let protection = try session.reviewer.protection()
    let policy = protection.policy
    let digest = SHA256.hash(data: Array(policy.fileText.utf8)).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
    let repository = session.repository
    let remote = session.settings.remote ?? repository.config("maint.remote") ?? "origin"
    self.init(
      commit: commit, ref: ref, outcome: outcome, basis: basis,
      threshold: ref == protection.lead ? policy.leadThreshold : policy.threshold(for: Array(ref.utf8)),
      evidence: policy.evidence,
      continuity: Self.continuity(
        of: ref, to: commit,
        by: ledger.map { [$0] } ?? [Ledger.kept(by: repository), Ledger.kept(by: repository, of: remote)]),
      tree: try? repository.treeOfCommit(commit), policyDigest: digest,
      repository: Self.address(policy, repository, remote), time: session.settings.clock)
  }

  /// Who has watched the branch up to this commit without seeing it rewound or gone.
  private static func continuity(of ref: String, to commit: ObjectID, by ledgers: [Ledger?]) -> SeenMove.Keeper? {
    for ledger in ledgers.compactMap(\.self) {
      var last: ObjectID?
      var isContinuous = true
      var keeper: SeenMove.Keeper?
      LedgerKnowledge(ledger).moves { move in
        guard move.ref == Array(ref.utf8), move.keeper != .kept else { return }
        // From its first line on, each move begins where the one before ended.
        if move.new.isZero || last.map({ $0 != move.old }) ?? !move.old.isZero { isContinuous = false }
        if keeper == nil || move.keeper != .hook { keeper = move.keeper }
        last = move.new
      }
      if isContinuous, last == commit, let keeper { return keeper }
    }
    return nil
  }

  /// The identity of the policy, else where the remote is, else where the folder is.
  private static func address(_ policy: Policy, _ repository: Repository, _ remote: String) -> String {
    if let name = policy.repository { return "https://\(Ledger.escaped(name))" }
    let url = repository.config("remote.\(remote).url") ?? "file://\(repository.gitDirectory)"
    let escaped = Ledger.escaped(url)
    return escaped.hasSuffix(".git") ? String(escaped.dropLast(4)) : escaped
  }
}
