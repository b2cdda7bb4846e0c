internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import Review

/// What every command takes that gives a verdict.
struct JudgingOptions: ParsableArguments {
  @OptionGroup var rules: RuleOptions

  @Option(help: "How to print: text, json, sarif, junit, github, markdown, html, csv or slsa.")
  var format = ReportFormat.text

  var registry: String? {
    get { rules.sources.registry }
    set { rules.sources.registry = newValue }
  }
  var policy: String? {
    get { rules.sources.policy }
    set { rules.sources.policy = newValue }
  }
  var trustRoot: String? {
    get { rules.sources.trustRoot }
    set { rules.sources.trustRoot = newValue }
  }
  var lead: String? { rules.sources.lead }
  var engine: EngineChoice? {
    get { rules.engine }
    set { rules.engine = newValue }
  }
  var noCache: Bool { rules.noCache }

  /// For commands that print no verdict but a list.
  func listFormat() throws -> OutputFormat {
    guard let format = OutputFormat(rawValue: format.rawValue) else {
      throw Failure.usage("this command prints text or json, not \(format.rawValue)")
    }
    return format
  }
}
