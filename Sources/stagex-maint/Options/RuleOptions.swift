internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import Review

/// By which rules a command judges, and with what.
struct RuleOptions: ParsableArguments {
  @OptionGroup var sources: RuleSources

  @Option(help: "Who checks signatures: both (ours and GnuPG must agree), native or gpgme.")
  var engine: EngineChoice?

  @Flag(help: "Find out everything anew instead of using facts remembered from before.")
  var noCache = false
}
