/// What kind of forge it is. Gitea is spoken to as Forgejo is.
package enum ForgeKind: String, Sendable, CaseIterable {
  case forgejo, github, gitlab

  /// The value of the setting `maint.forge`.
  package init(setting: String) throws(ForgeError) {
    switch setting.lowercased() {
    case "forgejo", "gitea": self = .forgejo
    case "github": self = .github
    case "gitlab": self = .gitlab
    default: throw .badSetting(name: "maint.forge", value: Untrusted(setting))
    }
  }

  /// By the well-known hosts; nil for others.
  package init?(host: String) {
    switch host {
    case "codeberg.org": self = .forgejo
    case "github.com": self = .github
    case "gitlab.com": self = .gitlab
    default: return nil
    }
  }

  /// The ref under which the repository holds a pull request's head.
  package func headRef(of number: Int) -> String {
    switch self {
    case .forgejo, .github: "refs/pull/\(number)/head"
    case .gitlab: "refs/merge-requests/\(number)/head"
    }
  }

  /// All of them, as git-ls-remote(1) takes it.
  package var headRefPattern: String { self == .gitlab ? "refs/merge-requests/*/head" : "refs/pull/*/head" }

  /// How people on that forge write a pull request's number.
  package func name(of number: Int) -> String { self == .gitlab ? "!\(number)" : "PR-\(number)" }
}
