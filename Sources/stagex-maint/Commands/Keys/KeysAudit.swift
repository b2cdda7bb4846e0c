internal import ArgumentParser
internal import GitBridge
internal import Review

struct KeysAudit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Hold the registry against the signers' duties: what does not count, or soon will not.",
    discussion: """
      Errors are what does not count now, warnings what will or may stop, notes ask for nothing. Keys are warned of 90 \
      days before they expire. Exit status: 0 without errors, 1 with, 2 when the registry cannot be read.

      Example: stagex-maint keys audit --registry . --format markdown
      """)

  @OptionGroup var common: CommonOptions
  @Option(help: ArgumentHelp("Read the registry from this folder or revision. Default: HEAD.", valueName: "dir-or-rev"))
  var registry: String?
  @Option(help: "How to print: text, json, sarif, junit, github, markdown, html or csv.")
  var format = ReportFormat.text
  @Flag(help: "Also ask key servers, as keys fetch does, and say what they know that the registry does not.")
  var refresh = false
  @OptionGroup var asking: FetchOptions

  func run() throws {
    let console = common.console
    try running(console) {
      var (registry, policy, notes) = try load()
      if refresh {
        notes += try CertificateRefresh(asking: asking, console: console).notes(
          about: registry, at: self.registry, in: common.repository)
      }
      let engine = (try? Repository.open(path: common.repository))?.config("maint.engine")
      let reading = engine == EngineChoice.native.rawValue ? nil : registry.gnupgReading(at: Clock.now)
      let audit = RegistryAudit(registry, policy, now: Clock.now, reading: reading)
      switch format {
      case .text: RegistryAuditText(console: console, audit: audit, notes: notes).print()
      case .json: console.out(audit.json(notes).text)
      default:
        var report = Report(audit, notes: notes)
        report.draw(registry, audit)
        console.out(report, as: format)
      }
      return ExitCode(audit.outcome.exitStatus)
    }
  }

  private func load() throws -> (Registry, Policy, notes: [String]) {
    let repository: Repository
    let head: ObjectID
    do throws(GitError) {
      repository = try Repository.open(path: common.repository)
      head = try repository.resolve(revision: "HEAD")
    } catch {
      // Before the first commit, and outside of any repository, a folder can be looked at all the same.
      if let found = try outside() { return found }
      throw Failure.cannotJudge(error)
    }
    var judging = try JudgingOptions.parse([])
    judging.registry = registry
    let session = try Session(repository, judging, moment: .now, engines: .native)
    let notes = [
      session.settings.registry.map { "the registry is pinned to \(printable($0.text))" },
      session.settings.policy.map { "the policy is pinned to \(printable($0.text))" },
    ].compactMap(\.self)
    let policy = try session.reviewer.policy(at: head)
    return (try session.reviewer.registry(at: head, proving: policy.evidence), policy, notes)
  }

  private func outside() throws -> (Registry, Policy, notes: [String])? {
    guard let registry else { return nil }
    do {
      guard let found = try Registry.readIfPresent(folder: registry) else { return nil }
      let policy = try Policy.read(folder: registry)
      var settings = ReviewSettings(clock: Clock.now, threads: 1)
      settings.engines = .native
      let proven = try found.proven(inFolder: registry, policy: policy, settings: settings)
      return (proven, policy, ["the registry and the policy are those of \(printable(registry))"])
    } catch let problem as ReviewProblem {
      let refusal = problem.refusal(ref: "")
      throw Failure.cannotJudge(printable(refusal.message, limit: 500), next: refusal.next)
    } catch let defect as FileDefect {
      throw Failure.cannotJudge(
        printable(defect.message, limit: 500),
        next: "stagex-maint policy lint \(shellWord("\(registry)/\(Policy.path)"))")
    }
  }
}
