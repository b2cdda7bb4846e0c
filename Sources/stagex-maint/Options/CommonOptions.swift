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

  /// Opens the repository for a command that shows what registry or policy say at a revision, and judges no step.
  func look(
    at revision: String, registry: String? = nil, policy: String? = nil
  ) throws -> (session: Session, commit: ObjectID) {
    let repository = try openRepository()
    var judging = try JudgingOptions.parse([])
    judging.registry = registry
    judging.policy = policy
    let session = try Session(repository, judging, moment: .now, engines: .native)
    return (session, try Session.resolve(revision, in: repository))
  }
}
