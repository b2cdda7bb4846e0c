/// First versions of the files that a protected repository needs, for `init`.
enum Templates {
  /// The branches that the first policy protects, for a CI's list of those whose pushes it looks at.
  static let branches = ["main", "staging", "release/*"]

  /// - Parameters:
  ///   - lead: The branch that is to carry the rules.
  ///   - repository: The repository's own name, where it is known.
  static func policy(lead: String, repository: String?) -> String {
    let name = repository.map { "repository = \"\($0)\"" } ?? "# repository = \"forge.example/owner/name\""
    return """
      # What each change needs before it may land. Reference: docs/policy.md of stagex-maint.
      version = 1                                  # raise it with each change; it never goes down
      \(name)    # co-signatures bind to this name: the project's, not a fork's
      lead = "\(lead)"
      threshold = 2                                # distinct maintainers for each change
      evidence = "declared"                        # the registry names each key's smartcard
      # adoptions = "bound"                        # recommended with cosign: an adoption says for which branch, and \
      from where

      [[branch]]
      name = "main"

      [[branch]]
      name = "staging"

      [[branch]]
      name = "release/*"

      [[tag]]
      name = "[0-9]*"

      # Changing who counts, or what counts, takes one more.
      # [[path]]
      # match = ["MAINTAINERS", "keys/**", "review.toml"]
      # threshold = 3

      """
  }
}
