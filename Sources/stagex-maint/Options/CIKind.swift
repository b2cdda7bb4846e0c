internal import Review

/// A CI that we have a file for.
enum CIKind: String, CaseIterable {
  case forgejo, github, gitlab, woodpecker

  /// Where the CI looks for the file.
  var path: String {
    switch self {
    case .forgejo: ".forgejo/workflows/two-maintainers.yml"
    case .github: ".github/workflows/two-maintainers.yml"
    case .gitlab: ".gitlab/two-maintainers.yml"
    case .woodpecker: ".woodpecker/two-maintainers.yml"
    }
  }

  /// What a repository has that uses it.
  var traces: [String] {
    switch self {
    case .forgejo: [".forgejo", ".gitea"]
    case .github: [".github"]
    case .gitlab: [".gitlab-ci.yml", ".gitlab"]
    case .woodpecker: [".woodpecker", ".woodpecker.yml"]
    }
  }

  /// Public servers that have it.
  var hosts: [String] {
    switch self {
    case .forgejo: ["codeberg.org"]
    case .github: ["github.com"]
    case .gitlab: ["gitlab.com"]
    case .woodpecker: []
    }
  }

  /// What makes it count.
  var advice: String {
    switch self {
    case .forgejo:
      """
      then make the status "two-maintainers (BRANCH)" required for each protected branch (repository settings, Branches)
      """
    case .github:
      "then make the status \"two-maintainers (BRANCH)\" required for each protected branch (Settings, Rules)"
    case .gitlab:
      """
      then put this file into a project that contributors cannot write, and name it: \
      Settings, CI/CD, "CI/CD configuration file"
      """
    case .woodpecker: "Woodpecker takes a request's own file: let the server's hook decide, this only tells"
    }
  }
}
