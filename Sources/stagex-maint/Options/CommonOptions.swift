internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import Review

enum ColourChoice: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}

extension EngineChoice: ExpressibleByArgument {}

/// What every command takes.
struct CommonOptions: ParsableArguments {
  @Option(
    name: [.customShort("C"), .customLong("repo")],
    help: ArgumentHelp("Work in this repository instead of the current folder's.", valueName: "dir"))
  var repository = "."

  @Option(help: "When to use colour: auto, always or never. NO_COLOR is honoured.")
  var color = ColourChoice.auto

  var console: Console { Console(colour: color, environment: Environment.current) }

  func openRepository() throws -> Repository {
    do throws(GitError) {
      return try Repository.open(path: repository)
    } catch {
      throw Failure.cannotJudge(error)
    }
  }
}

/// By which rules a command judges, and with what.
struct RuleOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Read the registry from this folder or revision instead of the repository's history.", valueName: "dir-or-rev"))
  var registry: String?

  @Option(help: ArgumentHelp("Read the policy from this file or revision instead of the repository's history.", valueName: "file-or-rev"))
  var policy: String?

  @Option(help: ArgumentHelp("The commit that is trusted, with its ancestors. Default: git config maint.trustRoot.", valueName: "commit"))
  var trustRoot: String?

  @Option(help: ArgumentHelp("A commit that stands in for the tip of the branch that carries the rules, where that is not here.", valueName: "commit"))
  var lead: String?

  @Option(help: "Who checks signatures: both (ours and GnuPG must agree), native or gpgme.")
  var engine: EngineChoice?

  @Flag(help: "Find out everything anew instead of using facts remembered from before.")
  var noCache = false
}

/// What every command takes that gives a verdict.
struct JudgingOptions: ParsableArguments {
  @OptionGroup var rules: RuleOptions

  @Option(help: "How to print: text, json, sarif, junit, github, markdown, html, csv or slsa.")
  var format = ReportFormat.text

  var registry: String? {
    get { rules.registry }
    set { rules.registry = newValue }
  }
  var policy: String? {
    get { rules.policy }
    set { rules.policy = newValue }
  }
  var trustRoot: String? {
    get { rules.trustRoot }
    set { rules.trustRoot = newValue }
  }
  var lead: String? { rules.lead }
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

extension Console {
  /// Prints a verdict in one of the formats for machines and pages.
  func out(_ report: Report, as format: ReportFormat) {
    guard let text = report.text(as: format) else {
      if format == .slsa { err("note: this command has no answer that SLSA's summary could hold") }
      return
    }
    out(text)
    guard format == .github, let summary = Environment.current["GITHUB_STEP_SUMMARY"], !summary.isEmpty else { return }
    if !GitHubReport(report: report).addSummary(to: summary) {
      err("warning: the summary \(printable(summary)) could not be written; the verdict above is whole")
    }
  }
}

/// The environment, read once and passed in.
enum Environment {
  static var current: [String: String] {
    var result: [String: String] = [:]
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let pair = unsafe String(cString: text)
      if let equals = pair.firstIndex(of: "=") {
        result[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
      }
      unsafe entry += 1
    }
    return result
  }
}
