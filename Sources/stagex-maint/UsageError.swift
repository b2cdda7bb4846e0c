internal import ArgumentParser
internal import Review

/// What somebody is told who has typed what no command understands: in the form of all other errors.
enum UsageError {
  private static let usage: Int32 = 64

  /// Ends what names no command; nil where a command is named.
  static func status(of arguments: [String], _ console: Console) -> Int32? {
    var command: any ParsableCommand.Type = StagexMaint.self
    var path = "stagex-maint"
    for word in arguments {
      let below = command.configuration.subcommands
      if below.isEmpty || word.hasPrefix("-") || word == "help" { return nil }
      guard
        let next = below.first(where: {
          ([$0._commandName] + $0.configuration.aliases).contains { $0.utf8.elementsEqual(word.utf8) }
        })
      else {
        let names = below.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
        let meant = Suggestion.nearest(to: word, among: names)
        console.error(
          "\(path) has no command \(printable(word))" + (meant.map { "; did you mean \($0)?" } ?? ""),
          next: meant.map { "\(path) \($0)" } ?? "\(path) --help")
        return usage
      }
      command = next
      path += " " + word
    }
    guard !command.configuration.subcommands.isEmpty else { return nil }
    // Nothing was asked: a script that meant something must not take it for done.
    console.err(StagexMaint.helpMessage(for: command))
    console.error("\(path) needs a command", next: "\(path) --help")
    return usage
  }

  /// The parser's own words, with its "Error:" and "See" in the form of ours.
  static func tell(_ message: String, _ console: Console) {
    for line in message.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("Error: ") {
        console.error(printable(String(line.dropFirst("Error: ".count)), limit: 1000))
      } else if line.hasPrefix("  See '"), let end = line.dropFirst(7).firstIndex(of: "'") {
        console.err("next: \(line.dropFirst(7)[..<end])")
      } else if line.hasPrefix("Usage: ") {
        console.err("usage: \(line.dropFirst("Usage: ".count))")
      } else {
        console.err(String(line))
      }
    }
  }
}
