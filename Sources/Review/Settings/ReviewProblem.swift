package import GitBridge

/// What keeps a review from being finished.
package enum ReviewProblem: Error, Sendable {
  case git(GitError)
  case registry(FileDefect, at: String)
  case policy(FileDefect, at: String)
  case engine(String)
  case budgetSpent
  case trustRootMissing(String)
  /// Somebody asked for a judgement of a ref that nothing protects.
  case notProtected(String, names: [String])
  /// The branch that carries the rules is not here.
  case leadMissing(String, next: String)
  /// What another project's rule needs is not there.
  case foreignRule(String, next: String)

  /// The same as a refusal: never accepted, and undecided where nothing else refuses.
  package func refusal(ref: String) -> Refusal {
    switch self {
    case .git(let error):
      let code: RefusalCode =
        switch error {
        case .shallow: .shallow
        case .missingObject: .missingObject
        case .unsupportedRepository, .foreignOwner, .notARepository: .unsupportedRepository
        default: .cannotRead
        }
      return Refusal(code, ref: ref, message: error.message, next: error.next)
    case .registry(let defect, let place):
      return Refusal(
        .registryInvalid, ref: ref, message: "the registry at \(place) is invalid: \(defect.message)",
        next: "stagex-maint keys list")
    case .policy(let defect, let place):
      return Refusal(
        .policyInvalid, ref: ref, message: "the policy at \(place) is invalid: \(defect.message)",
        next: "stagex-maint policy lint")
    case .engine(let text):
      return Refusal(.engineFailed, ref: ref, message: text, next: "stagex-maint hook doctor")
    case .budgetSpent:
      return Refusal(
        .budgetSpent, ref: ref, message: "the time budget (maint.budget) was spent before the end",
        next:
          "push fewer commits at a time, or on the server: "
          + "stagex-maint verify --old OLD --new NEW --target \(ref.isEmpty ? "REF" : shellWord(ref))")
    case .trustRootMissing(let text):
      return Refusal(
        .trustRootMissing, ref: ref, message: text, next: "git config maint.trustRoot COMMIT")
    case .notProtected(let name, let names):
      return Refusal(
        .notProtected, ref: ref, message: "\(printable(name)) is not protected here, so there is nothing to judge",
        next: "name one of: \(names.map { printable($0) }.joined(separator: ", "))")
    case .leadMissing(let text, let next):
      return Refusal(.leadMissing, ref: ref, message: text, next: next)
    case .foreignRule(let text, let next):
      return Refusal(.cannotRead, ref: ref, message: text, next: next)
    }
  }
}
