internal import ArgumentParser
internal import GitBridge
internal import OpenPGP
internal import Review

extension AuditCommand {
  /// Counts who stands behind the changes of one or several clones. Ends with 0 whatever it finds: it judges nothing.
  func runSurvey(_ console: Console) throws -> ExitCode {
    try refuseOptionsOfAudits()
    let run = SurveyRun(
      options: surveyed, since: try since.map(parseDate), keyring: try certificates(console), judging: judging,
      link: page.link, repository: common.repository, console: console)
    return try run.perform([branch].compactMap(\.self) + others)
  }

  private func certificates(_ console: Console) throws -> Keyring? {
    guard let keyring else { return nil }
    let certificates = try PlainRule.certificates(in: keyring)
    for warning in certificates.warnings { console.err("warning: \(printable(warning, limit: 500))") }
    guard !certificates.list.isEmpty else {
      throw Failure.usage(
        "there is no certificate in \(printable(keyring))", next: "gpg --armor --export > \(shellWord(keyring))/all.asc"
      )
    }
    return Keyring(certificates.list)
  }

  private func refuseOptionsOfAudits() throws {
    let given: [(String, Bool)] = [
      ("--from", from != nil), ("--whole", whole), ("--shard", shard != nil), ("--rule", rule != nil),
      ("--introduction", !introduction.isEmpty), ("--keyring-reference", keyringReference != nil),
      ("--registry", judging.registry != nil), ("--policy", judging.policy != nil),
      ("--trust-root", judging.trustRoot != nil),
    ]
    for (option, isGiven) in given where isGiven {
      throw Failure.usage("\(option) does not go with --survey, which knows no rule", next: "stagex-maint audit --help")
    }
  }
}

/// Surveys of some clones, one after the other, and their printing.
struct SurveyRun {
  let options: SurveyOptions
  let since: Int64?
  let keyring: Keyring?
  let judging: JudgingOptions
  let link: String?
  /// What `-C` says: the only clone where no other is named.
  let repository: String
  let console: Console

  func perform(_ places: [String]) throws -> ExitCode {
    try Repository.mapLittle()
    let clones = try (places.isEmpty ? [repository] : places).map { try SurveyedClone($0, link: link) }
    switch judging.format {
    case .sarif, .junit, .github, .slsa:
      throw Failure.usage(
        "a survey is printed as text, json, csv, markdown or html: it has no findings",
        next: "stagex-maint audit --survey --format json")
    case .markdown, .html:
      if options.commits {
        throw Failure.usage(
          "--commits goes with text, json and csv", next: "stagex-maint audit --survey --commits --format csv")
      }
    case .text, .json, .csv: break
    }
    if options.commits, options.names == .hash {
      throw Failure.usage(
        "--commits names commits, and so the people behind them", next: "leave --commits or --names hash away")
    }
    var surveys: [(Survey, SurveyedClone)] = []
    for clone in clones {
      let survey = try survey(clone)
      console.endProgress()
      if let whileGoing = eachAtOnce(survey) { console.out(whileGoing) }
      surveys.append((survey, clone))
    }
    let hidesNames = options.names == .hash
    switch judging.format {
    case .csv where !options.commits: console.out(SurveyTable(surveys: surveys.map(\.0)).csv)
    case .markdown: console.out(SurveyTable(surveys: surveys.map(\.0)).markdown)
    case .html: console.out(SurveyPage(surveys: surveys, hidesNames: hidesNames).page.text)
    case .text where !options.commits:
      for (index, (survey, _)) in surveys.enumerated() {
        if index > 0 { console.out("") }
        SurveyText(console: console, survey: survey, hidesNames: hidesNames).lines.forEach(console.out)
      }
    default: break
    }
    return .success
  }

  /// What need not wait for the other clones.
  private func eachAtOnce(_ survey: Survey) -> String? {
    switch judging.format {
    case .json where options.commits: survey.changes.map { survey.json($0).text }.joined(separator: "\n")
    case .json: survey.json(hidingNames: options.names == .hash).text
    case .csv where options.commits, .text where options.commits: SurveyTable.list(survey, as: judging.format)
    default: nil
    }
  }

  private func survey(_ clone: SurveyedClone) throws -> Survey {
    var session = try Session(clone.repository, judging, moment: .then, engines: .native)
    if console.errIsTerminal {
      let (console, name) = (console, clone.name)
      session.settings.progress = { console.progress("\(printable(name, limit: 40)): \($0) commits read") }
    }
    let (ref, tip) = try BranchArgument.resolve(options.surveyedBranch, in: clone.repository)
    var scope = SurveyScope(name: clone.name, ref: ref, tip: tip)
    scope.since = since
    scope.keyring = keyring
    scope.machines = MachineKeys(further: options.machine)
    scope.redoesAllMerges = options.allMerges
    return try session.reviewer.survey(scope)
  }
}
