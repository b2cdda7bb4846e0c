extension Reviewer {
  /// Whether a ref's moves are judged, and so kept in a ledger: protected branches and tags, and the co-signatures'
  /// ref.
  ///
  /// - Throws: What keeps the names from being known.
  package func watchedRefs() throws(ReviewProblem) -> @Sendable ([UInt8]) -> Bool {
    let protection = try protection()
    let coSignatures = Array(protection.policy.coSignatureRef.utf8)
    return { protection.protects($0) || $0 == coSignatures }
  }

  /// The full name of the branch that carries the rules.
  package func leadRef() throws(ReviewProblem) -> [UInt8] { Array(try protection().lead.utf8) }
}
