internal import ArgumentParser

struct SignaturesPolicy: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "policy", abstract: "policy.json and registries.d.")
}
