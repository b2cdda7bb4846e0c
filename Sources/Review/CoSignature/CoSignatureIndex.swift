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

  /// - Parameter refs: The refs as the push leaves them: a co-signature may arrive together with its change.
  init?(_ repository: Repository, ref: String, refs: [[UInt8]: ObjectID]) throws(ReviewProblem) {
    guard let tip = refs[Array(ref.utf8)] else { return nil }
    self.repository = repository
    for entry in try reading({ () throws(GitError) in try repository.tree(repository.treeOfCommit(tip)) })
    where entry.mode == treeMode {
      folders[entry.name] = entry.id
    }
  }

  /// The statements about these commits that bind to this repository and target, each with what its signature is worth.
  func facts(
    for commits: [ObjectID], target: String, rules: Rules, settings: ReviewSettings
  ) throws(ReviewProblem) -> [CoSignatureFact] {
    guard !folders.isEmpty, rules.policy.ways.contains(.coSignature) else { return [] }
    var facts: [CoSignatureFact] = []
    for commit in commits {
      for file in try files(about: commit) {
        let read = try CoSignatureFile(repository: repository)
          .read(file.id, name: file.name, head: commit, rules: rules, settings: settings)
        let fact: (base: ObjectID, signature: SignatureFact)
        switch read {
        // Kept for the explanation: a signature that is not good endorses nothing, whatever it covers.
        case .failure(let defect):
          fact = (defect.statement?.base ?? .zero, .notGood(code: defect.code, person: defect.person, detail: defect.text))
        case .success((let statement, let signer)):
          if let objection = try objection(to: statement, target: target, policy: rules.policy) {
            fact = (.zero, .notGood(code: .coSignatureInvalid, person: signer.person, detail: objection))
          } else {
            fact = (statement.base, .good(signer))
          }
        }
        facts.append(CoSignatureFact(statement: file.id, base: fact.base, head: commit, signature: fact.signature))
      }
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
      guard try repository.isAncestor(statement.base, of: statement.head) else { return "its base is not an ancestor of its head" }
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

/// The mode of a folder's entry in a tree.
let treeMode: UInt32 = 0o040000
