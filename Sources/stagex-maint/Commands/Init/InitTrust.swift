internal import GitBridge
internal import OpenPGP
internal import Review

/// The trust root and the lead: proposed, shown with all that speaks for them, never set unseen.
extension InitSteps {
  mutating func trustRoot(_ revision: String?, lead branch: String?) throws {
    title("trust root: git config maint.trustRoot")
    if revision == nil, let set = repository.config("maint.trustRoot") {
      guard let id = ObjectID(hexString: set) else {
        throw Failure.cannotJudge(
          "maint.trustRoot is \(printable(set)), which is no full id", next: "git config --unset maint.trustRoot")
      }
      guard try repository.kind(of: id) == .commit else {
        return line("\(id.hex), which is not here yet: it must come with the first push or fetch")
      }
      return show(try TrustRootFacts(id, repository))
    }
    line("one commit, with its ancestors, is trusted; everything after it is judged")
    // A server that is still empty: the id is known, the commit comes with the first push.
    if let revision, let id = ObjectID(hexString: revision), try repository.references().isEmpty {
      guard asker.ask("Trust \(id.hex), which is not here yet?") else { return }
      return try trust(id)
    }
    let lead = try branch ?? repository.config("maint.lead") ?? proposedLead(nil)
    let tip = try tip(of: lead)
    if tip != nil, repository.headBranch() != "refs/heads/\(lead)" { elsewhere = lead }
    guard let id = try revision.map({ try Session.resolve($0, in: repository) }) ?? (elsewhere == nil ? head : tip)
    else {
      return line(
        """
        there is no commit yet: the first one that holds \(MaintainersFile.path) and \(Registry.keysFolder)/ is to be it
        """)
    }
    let facts = try TrustRootFacts(id, repository)
    guard revision != nil || facts.holdsRegistry else {
      // Committed on another branch the registry would be a trust root that the lead does not hold: all its pushes were
      // refused.
      let there = elsewhere.map { " on \(printable($0)), which is to carry the rules" } ?? ""
      return line(
        """
        \(id.short) holds no \(MaintainersFile.path) whose keys count: commit it first\(there); \
        this commit is to be the trust root
        """)
    }
    show(facts)
    if let tip, !(try repository.isAncestor(id, of: tip)) {
      line(
        """
        warning: \(printable(lead)), which is to carry the rules, does not hold it yet: \
        until it does, a server refuses every push there
        """)
    }
    guard asker.ask("Trust \(id.hex) and everything before it?") else { return }
    try trust(id)
  }

  /// Where a branch is: here, else where the remote was last seen to have it.
  private func tip(of branch: String) throws -> ObjectID? {
    let remote = repository.config("maint.remote") ?? "origin"
    for ref in ["refs/heads/\(branch)", "refs/remotes/\(remote)/\(branch)"] where repository.mayBeRef(ref) {
      if let tip = try repository.resolve(ref: ref) { return tip }
    }
    return nil
  }

  private mutating func trust(_ id: ObjectID) throws {
    try repository.setConfig("maint.trustRoot", id.hex)
    trusted = id
    line("maint.trustRoot = \(id.hex)")
  }

  private func show(_ facts: TrustRootFacts) {
    let rows = [
      ("commit", facts.id.hex), ("subject", printable(facts.subject, limit: 70)),
      ("author", printable(facts.author, limit: 70)),
      ("date", datestamp(facts.time)), ("signed", facts.signature),
    ]
    for (name, value) in rows { console.out("   \(name)" + String(repeating: " ", count: 9 - name.count) + value) }
    line("read this aloud to another maintainer, who looks at the same in a clone of their own:")
    for text in wrapped("\"\(facts.sentence)\"", width: 92) { console.out("     \(text)") }
  }

  /// The branch that was named; else staging, where there is one beside main; else HEAD's.
  func proposedLead(_ branch: String?) throws -> String {
    func exists(_ name: String) -> Bool { (try? tip(of: name)) ?? nil != nil }
    let usual = repository.headBranch().flatMap {
      $0.hasPrefix("refs/heads/") ? String($0.dropFirst("refs/heads/".count)) : nil
    }
    let proposed = branch ?? (exists("staging") && exists("main") ? "staging" : usual ?? "main")
    guard repository.mayBeRef("refs/heads/\(proposed)"), !proposed.utf8.contains(where: { $0 == 0x22 || $0 == 0x5C })
    else {
      throw Failure.usage("\(printable(proposed)) is no branch's name that can carry the rules")
    }
    return proposed
  }

  mutating func lead(_ branch: String?) throws {
    title("lead: git config maint.lead")
    leadBranch = repository.config("maint.lead")
    if branch == nil, let leadBranch { return line("\(printable(leadBranch)) carries the rules") }
    let proposed = try proposedLead(branch)
    line("one branch carries the rules: who counts, and what each change needs; the others follow it")
    if branch == nil, proposed == "staging" {
      line("there are staging and main: where changes reach main by way of staging, staging is the lead")
    }
    guard trusted != nil else { return line("it is set beside the trust root, once there is one") }
    guard asker.ask("Let \(printable(proposed)) be the lead?") else { return }
    try repository.setConfig("maint.lead", proposed)
    leadBranch = proposed
    line("maint.lead = \(printable(proposed))")
  }
}

/// What a person must see of a commit before it is trusted.
private struct TrustRootFacts {
  let id: ObjectID
  let subject: String
  let author: String
  /// Seconds since 1970, as the committer claims them.
  let time: Int64
  /// Who signed it, in words that are safe to print.
  let signature: String
  /// Whether somebody counts by what its tree lists.
  let holdsRegistry: Bool

  init(_ id: ObjectID, _ repository: Repository) throws {
    self.id = id
    let (commit, bytes) = try repository.readCommit(id)
    subject = repository.subject(of: id) ?? ""
    author = String(
      decoding: bytes[commit.author].prefix { $0 != UInt8(ascii: ">") } + [UInt8(ascii: ">")], as: UTF8.self)
    time = commit.committerTime
    let session = try Session(repository, nil, moment: .now, engines: .native)
    // The tree of a commit that comes before the registry lists nobody; that is no error here.
    let registry = try? session.reviewer.registry(at: id)
    let policy = try? session.reviewer.policy(at: id)
    holdsRegistry = registry?.nobodyCounts(needing: policy?.evidence ?? .declared) == nil && registry != nil
    signature = Self.signature(commit, bytes, registry)
  }

  private static func signature(_ commit: CommitParse, _ bytes: [UInt8], _ registry: Registry?) -> String {
    guard let range = commit.signature else { return "by nobody" }
    let armor = String(decoding: bytes[range].dropFirst("gpgsig ".utf8.count), as: UTF8.self).replacing(
      "\n ", with: "\n")
    guard case .openPGP(let packet) = SignatureBlock.read(armor: Array(armor.utf8)) else {
      return "not with an OpenPGP key"
    }
    let payload = Array(bytes[..<range.lowerBound] + bytes[range.upperBound...])
    let answer = Question.asking(packet, over: payload) {
      NativeEngine(keyring: registry?.keyring ?? Keyring([])).judge($0)
    }
    switch answer {
    case .good(let key, let primary, _):
      return "by \(registry?.key(primary).map { printable($0.person) } ?? "a key") with \(key)"
    case .bad: return "BADLY: the signature names a listed key, which has not made it"
    default: return "by a key that its own registry does not list" + (packet.issuerFingerprint.map { ": \($0)" } ?? "")
    }
  }

  /// Short enough to be read aloud, and the whole id in groups that an ear can follow.
  var sentence: String {
    let digits = Array(id.hex)
    let groups = stride(from: 0, to: digits.count, by: 4).map { String(digits[$0..<min($0 + 4, digits.count)]) }
    return "The trust root is \(groups.joined(separator: " ")), of \(datestamp(time)), signed \(signature)."
  }
}
