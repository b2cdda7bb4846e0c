internal import ArgumentParser

/// Where registry, policy and trust root come from, if not from the repository.
struct RuleSources: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Read the registry from this folder or revision instead of the repository's history.", valueName: "dir-or-rev"))
  var registry: String?

  @Option(
    help: ArgumentHelp(
      "Read the policy from this file or revision instead of the repository's history.", valueName: "file-or-rev"))
  var policy: String?

  @Option(
    help: ArgumentHelp(
      "The commit that is trusted, with its ancestors. Default: git config maint.trustRoot.", valueName: "commit"))
  var trustRoot: String?

  @Option(
    help: ArgumentHelp(
      "A commit that stands in for the tip of the branch that carries the rules, where that is not here.",
      valueName: "commit"))
  var lead: String?

  /// These, and all else as it is without options: a signature is never made on one engine's word.
  var judging: JudgingOptions {
    get throws {
      var options = try JudgingOptions.parse([])
      options.rules.sources = self
      return options
    }
  }
}
