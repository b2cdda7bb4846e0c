/// Commits are numbered as they are made, so a parent's number is always smaller than its child's.
package typealias CommitID = Int
package typealias Key = String
package typealias Person = String
/// Seconds, from any beginning.
package typealias Time = Int

/// A self-signature of a primary key: when the key expires, if ever.
package struct SelfSignature: Hashable, Sendable {
  package var date: Time
  package var expires: Time?

  package init(date: Time, expires: Time?) {
    self.date = date
    self.expires = expires
  }
}

package struct Revocation: Hashable, Sendable {
  package var date: Time
  /// As compromised, or without a reason.
  package var isHard: Bool

  package init(date: Time, isHard: Bool) {
    self.date = date
    self.isHard = isHard
  }
}

/// The certificate of one primary key, as one file under `keys/` holds it.
package struct Certificate: Hashable, Sendable {
  package var key: Key
  package var created: Time
  package var selfSignatures: Set<SelfSignature>
  package var revocations: Set<Revocation> = []

  package init(_ key: Key, created: Time, expires: Time? = nil) {
    self.key = key
    self.created = created
    selfSignatures = [SelfSignature(date: created, expires: expires)]
  }

  /// R31: of several self-signatures the newest counts.
  func isExpired(at time: Time) -> Bool {
    guard let expires = selfSignatures.max(by: { $0.date < $1.date })?.expires else { return false }
    return expires <= time
  }

  func with(_ newer: Certificate?) -> Certificate {
    guard let newer, newer.key == key else { return self }
    var copy = self
    copy.selfSignatures.formUnion(newer.selfSignatures)
    return copy
  }
}

package struct Entry: Hashable, Sendable {
  package var person: Person
  package var isMachine = false

  package init(_ person: Person, isMachine: Bool = false) {
    self.person = person
    self.isMachine = isMachine
  }
}

package struct BranchRule: Hashable, Sendable {
  /// A name, or a prefix and `*`.
  package var name: String
  package var from: [String] = []
  package var threshold: Int?
  /// R121.
  package var mayRewind = false

  package init(_ name: String, from: [String] = [], threshold: Int? = nil) {
    self.name = name
    self.from = from
    self.threshold = threshold
  }
}

package struct PathRule: Hashable, Sendable {
  package var path: String
  package var threshold: Int
  package var group: Set<Person>

  package init(_ path: String, threshold: Int, group: Set<Person> = []) {
    self.path = path
    self.threshold = threshold
    self.group = group
  }
}

/// R119: what holds where a policy says nothing.
package struct Policy: Hashable, Sendable {
  package var version = 0
  package var lead: String?
  package var threshold = 2
  package var branches = [BranchRule("main"), BranchRule("staging"), BranchRule("release/*")]
  package var protectsTags = true
  /// R122.
  package var tagThreshold = 1
  package var paths: [PathRule] = []
  package var bindsAdoptions = false

  package init(version: Int = 0, lead: String? = nil, threshold: Int = 2) {
    self.version = version
    self.lead = lead
    self.threshold = threshold
  }

  func rule(for ref: String) -> BranchRule? { branches.first { matches($0.name, ref) } }

  /// R37.
  var highestThreshold: Int { max(threshold, branches.compactMap(\.threshold).max() ?? 0) }
}

func isPattern(_ name: String) -> Bool { name.hasSuffix("*") }
func matches(_ pattern: String, _ name: String) -> Bool {
  isPattern(pattern) ? name.hasPrefix(pattern.dropLast()) && name.count >= pattern.count : name == pattern
}

/// R86: what a co-signature says.
package struct Statement: Hashable, Sendable {
  package var signature: Signature
  package var target: String
  package var base: CommitID
  package var head: CommitID

  package init(_ signature: Signature, target: String, base: CommitID, head: CommitID) {
    self.signature = signature
    self.target = target
    self.base = base
    self.head = head
  }
}

/// What stands at a path.
package enum Content: Hashable, Sendable {
  case text(Int)
  case registry([Key: Entry])
  case certificate(Certificate)
  case policy(Policy)
  case statement(Statement)
  /// Not what its path asks for.
  case garbage
}

package typealias Tree = [String: Content]

/// A signature whose mathematics holds. Whether it is good is another question.
package struct Signature: Hashable, Sendable {
  package var key: Key
  package var date: Time

  package init(_ key: Key, _ date: Time) {
    self.key = key
    self.date = date
  }
}

/// R88, R89. An id that is not full is no id.
package enum Bound: Hashable, Sendable {
  case base(CommitID?)
  case target(String)
}

package struct Commit: Hashable, Sendable {
  package var parents: [CommitID]
  package var tree: Tree
  package var signature: Signature?
  /// The committer's date.
  package var made: Time
  package var saysAdopt = false
  package var bounds: [Bound] = []

  package init(_ parents: [CommitID], _ tree: Tree, by signature: Signature? = nil, made: Time) {
    self.parents = parents
    self.tree = tree
    self.signature = signature
    self.made = made
  }
}

package struct Tag: Sendable {
  package var name: String
  package var target: CommitID
  package var signature: Signature?

  package init(_ name: String, _ target: CommitID, by signature: Signature?) {
    self.name = name
    self.target = target
    self.signature = signature
  }
}

/// A set of commits.
package struct Commits: Sendable, Equatable {
  private var words: [UInt64] = []

  package init() {}

  package func contains(_ id: CommitID) -> Bool { id >> 6 < words.count && words[id >> 6] >> UInt64(id & 63) & 1 == 1 }

  mutating func insert(_ id: CommitID) {
    while words.count <= id >> 6 { words.append(0) }
    words[id >> 6] |= 1 << UInt64(id & 63)
  }

  mutating func formUnion(_ other: Commits) {
    while words.count < other.words.count { words.append(0) }
    for index in other.words.indices { words[index] |= other.words[index] }
  }

  func subtracting(_ other: Commits) -> Commits {
    var copy = self
    for index in 0..<min(words.count, other.words.count) { copy.words[index] &= ~other.words[index] }
    return copy
  }

  func intersection(_ other: Commits) -> Commits { subtracting(subtracting(other)) }

  /// In order: parents before their children.
  package var ids: [CommitID] { (0..<words.count * 64).filter(contains) }
}

/// All commits and tags that ever were, in whatever branch or none.
package final class History {
  package private(set) var commits: [Commit] = []
  package private(set) var tags: [Tag] = []
  private var reached: [Commits] = []
  private var known: [Commit: CommitID] = [:]

  package init() {}

  /// Commits that are alike in all are one, as in git.
  package func add(_ commit: Commit) -> CommitID {
    if let id = known[commit] { return id }
    known[commit] = commits.count
    var reach = Commits()
    for parent in commit.parents { reach.formUnion(reached[parent]) }
    reach.insert(commits.count)
    reached.append(reach)
    commits.append(commit)
    return commits.count - 1
  }

  package func add(_ tag: Tag) -> Int {
    tags.append(tag)
    return tags.count - 1
  }

  package subscript(id: CommitID) -> Commit { commits[id] }

  /// A commit and its ancestors.
  package func reach(_ id: CommitID) -> Commits { reached[id] }

  func reach(_ ids: some Sequence<CommitID>) -> Commits { ids.reduce(into: Commits()) { $0.formUnion(reached[$1]) } }

  /// The first-parent line of a commit, newest first, itself included.
  package func line(_ id: CommitID) -> [CommitID] {
    var line = [id]
    while let parent = commits[line[line.count - 1]].parents.first { line.append(parent) }
    return line
  }
}
