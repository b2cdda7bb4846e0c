internal import GitBridge
internal import Review
internal import SignFlow

/// What is to be said of the branch that a request is bound for: what it is by the rule, and where the forge says
/// otherwise.
struct BaseText {
  /// The repository: its identity by the policy, or the remote's address. Safe to print.
  let place: String
  /// One sentence about what was judged. Safe to print.
  let judged: String
  let warnings: [String]

  init(_ base: JudgedBase, _ pull: PullRequestFacts, _ remote: Remote, _ repository: Repository) throws {
    let address = try? RemoteAddress(remote.url)
    let shownAddress = address.map { "\($0.origin.authority)/\($0.repository)" } ?? printable(remote.url, limit: 200)
    place = base.policy.repository.map { printable($0) } ?? shownAddress
    let lead = shortBranch(base.leadRef)
    let role = base.isLead ? "it carries the rules" : "the rules are those of \(lead) at \(base.leadTip.short)"
    judged = """
      judged from the trust root on; asks for \(base.threshold) \(base.threshold == 1 ? "maintainer" : "maintainers"); \
      \(role)
      """
    var warnings: [String] = []
    if let name = base.policy.repository, !Self.isSame(name, address) {
      warnings.append(
        """
        the remote \(printable(remote.name)) is \(shownAddress); the policy's repository is \(printable(name)), \
        and your signature counts only there
        """)
    }
    let strongest = base.policy.leadThreshold
    if !base.isLead, base.threshold < strongest {
      warnings.append(
        """
        \(printable(pull.base)) asks for \(base.threshold) \(base.threshold == 1 ? "maintainer" : "maintainers"), \
        \(lead) for \(strongest): your signature counts for \(printable(pull.base)) only
        """)
    }
    if let claimed = pull.claimedBase, claimed != base.tip {
      warnings += try Self.difference(claimed, base, repository)
    }
    self.warnings = warnings
  }

  /// Whether an address is the one that the policy names, as `HOST/OWNER/NAME`. What is no address cannot be told.
  static func isSame(_ name: String, _ address: RemoteAddress?) -> Bool {
    guard let address else { return true }
    return name.lowercased() == "\(address.origin.host)/\(address.repository)".lowercased()
      || name.lowercased() == "\(address.origin.authority)/\(address.repository)".lowercased()
  }

  /// The forge's word on the base against what this clone has judged.
  private static func difference(_ claimed: ObjectID, _ base: JudgedBase, _ repository: Repository) throws -> [String] {
    let name = printable(shortBranch(base.ref))
    guard try repository.kind(of: claimed) == .commit else {
      return ["the forge says that \(name) is at \(claimed.short), which its repository does not have"]
    }
    // Forges note where a branch was when the request was opened, and not where it is: behind is usual.
    if try repository.isAncestor(claimed, of: base.tip) { return [] }
    if try repository.isAncestor(base.tip, of: claimed) {
      return [
        "the forge says that \(name) is at \(claimed.short), ahead of what its repository has and the rule accepts"
      ]
    }
    return ["the forge says that \(name) is at \(claimed.short), which is on another line than what the rule accepts"]
  }
}

/// A branch's name without `refs/heads/`.
func shortBranch(_ ref: String) -> String { ref.hasPrefix("refs/heads/") ? String(ref.dropFirst(11)) : ref }
