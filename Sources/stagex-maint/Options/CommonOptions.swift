internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import Review

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

  var console: Console { Console(colour: color, environment: ProcessEnvironment.current) }

  func openRepository() throws -> Repository {
    do throws(GitError) {
      return try Repository.open(path: repository)
    } catch {
      throw Failure.cannotJudge(error)
    }
  }
}
