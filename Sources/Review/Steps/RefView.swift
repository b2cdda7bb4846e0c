internal import GitBridge

/// The refs of a repository, as a push leaves them one update after the other.
struct RefView {
  /// As the updates that were accepted so far leave them.
  private(set) var current: [[UInt8]: ObjectID] = [:]
  /// As the whole push would leave them. Only what is judged by itself may be read from here: co-signatures.
  private(set) var after: [[UInt8]: ObjectID] = [:]
  private(set) var symbolic: [[UInt8]: [UInt8]] = [:]
  private var repeated: Set<[UInt8]> = []
  private let start: [[UInt8]: ObjectID]

  /// - Parameter remote: In a clone: the remote whose branches are the ones that are protected. Its remote-tracking
  ///   refs stand for the branches, and no local branch does: what is checked out here is not what the server has.
  init(_ repository: Repository, push: [RefUpdate], remote: String? = nil) throws(ReviewProblem) {
    let references = try reading { () throws(GitError) in try repository.references() }
    var found: [[UInt8]: ObjectID] = [:]
    for ref in references {
      if remote != nil, ref.name.starts(with: "refs/heads/".utf8) { continue }
      if let target = ref.symbolicTarget { symbolic[ref.name] = target }
      if let target = ref.target { found[ref.name] = target }
    }
    // R4
    if let remote {
      for ref in references {
        guard let short = shortName(ref.name, under: "refs/remotes/\(remote)/"), let target = ref.target,
          ref.symbolicTarget == nil
        else { continue }
        found[Array("refs/heads/".utf8) + short] = target
      }
    }
    current = found
    start = found
    after = found
    for update in push { after[update.ref] = update.new.isZero ? nil : update.new }
    // Most pushes move one ref: the first use of a kind of collection is a tenth of a millisecond.
    guard push.count > 1 else { return }
    var seen: Set<[UInt8]> = []
    for update in push where !seen.insert(update.ref).inserted { repeated.insert(update.ref) }
  }

  /// The branches that follow the lead, and where they stand.
  func followers(_ names: ProtectedNames) -> [[UInt8]: ObjectID] {
    current.filter { names.protectsBranch($0.key) && !names.isLead($0.key) }
  }

  /// Whether a ref does not stand where an update starts, or is updated more than once.
  func isStale(_ update: RefUpdate) -> Bool {
    // An update of a symbolic ref is refused for what it is.
    guard symbolic[update.ref] == nil else { return false }
    return start[update.ref] ?? .zero != update.old || repeated.contains(update.ref)
  }

  /// Takes a ref to stand where somebody says it does: for questions only.
  mutating func suppose(_ ref: [UInt8], at id: ObjectID) { current[ref] = id.isZero ? nil : id }

  mutating func accept(_ update: RefUpdate) { current[update.ref] = update.new.isZero ? nil : update.new }
}
