package import GitBridge

/// One ref moving from `old` to `new`, as git hands it to a hook. All zeros stand for "does not exist".
package struct RefUpdate: Sendable, Equatable {
  /// The full name, as bytes from outside.
  package let ref: [UInt8]
  package let old: ObjectID
  package let new: ObjectID

  package init(ref: [UInt8], old: ObjectID, new: ObjectID) {
    self.ref = ref
    self.old = old
    self.new = new
  }

  package var name: String { String(decoding: ref, as: UTF8.self) }
}

/// The refs of a repository before a push, and what the push would make of them.
struct RefView {
  private(set) var before: [[UInt8]: ObjectID] = [:]
  private(set) var after: [[UInt8]: ObjectID] = [:]
  /// The new values of those updates of this push that have been judged and accepted so far.
  ///
  /// Only these may be leaned on. Were two branches allowed to lean on each other's unjudged new
  /// tips, one push could move both to a commit that nobody signed.
  private(set) var accepted: [[UInt8]: ObjectID] = [:]
  private(set) var symbolic: [[UInt8]: [UInt8]] = [:]
  private var repeated: Set<[UInt8]> = []

  /// - Parameter remote: In a clone: the remote whose branches are the ones that are protected. Its
  ///   remote-tracking refs are then taken for the branches themselves.
  init(_ repository: Repository, push: [RefUpdate], remote: String? = nil) throws(ReviewProblem) {
    let references = try reading { () throws(GitError) in try repository.references() }
    for ref in references {
      if let target = ref.symbolicTarget { symbolic[ref.name] = target }
      if let target = ref.target { before[ref.name] = target }
    }
    if let remote {
      for ref in references {
        guard let short = shortName(ref.name, under: "refs/remotes/\(remote)/"), let target = ref.target,
          ref.symbolicTarget == nil
        else { continue }
        before[Array("refs/heads/".utf8) + short] = target
      }
    }
    after = before
    var seen: Set<[UInt8]> = []
    for update in push {
      after[update.ref] = update.new.isZero ? nil : update.new
      if !seen.insert(update.ref).inserted { repeated.insert(update.ref) }
    }
  }

  /// Whether a ref does not stand where an update starts, or is updated more than once.
  ///
  /// Attack: a pusher claims that a branch stands on an unreviewed commit already, and leans another
  /// branch on it. Git holds the claim against the ref only after the hook, one ref after the other.
  func isStale(_ update: RefUpdate) -> Bool {
    // An update of a symbolic ref is refused for what it is.
    guard symbolic[update.ref] == nil else { return false }
    return before[update.ref] ?? .zero != update.old || repeated.contains(update.ref)
  }

  /// Whether a branch takes merges from another, by way of any others.
  func leans(_ name: [UInt8], on target: [UInt8], _ policy: Policy) -> Bool {
    var seen: Set<[UInt8]> = []
    var waiting = [name]
    while let branch = waiting.popLast() {
      guard seen.insert(branch).inserted, let from = policy.branchRule(for: branch)?.from, !from.isEmpty else { continue }
      for other in Array(before.keys) + [target] {
        guard let short = shortName(other, under: "refs/heads/"), from.contains(where: { $0.matches(short) }) else { continue }
        if other == target { return true }
        waiting.append(other)
      }
    }
    return false
  }

  mutating func accept(_ update: RefUpdate) {
    if !update.new.isZero { accepted[update.ref] = update.new }
  }

  /// The commits at which the source branches of a branch stand, before the push and by what has been accepted of it.
  ///
  /// - Parameter isProtected: A branch that nobody judges is no source, whatever a policy says.
  func sources(
    of ref: [UInt8], matching globs: [Glob], isProtected: ([UInt8]) -> Bool
  ) -> [(name: [UInt8], tip: ObjectID)] {
    guard !globs.isEmpty else { return [] }
    var tips: [(name: [UInt8], tip: ObjectID)] = []
    for refs in [before, accepted] {
      for (name, tip) in refs {
        guard name != ref, let short = shortName(name, under: "refs/heads/"), globs.contains(where: { $0.matches(short) }),
          isProtected(name), !tips.contains(where: { $0.tip == tip })
        else { continue }
        tips.append((name, tip))
      }
    }
    return tips.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }
}
