internal import ArgumentParser
internal import GitBridge
internal import OpenPGP
internal import Review

struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "The registry of maintainers and their keys.",
    subcommands: [
      KeysList.self, KeysAdd.self, KeysFetch.self, KeysAudit.self, KeysAttest.self, KeysWitness.self, KeysRetire.self,
    ])
}
