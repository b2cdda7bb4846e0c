internal import GitBridge
internal import OpenPGP

/// The co-signatures of a repository, found by head.
///
/// Only statements whose head is one of a step's new commits are looked at: a statement about a head
/// that the step does not bring was made for something else.
final class CoSignatureIndex {
  private let repository: Repository
  private var folders: [[UInt8]: ObjectID] = [:]
  /// The folders of one prefix, by head; read once each.
  private var heads: [[UInt8]: [[UInt8]: ObjectID]] = [:]
  private var digests: [ObjectID: [UInt8]] = [:]
  private var bases: [ObjectID: ObjectID?] = [:]

  /// - Parameter refs: The refs as the push leaves them: a co-signature may arrive together with its change.
  init?(_ repository: Repository, ref: String, refs: [[UInt8]: ObjectID]) throws(ReviewProblem) {
    guard let tip = refs[Array(ref.utf8)] else { return nil }
    self.repository = repository
    for entry in try reading({ () throws(GitError) in try repository.tree(repository.treeOfCommit(tip)) })
    where entry.mode == treeMode {
      folders[entry.name] = entry.id
    }
  }

  /// The statements about these commits, and about states of the branch above them, that bind to this repository and
  /// target, each with what its signature is worth.
  ///
  /// On the lead a maker counts by the rules of the step alone: by those of a later state, strangers whom nobody ever
  /// let in could vouch for the very step that lists them.
  // R87
  func facts(
    for commits: [ObjectID], states: StatesAbove, of step: Step, target: String, terms: StepTerms,
    settings: ReviewSettings
  ) throws(ReviewProblem) -> [CoSignatureFact] {
    guard !folders.isEmpty, terms.rules.policy.ways.contains(.coSignature) else { return [] }
    var facts: [CoSignatureFact] = []
    for commit in commits { facts += try read(try files(about: commit), about: commit, target, terms).map(\.fact) }
    let new = Set(commits)
    for head in states.from(step.new) where !new.contains(head) {
      for file in try files(about: head) {
        // Nearly all of them begin above the step. Nobody's signature is looked at for that.
        guard let base = try base(of: file.id), let excluded = try reached(by: base, among: commits, below: step) else {
          continue
        }
        for (fact, base) in try read([file], about: head, target, terms) where base != nil {
          var fact = fact
          fact.isAbove = true
          fact.excluded = excluded
          facts.append(fact)
        }
      }
    }
    return facts
  }

  /// The commits of a step that a statement's base reaches; nil where that is all of them.
  private func reached(by base: ObjectID, among commits: [ObjectID], below step: Step) throws(ReviewProblem)
    -> [ObjectID]?
  {
    // The usual base: the branch as it was, which reaches nothing new.
    if base == step.old { return [] }
    if commits.contains(base) { return [] }
    return try reading { () throws(GitError) in
      if try repository.isAncestor(base, of: step.old) { return [] }
      if try repository.isAncestor(step.new, of: base) { return nil }
      // Attack: a statement from far away over a step of thousands of commits. It covers nothing then.
      guard commits.count <= 1024 else { return nil }
      var excluded: [ObjectID] = []
      for commit in commits where try repository.isAncestor(commit, of: base) { excluded.append(commit) }
      return excluded
    }
  }

  /// Whether there is any file about a head.
  func holdsStatement(about head: ObjectID) throws(ReviewProblem) -> Bool { try !files(about: head).isEmpty }

  /// The base that a statement names, whoever signed it; nil where it cannot be read.
  private func base(of file: ObjectID) throws(ReviewProblem) -> ObjectID? {
    if let known = bases[file] { return known }
    let bytes: [UInt8]? = try reading { () throws(GitError) in
      guard try repository.size(of: file) ?? 0 <= CoSignatureFile.limit else { return nil }
      return try repository.read(file, as: .blob)
    }
    var base: ObjectID?
    if let bytes, let message = try? SignedMessage.read(bytes),
      let found = try? CoSignatureStatement.read(message.content).base,
      try reading({ () throws(GitError) in try repository.kind(of: found) }) == .commit
    {
      base = found
    }
    bases[file] = .some(base)
    return base
  }

  private func read(
    _ files: [TreeEntry], about head: ObjectID, _ target: String, _ terms: StepTerms
  ) throws(ReviewProblem) -> [(fact: CoSignatureFact, base: ObjectID?)] {
    var facts: [(fact: CoSignatureFact, base: ObjectID?)] = []
    for file in files {
      let read = try CoSignatureFile(repository: repository)
        .read(file.id, name: file.name, head: head, terms.loaded, terms.signatures)
      let fact: (base: ObjectID, signature: SignatureFact)
      switch read {
      // Kept for the explanation: a signature that is not good endorses nothing, whatever it covers.
      case .failure(let defect):
        fact = (
          defect.statement?.base ?? .zero, .notGood(code: defect.code, person: defect.person, detail: defect.text)
        )
      case .success((let statement, let signer)):
        if let objection = try objection(to: statement, target: target, policy: terms.rules.policy) {
          fact = (.zero, .notGood(code: .coSignatureInvalid, person: signer.person, detail: objection))
        } else {
          fact = (statement.base, .good(signer))
        }
      }
      let base = fact.signature.signer == nil ? nil : fact.base
      facts.append((CoSignatureFact(statement: file.id, base: fact.base, head: head, signature: fact.signature), base))
    }
    return facts
  }

  /// Why a signed statement is not about this repository, this target, and the tree that the head has; nil when it is.
  private func objection(
    to statement: CoSignatureStatement, target: String, policy: Policy
  ) throws(ReviewProblem) -> String? {
    // Compared as bytes: Swift takes composed and decomposed letters for equal.
    guard let identity = policy.repository else { return "the policy names no repository to which it could be bound" }
    guard statement.repository.utf8.elementsEqual(identity.utf8) else {
      return "it is for the repository \(printable(statement.repository))"
    }
    guard statement.target.utf8.elementsEqual(target.utf8) else { return "it is for \(printable(statement.target))" }
    return try reading { () throws(GitError) in
      guard try repository.kind(of: statement.base) == .commit else { return "its base is not here" }
      guard try repository.isAncestor(statement.base, of: statement.head) else {
        return "its base is not an ancestor of its head"
      }
      let digest = try digest(ofTree: repository.treeOfCommit(statement.head))
      return digest == statement.treeDigest ? nil : "its digest is not that of its head's tree"
    }
  }

  /// Reads the whole tree, so several statements about one head share the answer.
  private func digest(ofTree tree: ObjectID) throws(GitError) -> [UInt8] {
    if let known = digests[tree] { return known }
    let digest = try repository.treeDigestSHA512(tree)
    digests[tree] = digest
    return digest
  }

  private func files(about commit: ObjectID) throws(ReviewProblem) -> [TreeEntry] {
    let hex = commit.hexBytes
    let prefix = Array(hex.prefix(2))
    guard let folder = folders[prefix] else { return [] }
    return try reading { () throws(GitError) in
      if heads[prefix] == nil {
        var found: [[UInt8]: ObjectID] = [:]
        for entry in try repository.tree(folder) where entry.mode == treeMode { found[entry.name] = entry.id }
        heads[prefix] = found
      }
      guard let tree = heads[prefix]?[hex] else { return [] }
      return try repository.tree(tree).filter { $0.mode == 0o100644 }
    }
  }
}

/// The states of a branch that statements may name as their heads, oldest first.
struct StatesAbove: Sendable {
  static let none = StatesAbove()

  private var heads: [(place: Int, id: ObjectID)] = []
  private var places: [ObjectID: Int] = [:]

  /// - Parameters:
  ///   - line: The states, oldest first.
  ///   - index: The statements there are; nil where there are none.
  init(_ line: [ObjectID], in index: CoSignatureIndex?) throws(ReviewProblem) {
    guard let index else { return }
    for (place, id) in line.enumerated() where try index.holdsStatement(about: id) { heads.append((place, id)) }
    guard !heads.isEmpty else { return }
    places = Dictionary(line.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  private init() {}

  /// A state and those above it about which there are statements; nothing for a commit that is no state.
  func from(_ state: ObjectID) -> [ObjectID] {
    guard let place = places[state] else { return [] }
    return heads.drop { $0.place < place }.map(\.id)
  }
}

/// The mode of a folder's entry in a tree.
let treeMode: UInt32 = 0o040000
