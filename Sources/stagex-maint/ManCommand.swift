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
          throw Failure.usage(
            "there is no command \(printable(command.joined(separator: " ")))", next: "stagex-maint --help")
        }
        console.out(page)
        return .success
      }
      try HookPlaces.makeFolders(to: "\(directory)/x")
      for (name, page) in pages.all() {
        try HookPlaces.write(Array((page + "\n").utf8), to: "\(directory)/\(name).1", mode: 0o644)
      }
      return .success
    }
  }
}
