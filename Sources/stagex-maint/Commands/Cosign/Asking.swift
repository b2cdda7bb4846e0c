internal import GitBridge
internal import Glibc
internal import Review
internal import SignFlow

/// Asks the person at the terminal for a typed word.
struct Asking {
  let console: Console
  let git: GitRunner
  let repository: Repository
  let environment: [String: String]
  let survey: ChangeSurvey

  static var isPossible: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

  /// True when the person types the word itself. Enter alone, anything else, and the end of the input are a no.
  func agrees(to word: String, what: String, from start: ObjectID, to end: ObjectID) throws -> Bool {
    // What was typed before the question was there is no answer to it.
    tcflush(STDIN_FILENO, TCIFLUSH)
    while true {
      console.err("")
      wrapped("Type \(word) to \(what).", width: min(78, console.width)).forEach { console.err($0) }
      console.err("Type d to read the diff, c to read it commit by commit, anything else to stop.")
      console.prompt("> ")
      guard let line = readLine() else { return false }
      // Blanks around the word are a slip; blanks in it make another word.
      let typed = line.split(separator: " ").joined(separator: " ")
      if typed == word { return true }
      switch typed {
      case "d", "diff": try showDiff(from: start, to: end)
      case "c", "commits": try showCommits()
      default: return false
      }
    }
  }

  /// The whole diff, and behind it what single commits hold that it does not show.
  private func showDiff(from start: ObjectID, to end: ObjectID) throws {
    var text = try diff(start, end)
    for commit in survey.commits where !commit.passing.isEmpty {
      let paths = commit.passing.map(\.change.path)
      // A name that is no text cannot be named to git; then all of the commit is shown.
      let canBeNamed = paths.count <= 200 && paths.allSatisfy { String(validating: $0, as: UTF8.self) != nil }
      text += "\nNOT IN THE DIFF ABOVE: \(head(of: commit))\n\n" + (try diff(commit, canBeNamed ? paths : []))
    }
    Pager(console, repository, environment).show(text)
  }

  private func showCommits() throws {
    var text = ""
    for commit in survey.commits {
      text += "\(head(of: commit))\n    by \(commit.author); \(commit.signature)\n"
      for line in commit.message { text += line.isEmpty ? "\n" : "    \(line)\n" }
      text += "\n" + (try diff(commit, [])) + "\n"
    }
    Pager(console, repository, environment).show(text)
  }

  private func head(of commit: SurveyedCommit) -> String { console.bold("commit \(commit.id.hex)  \(commit.subject)") }

  /// What a commit changes against each of its parents.
  private func diff(_ commit: SurveyedCommit, _ paths: [[UInt8]]) throws -> String {
    if commit.parents.isEmpty { return try diff(Self.emptyTree, commit.id, paths) }
    return try commit.parents.enumerated().map { index, parent in
      (commit.parents.count == 1 ? "" : "against parent \(index + 1), \(parent.short):\n")
        + (try diff(parent, commit.id, paths))
    }.joined(separator: "\n")
  }

  /// Known to every git without being there.
  private static let emptyTree = ObjectID(hexString: "4b825dc642cb6eb9a060e54bf8d69288fbee4904") ?? .zero

  /// With everything that could play tricks on a terminal made visible.
  private func diff(_ start: ObjectID, _ end: ObjectID, _ paths: [[UInt8]] = []) throws -> String {
    let raw = try git.succeed(
      "show the diff",
      [
        "diff", "--patch", "--stat", "--summary", "--text", "--no-color", "--no-ext-diff", "--no-textconv",
        "--no-renames", "--ignore-submodules=none", start.hex, end.hex, "--",
      ] + paths.map { String(decoding: $0, as: UTF8.self) })
    var text = ""
    for line in raw.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      let parts = line.split(separator: 0x09, omittingEmptySubsequences: false).map { printable($0, limit: .max) }
      text += colour(parts.joined(separator: "\t")) + "\n"
    }
    return text
  }

  private func colour(_ line: String) -> String {
    guard console.colour else { return line }
    if line.hasPrefix("+") { return console.green(line) }
    return line.hasPrefix("-") ? console.red(line) : line
  }
}
