internal import ArgumentParser

@main
struct StagexMaint: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "stagex-maint")
}
