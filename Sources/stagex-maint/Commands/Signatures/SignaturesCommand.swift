internal import ArgumentParser

struct SignaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "signatures", abstract: "The signatures on images: who gave them, and whether they are enough.",
    subcommands: [SignaturesVerify.self, SignaturesPolicy.self])
}
