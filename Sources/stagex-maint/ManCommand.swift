internal import ArgumentParser
internal import Glibc
internal import Review

struct ManCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "man", abstract: "Print the manual page of a command, or write all of them into a folder.",
    discussion: """
      Examples: stagex-maint man keys fetch | man -l -
                stagex-maint man --directory /usr/local/share/man/man1
      """)

  @OptionGroup var common: CommonOptions
  @Option(help: ArgumentHelp("Write every page into this folder instead.", valueName: "dir"))
  var directory: String?
  @Argument(help: ArgumentHelp("The command, such as: keys fetch. Default: the program itself.", valueName: "command"))
  var command: [String] = []

  func run() throws {
    let console = common.console
    try running(console) {
      let pages = try ManualPages()
      guard let directory else {
        guard let page = pages.page(of: command) else {
          throw Failure.usage("there is no command \(printable(command.joined(separator: " ")))", next: "stagex-maint --help")
        }
        console.out(page)
        return .success
      }
      try HookPlaces.makeFolders(to: "\(directory)/x")
      for (name, page) in pages.all() { try HookPlaces.write(Array((page + "\n").utf8), to: "\(directory)/\(name).1", mode: 0o644) }
      return .success
    }
  }
}

struct CompletionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completions", abstract: "Print the completions of a shell: bash, zsh or fish.",
    discussion: """
      Examples: stagex-maint completions bash > ~/.local/share/bash-completion/completions/stagex-maint
                stagex-maint completions zsh > ~/.zfunc/_stagex-maint
                stagex-maint completions fish > ~/.config/fish/completions/stagex-maint.fish
      """)

  enum Shell: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

  @OptionGroup var common: CommonOptions
  @Argument(help: "The shell.") var shell: Shell

  func run() throws {
    let kind: CompletionShell =
      switch shell {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    common.console.out(StagexMaint.completionScript(for: kind))
  }
}

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the JSON schema of the policy file, for editors.",
    discussion: "Example: stagex-maint policy schema > review.schema.json; then in review.toml: #:schema ./review.schema.json")

  @OptionGroup var common: CommonOptions

  func run() { common.console.out(String(decoding: EmbeddedFiles.policySchema, as: UTF8.self)) }
}
