internal import GitBridge
internal import OpenPGP

/// The co-signatures of a repository, found by head.
///
/// Only statements whose head is one of a step's new commits are looked at: a statement about a head
/// that the step does not bring was made for something else.
final class CoSignatureIndex {
  private let repository: Repository
  private var folders: [[UInt8]: ObjectID] = [:]
  private var heads: [[UInt8]: [TreeEntry]] = [:]

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
        switch read {
        case .failure(let defect):
          // Kept for the explanation only; its base is the head, so that it covers nothing.
          facts.append(
            CoSignatureFact(
              statement: file.id, base: commit, head: commit,
              signature: .notGood(code: defect.code, person: defect.person, detail: defect.text)))
        case .success((let statement, let signer)):
          guard try holds(statement, target: target, policy: rules.policy) else { continue }
          facts.append(
            CoSignatureFact(statement: file.id, base: statement.base, head: commit, signature: .good(signer)))
        }
      }
    }
    return facts
  }

  /// Whether a signed statement is about this repository, this target, and the tree that the head has.
  private func holds(
    _ statement: CoSignatureStatement, target: String, policy: Policy
  ) throws(ReviewProblem) -> Bool {
    // Compared as bytes: Swift takes composed and decomposed letters for equal.
    guard let identity = policy.repository, statement.repository.utf8.elementsEqual(identity.utf8),
      statement.target.utf8.elementsEqual(target.utf8)
    else { return false }
    return try reading { () throws(GitError) in
      guard try repository.kind(of: statement.base) == .commit,
        try repository.isAncestor(statement.base, of: statement.head)
      else { return false }
      return try repository.treeDigestSHA512(repository.treeOfCommit(statement.head)) == statement.treeDigest
    }
  }

  private func files(about commit: ObjectID) throws(ReviewProblem) -> [TreeEntry] {
    let hex = Array(commit.hex.utf8)
    let prefix = Array(hex.prefix(2))
    guard let folder = folders[prefix] else { return [] }
    return try reading { () throws(GitError) in
      let entries: [TreeEntry]
      if let known = heads[prefix] {
        entries = known
      } else {
        entries = try repository.tree(folder)
        heads[prefix] = entries
      }
      guard let entry = entries.first(where: { $0.name == hex && $0.mode == treeMode }) else { return [] }
      return try repository.tree(entry.id).filter { $0.mode == 0o100644 }
    }
  }
}

/// The mode of a folder's entry in a tree.
let treeMode: UInt32 = 0o040000
