internal import ArgumentParser
internal import GitBridge
internal import Review

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Start in a repository: people, certificates, policy, trust root, hooks, CI, step by step.",
    discussion: """
      Looks at what is there, and goes through the steps that lead to a protected branch: it shows each, says what it \
      is for, and asks before it writes anything. Files that are there are never changed, and nothing is committed: \
      what the first commit holds is yours to review and sign. Run it again whenever you like; what is done is passed \
      over. At the end it says what is protected now, what is not, and the one thing to type next.

      --plan only shows. Without a terminal, --yes answers for you: also for the trust root, which is shown with its \
      date, author and signers. Read its sentence aloud to another maintainer.

      Example: stagex-maint init --plan
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "Go through all steps without asking.")
  var yes = false
  @Flag(help: "Show what would be done, and do nothing.")
  var plan = false
  @Option(help: ArgumentHelp("The commit to trust. Default: HEAD, once it holds the registry.", valueName: "rev"))
  var trustRoot: String?
  @Option(
    help: ArgumentHelp(
      "The branch that carries the rules. Default: staging where there is one beside main, else HEAD's.",
      valueName: "branch"))
  var lead: String?
  @Option(help: "The CI whose file is written: auto, forgejo, github, gitlab, woodpecker or none.")
  var ci = CIChoice.auto
  @Option(help: ArgumentHelp("Where the CI gets this program: the address of a released binary.", valueName: "url"))
  var ciProgram: String?
  @Option(help: ArgumentHelp("The SHA-256 sum of that binary.", valueName: "hex"))
  var ciSha256: String?
  @Option(help: ArgumentHelp("The container image for GitLab and Woodpecker, best by digest.", valueName: "image"))
  var ciImage = "docker.io/library/debian:bookworm"
  @OptionGroup var asking: FetchOptions

  enum CIChoice: String, ExpressibleByArgument, CaseIterable { case auto, forgejo, github, gitlab, woodpecker, none }

  func run() throws {
    let console = common.console
    try running(console) {
      let repository = try common.openRepository()
      let asker = try InitAsker(console: console, yes: yes, plan: plan)
      var steps = InitSteps(repository: repository, console: console, asker: asker)
      if repository.isBare {
        console.out("a bare repository: people, certificates, policy and CI are set up in a clone of it")
      } else {
        try steps.people()
        try steps.certificates(asking, in: common)
        try steps.evidence()
        try steps.policy(lead: lead)
      }
      try steps.trustRoot(trustRoot, lead: lead)
      try steps.lead(lead)
      try steps.hooks()
      if !repository.isBare { try steps.workflow(ci, program: ciProgram, sum: ciSha256, image: ciImage) }
      try steps.doctor()
      InitEnding(steps).tell()
      return .success
    }
  }
}
