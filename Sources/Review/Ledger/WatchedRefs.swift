internal import GitBridge

extension Reviewer {
  /// Whether a ref's moves are judged, and so kept in a ledger: protected branches and tags, and the co-signatures' ref.
  ///
  /// - Throws: What keeps the names from being known.
  package func watchedRefs() throws(ReviewProblem) -> @Sendable ([UInt8]) -> Bool {
    let names = try ProtectedNames(self, try RefView(repository, push: [], remote: settings.remote))
    let policies = names.policies
    return { ref in
      policies.contains { $0.branchRule(for: ref) != nil || $0.protectsTag(ref) || Array($0.coSignatureRef.utf8) == ref }
    }
  }

  /// The full name of the branch that carries the rules.
  package func leadRef() -> [UInt8] {
    Array("refs/heads/\(repository.config("maint.lead") ?? "main")".utf8)
  }
}
