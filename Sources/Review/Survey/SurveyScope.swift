package import GitBridge
package import OpenPGP

/// What is to be surveyed, and how.
package struct SurveyScope: Sendable {
  /// The repository's name, for people.
  package var name: String
  /// The branch's full name.
  package var ref: String
  /// Where the branch stands.
  package var tip: ObjectID
  /// Changes of this time and later, in seconds since 1970, by the committer's clock.
  package var since: Int64?
  /// Certificates to check signatures with.
  package var keyring: Keyring?
  /// What is taken for a machine.
  package var machines = MachineKeys()
  /// Whether merges that a forge's button made are done again as well.
  package var redoesAllMerges = false

  package init(name: String, ref: String, tip: ObjectID) {
    self.name = name
    self.ref = ref
    self.tip = tip
  }
}

extension Reviewer {
  /// Counts who stands behind each change of a history. Judges nothing: neither rule nor registry takes part.
  package func survey(_ scope: SurveyScope) throws(ReviewProblem) -> Survey {
    if repository.isShallow { throw .git(.shallow(path: repository.gitDirectory)) }
    var scan = SurveyScan(scope: scope, settings: settings, workers: workers)
    try scan.read(repository)
    return try SurveyCount(scan: scan, repository: repository, workers: workers, settings: settings).result()
  }
}
