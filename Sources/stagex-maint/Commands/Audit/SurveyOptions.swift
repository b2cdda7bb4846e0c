internal import ArgumentParser
internal import GitBridge

/// What `audit --survey` takes beside `--since`, `--keyring` and `--format`.
struct SurveyOptions: ParsableArguments {
  @Flag(
    help:
      "Judge nothing: count who stands behind each change of these clones (default: this one), without keys or rule.")
  var survey = false

  @Option(
    name: .customLong("branch"),
    help: ArgumentHelp("The branch to survey. Default: the one that HEAD is on.", valueName: "branch"))
  var surveyedBranch: String?

  @Option(
    help: ArgumentHelp(
      "A key that is no person's: fingerprint, key id, SHA256:… or a certificate's identity. Forges' own are known.",
      valueName: "key"))
  var machine: [String] = []

  @Option(help: "How people are shown: plain, or hash: as numbers, without keys and commits, for publication.")
  var names = SurveyNames.plain

  @Flag(help: "Do the merges again that a forge's button made, too. They are taken for clean otherwise.")
  var allMerges = false

  @Flag(help: "List every change instead of the figures (text, json or csv).")
  var commits = false

  /// An option that is passed over would leave somebody believing that it had been obeyed.
  func refuseWithoutSurvey(_ others: [String]) throws {
    let given: [(String, Bool)] = [
      ("--branch", surveyedBranch != nil), ("--machine", !machine.isEmpty), ("--names", names != .plain),
      ("--all-merges", allMerges), ("--commits", commits),
    ]
    for (option, isGiven) in given where isGiven {
      throw Failure.usage("\(option) goes with --survey only", next: "stagex-maint audit --help")
    }
    if !others.isEmpty {
      throw Failure.usage(
        "an audit takes one branch; several clones go with --survey only", next: "stagex-maint audit --help")
    }
  }
}

enum SurveyNames: String, ExpressibleByArgument, CaseIterable {
  case plain, hash
}

/// Where a page's commits can be looked at.
struct PageOptions: ParsableArguments {
  func link(_ repository: Repository) throws -> CommitLink? {
    try link.map { try CommitLink(option: $0) } ?? CommitLink(remoteOf: repository)
  }

  @Option(
    help: ArgumentHelp(
      "Where commits can be looked at; the id is appended, or put for {}. Default: found from the remote.",
      valueName: "url"))
  var link: String?
}
