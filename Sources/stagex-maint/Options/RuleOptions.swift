internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import Review

/// By which rules a command judges, and with what.
struct RuleOptions: ParsableArguments {
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

  @Option(help: "Who checks signatures: both (ours and GnuPG must agree), native or gpgme.")
  var engine: EngineChoice?

  @Flag(help: "Find out everything anew instead of using facts remembered from before.")
  var noCache = false
}
