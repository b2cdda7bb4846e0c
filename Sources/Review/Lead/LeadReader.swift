internal import GitBridge
internal import OpenPGP

/// Finds the lead among the refs, and its states.
struct LeadReader {
  let repository: Repository
  let settings: ReviewSettings
  let rulebook: Rulebook
  let shelf: LeadShelf

  /// What came of looking for the lead.
  enum Found {
    case line(LeadLine)
    /// It is not here, or does not hold the trust root on its line: the full name, and why, in words.
    case missing(ref: [UInt8], why: String)
  }

  /// - Parameter refs: Where the branches stand.
  func read(_ refs: [[UInt8]: ObjectID], root: ObjectID) throws(ReviewProblem) -> Found {
    if let found = shelf.found(refs, root: root) { return found }
    var tips: [(ref: [UInt8], tip: ObjectID?)] = []
    let found = try read(refs, root: root, asked: &tips)
    shelf.keep(found, root: root, tips: tips)
    return found
  }

  /// - Parameter tips: Gets the branches that the answer depends on, with where they stand.
  private func read(
    _ refs: [[UInt8]: ObjectID], root: ObjectID, asked tips: inout [(ref: [UInt8], tip: ObjectID?)]
  ) throws(ReviewProblem) -> Found {
    let first = try firstName(root)
    guard try reading({ () throws(GitError) in try repository.kind(of: root) }) == .commit else {
      throw .trustRootMissing("the trust root is \(root), and there is no such commit here")
    }
    let memory = shelf.memory(from: root) {
      let memory = LeadMemoryPlace(repository, settings, root: root, lead: first)?.read()
      return memory?.isWhole == true ? memory : nil
    }
    var scan = LeadScan(repository, settings, rulebook, root: root, first: first, memory: memory)
    while true {
      let ref = branch(scan.name)
      tips.append((ref, refs[ref]))
      guard let tip = refs[ref] else {
        // A lead that was named and has no branch yet begins at the state that names it.
        guard scan.leads.count > 1 else { return .missing(ref: ref, why: "there is no \(printable(ref)) here") }
        return .line(scan.line(ref: ref))
      }
      switch try scan.follow(tip) {
      case .whole where branch(scan.name) == ref: return .line(scan.line(ref: ref))
      case .whole: continue
      case .beside:
        // The branch that was named stands on an older state still: it begins at the one that names it.
        if scan.leads.count > 1, scan.isOldState(tip) { return .line(scan.line(ref: ref)) }
        return .missing(
          ref: ref,
          why: "the trust root \(root.short) is not on the first-parent line of \(printable(ref)) (\(tip.short))")
      }
    }
  }

  /// The name of the branch that the trust root makes the lead.
  // R8
  func firstName(_ root: ObjectID) throws(ReviewProblem) -> String {
    if let name = settings.lead { return name }
    if let pinned = rulebook.pinnedPolicy { return pinned.lead ?? Policy.usualLead }
    guard try reading({ () throws(GitError) in try repository.kind(of: root) }) == .commit else {
      return Policy.usualLead
    }
    let tree = try reading { () throws(GitError) in try repository.treeOfCommit(root) }
    return try rulebook.policy(tree: tree, of: root).lead ?? Policy.usualLead
  }

  private func branch(_ name: String) -> [UInt8] { Array("refs/heads/\(name)".utf8) }
}

/// Reads the states of the lead, oldest first, and what they hand over.
struct LeadScan {
  private let repository: Repository
  private let settings: ReviewSettings
  private let rulebook: Rulebook
  private let root: ObjectID
  private let memory: LeadMemory?
  /// How many of the remembered states are on the line.
  private var knownCount = 0
  private var fresh: [ObjectID] = []
  private var hard: [(position: Int, revocation: KeyRevocation)] = []
  private var dates: [Int64] = []
  private var atTip: Set<KeyRevocation> = []
  /// The folder that those were read from; nil where it has not been looked into.
  private var keysAtTip: ObjectID?
  private(set) var leads: [(name: String, position: Int)]
  /// The rule files of the state that was read last.
  private var files: RuleFileIDs?

  /// The branch that carries the rules at the newest state read so far.
  var name: String { leads[leads.count - 1].name }
  var former: [[UInt8]] {
    leads.dropLast().map { Array("refs/heads/\($0.name)".utf8) }.filter { $0 != Array("refs/heads/\(name)".utf8) }
  }

  init(
    _ repository: Repository, _ settings: ReviewSettings, _ rulebook: Rulebook, root: ObjectID, first: String,
    memory: LeadMemory?
  ) {
    self.repository = repository
    self.settings = settings
    self.rulebook = rulebook
    self.root = root
    self.memory = memory
    leads = [(first, 0)]
  }

  enum End {
    /// Up to the tip, or to a state that names another branch: the line goes on there.
    case whole
    /// The branch does not go on from the states read so far.
    case beside
  }

  private var last: ObjectID? { fresh.last ?? (knownCount > 0 ? memory?.state(at: knownCount - 1) : nil) }

  /// Reads the states from those read so far, or from the trust root, up to the tip of a branch.
  // R14
  mutating func follow(_ tip: ObjectID) throws(ReviewProblem) -> End {
    let followed = name
    var above: [ReadState] = []
    var current = tip
    while current != last {
      try settings.checkDeadline()
      if last == nil {
        if let memory, let position = try position(of: current, in: memory, steps: above.count) {
          take(memory, upTo: position)
          // What the old lead has above the state that named another is none of the lead's.
          if name != followed { return .whole }
          break
        }
      }
      let (commit, bytes) = try reading { () throws(GitError) in try repository.readCommit(current) }
      above.append(ReadState(id: current, tree: commit.tree, date: claimedDate(commit, bytes)))
      if last == nil, current == root { break }
      guard let first = commit.parents.first else { return .beside }
      current = first
    }
    for state in above.reversed() {
      if try add(state) { return .whole }
    }
    return .whole
  }

  /// Whether a commit is a state below the newest one read so far.
  func isOldState(_ id: ObjectID) -> Bool {
    fresh.contains(id) || memory?.position(of: id).map { $0 < knownCount } ?? false
  }

  private func position(of id: ObjectID, in memory: LeadMemory, steps: Int) throws(ReviewProblem) -> Int? {
    // The usual case asks for no list: the tip itself, or some commits above it.
    if id == memory.content.tip { return memory.count - 1 }
    guard steps >= 16, memory.isWhole else { return nil }
    return memory.position(of: id)
  }

  /// Takes in what is remembered of the states up to one of them.
  private mutating func take(_ memory: LeadMemory, upTo position: Int) {
    knownCount = position + 1
    leads = memory.content.leads.filter { $0.position <= position }
    hard = memory.content.hard.filter { $0.position <= position }
    dates = memory.content.futureDates
    guard position == memory.count - 1, let keys = memory.content.keys else { return }
    atTip = memory.content.revocations
    keysAtTip = keys
    rulebook.keep(atTip, of: keys)
  }

  /// What is asked of each state: its commit is read once.
  private struct ReadState {
    let id: ObjectID
    let tree: ObjectID
    /// See `claimedDate`.
    let date: Int64?
  }

  /// Takes in the next state. True when it hands over.
  private mutating func add(_ read: ReadState) throws(ReviewProblem) -> Bool {
    let (position, state) = (knownCount + fresh.count, read.id)
    var below = files
    if below == nil, let last {
      below = try rulebook.ruleFiles(tree: try reading { () throws(GitError) in try repository.treeOfCommit(last) })
    }
    let now = try rulebook.ruleFiles(tree: read.tree)
    if below == nil || below?.keys != now.keys {
      // What cannot be looked through says nothing here. Attack: kept as a folder without revocations, it would let
      // every key that is revoked in it sign; not kept, whoever needs the rules at this state finds that they cannot be
      // read.
      let found = try readable { () throws(ReviewProblem) in try rulebook.revocations(now.keys, of: state) }
      atTip = found ?? []
      keysAtTip = found == nil ? nil : now.keys
      for revocation in atTip
      where revocation.revocation.isHard && !hard.contains(where: { $0.revocation == revocation }) {
        hard.append((position, revocation))
      }
    }
    if let date = read.date, date > settings.clock - 86_400 { dates.append(date) }
    defer { files = now }
    fresh.append(state)
    guard !rulebook.isPolicyPinned, below?.policy != now.policy || below == nil else { return false }
    // The trust root names the first lead, unless the admin did.
    guard let below, let previous = try previousTree() else { return false }
    let named = try readable { () throws(ReviewProblem) in
      try rulebook.policy(tree: read.tree, of: state, files: now)
    }?.lead
    let namedBelow = try readable { () throws(ReviewProblem) in
      try rulebook.policy(tree: previous, of: state, files: below)
    }?.lead
    // R13
    guard let named, named != namedBelow, named != name else { return false }
    leads.append((named, position))
    return true
  }

  private func previousTree() throws(ReviewProblem) -> ObjectID? {
    let previous =
      fresh.count >= 2 ? fresh[fresh.count - 2] : (knownCount > 0 ? memory?.state(at: knownCount - 1) : nil)
    guard let previous else { return nil }
    return try reading { () throws(GitError) in try repository.treeOfCommit(previous) }
  }

  /// The date that the signature on a commit claims, checked by nobody yet.
  private func claimedDate(_ commit: CommitParse, _ bytes: [UInt8]) -> Int64? {
    guard commit.signature != nil, commit.defect == nil else { return nil }
    let armor = unsafe bytes.withUnsafeBytes { unsafe commit.signatureArmor(in: $0) }
    guard case .openPGP(let packet) = SignatureBlock.read(armor: armor) else { return nil }
    return packet.created
  }

  func line(ref: [UInt8]) -> LeadLine {
    LeadLine(
      ref: ref, former: former, root: root, known: memory, knownCount: knownCount, fresh: fresh, hardRevocations: hard,
      futureDates: dates, revocationsAtTip: atTip, keysAtTip: keysAtTip, leads: leads)
  }
}
