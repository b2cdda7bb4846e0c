internal import GitBridge

/// Which branches that follow the lead have a commit among their states. Each branch is walked once, however often
/// somebody asks: a push may bring thousands.
final class Followers {
  private let states: FollowerStates
  private let names: ProtectedNames
  /// Where the branches stand that nobody has walked yet.
  private var unread: [[UInt8]: ObjectID]
  /// Those whose line is too long to be walked for every commit.
  private var long: [[UInt8]: ObjectID] = [:]
  private var read: [[UInt8]: [ObjectID]] = [:]
  private var holders: [ObjectID: Set<[UInt8]>] = [:]

  /// - Parameter refs: As they stand now; what moves later is told by `move`.
  init(_ authority: Authority, _ refs: RefView, in repository: Repository, _ settings: ReviewSettings) {
    states = FollowerStates(repository: repository, lead: authority.lead, settings: settings)
    names = authority.names
    unread = refs.followers(names)
  }

  /// A branch has come, moved, or gone: an all-zero id.
  func move(_ name: [UInt8], to tip: ObjectID) {
    guard names.protectsBranch(name), !names.isLead(name) else { return }
    for commit in read.removeValue(forKey: name) ?? [] { holders[commit]?.remove(name) }
    long[name] = nil
    unread[name] = tip.isZero ? nil : tip
  }

  /// Whether a commit is a state of one of some branches.
  ///
  /// - Parameter isAsked: Of a full name.
  func hold(_ commit: ObjectID, where isAsked: ([UInt8]) -> Bool = { _ in true }) throws(ReviewProblem) -> Bool {
    try look(for: commit, in: isAsked)
    return holders[commit]?.contains(where: isAsked) ?? false
  }

  /// The other follower of which one of some commits is a state already, if any: of the oldest of them. A lead state is
  /// nobody's own.
  ///
  /// - Parameter line: Along first parents, oldest first: of what is newer than one that a branch does not reach, it
  ///   reaches nothing.
  // R46
  func holder(of line: [ObjectID], besides ref: [UInt8]) throws(ReviewProblem) -> [UInt8]? {
    let own = line.drop { states.lead.contains($0) }
    guard let oldest = own.first else { return nil }
    try look(for: oldest) { $0 != ref }
    for commit in own where !states.lead.contains(commit) {
      let others = holders[commit]?.filter { $0 != ref } ?? []
      if let first = others.min(by: { $0.lexicographicallyPrecedes($1) }) { return first }
    }
    return nil
  }

  /// Walks what has to be walked before anybody can tell who holds a commit.
  private func look(for commit: ObjectID, in isAsked: ([UInt8]) -> Bool) throws(ReviewProblem) {
    for (name, tip) in unread where isAsked(name) {
      if let few = try states.fewStates(of: tip, name: name) { enter(name, few) } else { long[name] = tip }
      unread[name] = nil
    }
    for (name, tip) in long where isAsked(name) {
      guard try states.reaches(commit, from: tip) else { continue }
      enter(name, try states.allStates(of: tip, name: name))
      long[name] = nil
    }
  }

  private func enter(_ name: [UInt8], _ commits: [ObjectID]) {
    read[name] = commits
    for commit in commits { holders[commit, default: []].insert(name) }
  }
}
