/// Files that the program carries, so that it is all that has to be installed. They lie in the source's `hooks/`, `ci/`
/// and `docs/`; `Embedded/` holds links to them, whose names the build makes into members.
enum EmbeddedFiles {
  /// A hook as it is shipped; nil where there is none of that name.
  static func hook(_ name: String) -> [UInt8]? {
    switch name {
    case "chain": PackageResources.chain
    case "pre-push": PackageResources.pre_push
    case "pre-receive": PackageResources.pre_receive
    case "reference-transaction": PackageResources.reference_transaction
    case "update": PackageResources.update
    default: nil
    }
  }

  /// The JSON schema of the policy file.
  static var policySchema: [UInt8] { PackageResources.review_schema_json }

  /// The file that makes a CI run the gate, with names between `@` where a repository's own values go.
  static func workflow(_ kind: CIKind) -> [UInt8] {
    switch kind {
    case .forgejo: PackageResources.forgejo_yml
    case .github: PackageResources.github_yml
    case .gitlab: PackageResources.gitlab_yml
    case .woodpecker: PackageResources.woodpecker_yml
    }
  }
}
