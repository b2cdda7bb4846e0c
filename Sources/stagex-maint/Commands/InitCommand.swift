internal import ArgumentParser
struct InitCommand: ParsableCommand { static let configuration = CommandConfiguration(commandName: "init", abstract: "x") }
struct HookInstall: ParsableCommand { static let configuration = CommandConfiguration(commandName: "install", abstract: "x") }
struct HookDoctor: ParsableCommand { static let configuration = CommandConfiguration(commandName: "doctor", abstract: "x") }
