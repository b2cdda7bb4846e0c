internal import ArgumentParser
internal import Glibc
internal import Review

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
