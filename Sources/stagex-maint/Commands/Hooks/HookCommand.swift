internal import ArgumentParser

struct HookCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hook", abstract: "What the files in hooks/ call; and how to put them in place.",
    subcommands: [
      PreReceiveHook.self, PrePushHook.self, ReferenceTransactionHook.self, UpdateVrefHook.self, ClientHook.self,
      HookInstall.self,
      HookUninstall.self, HookDoctor.self,
    ])
}
