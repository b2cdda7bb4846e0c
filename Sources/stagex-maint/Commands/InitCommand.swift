internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import Review

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Start in a repository: registry, policy, trust root, hooks, CI file, step by step.",
    discussion: """
      Shows each step, what is there and what is missing, and asks before it writes anything. Files \
      that are there are never changed. Nothing is committed: the first commit of registry and policy is \
      yours to review and sign.

      Without a terminal, --yes answers for you.
      """)

  @OptionGroup var common: CommonOptions

  @Flag(help: "Write what is missing without asking.")
  var yes = false

  @Option(help: ArgumentHelp("The commit to trust. Default: HEAD.", valueName: "rev"))
  var trustRoot: String?

  @Option(help: "The CI whose workflow file is written: forgejo, github or none.")
  var ci = CIKind.forgejo

  enum CIKind: String, ExpressibleByArgument, CaseIterable { case forgejo, github, none }

  func run() throws {
    let console = common.console
    try running(console) {
      let repository = try common.openRepository()
      let asker = try Asker(console: console, yes: yes)
      let steps = Steps(repository: repository, console: console, asker: asker)
      if let tree = repository.workTree?.trimmingSlash {
        try steps.file("1. registry of people and keys", at: "\(tree)/\(MaintainersFile.path)", content: Templates.maintainers)
        try steps.file("2. policy", at: "\(tree)/\(Policy.path)", content: Templates.policy)
        switch ci {
        case .forgejo: try steps.file("3. CI", at: "\(tree)/.forgejo/workflows/two-maintainers.yml", content: Templates.workflow(event: "pull_request_target"))
        case .github: try steps.file("3. CI", at: "\(tree)/.github/workflows/two-maintainers.yml", content: Templates.workflow(event: "pull_request_target"))
        case .none: break
        }
      } else {
        console.out("1.-3. registry, policy, CI: a bare repository; run stagex-maint init in a clone for them")
      }
      try steps.trustRoot(trustRoot)
      try steps.hooks()
      console.out("")
      console.out("next: fill in \(MaintainersFile.path) and keys/ (stagex-maint keys add), then: stagex-maint policy lint && stagex-maint keys audit --registry .")
      return .success
    }
  }
}

/// Asks before anything is written: on a terminal; elsewhere only `--yes` answers.
private struct Asker {
  let console: Console
  let yes: Bool

  init(console: Console, yes: Bool) throws {
    self.console = console
    self.yes = yes
    guard yes || isatty(STDIN_FILENO) == 1 else {
      throw Failure.usage("there is no terminal to ask on", next: "stagex-maint init --yes")
    }
  }

  func ask(_ question: String) -> Bool {
    if yes { return true }
    console.err("\(question) Type yes to go on, anything else to skip it:")
    return readLine(strippingNewline: true) == "yes"
  }
}

private struct Steps {
  let repository: Repository
  let console: Console
  let asker: Asker

  func file(_ title: String, at path: String, content: String) throws {
    if unsafe access(path, F_OK) == 0 {
      console.out("\(title): there (\(printable(path)))")
      return
    }
    console.out("\(title): missing")
    guard asker.ask("Write a first \(printable(path))?") else { return }
    var folder = ""
    for part in path.split(separator: "/").dropLast() {
      folder += "/" + part
      guard unsafe mkdir(folder, 0o755) == 0 || errno == EEXIST else {
        throw Failure.cannotJudge("the folder \(printable(folder)) cannot be made: \(errorText(errno))")
      }
    }
    try HookPlaces.write(Array(content.utf8), to: path, mode: 0o644)
    console.out("   written: \(printable(path))")
  }

  func trustRoot(_ revision: String?) throws {
    if revision == nil, let root = repository.config("maint.trustRoot") {
      console.out("4. trust root: \(printable(root))")
      return
    }
    guard let id = try? repository.resolve(revision: revision ?? "HEAD") else {
      console.out("4. trust root: there is no commit yet; after the first: git config maint.trustRoot $(git rev-parse HEAD)")
      return
    }
    console.out("4. trust root: not set")
    guard asker.ask("Trust \(id.hex) and everything before it?") else { return }
    try repository.setConfig("maint.trustRoot", id.hex)
    console.out("   maint.trustRoot = \(id.hex)")
  }

  func hooks() throws {
    let name = repository.isBare ? "pre-receive" : "pre-push"
    let place = HookPlaces(repository: repository).place(of: name)
    if unsafe access(place, F_OK) == 0 {
      console.out("5. hook \(name): there (\(printable(place)))")
      return
    }
    console.out("5. hook \(name): missing")
    guard asker.ask("Install \(printable(place))?") else { return }
    try HookPlaces.makeFolder(of: place)
    try HookPlaces.write(try HookPlaces.filledIn(name, from: nil), to: place, mode: 0o755)
    try repository.setConfig("maint.program", try HookPlaces.ownPath())
    console.out("   installed \(printable(place))")
  }
}
