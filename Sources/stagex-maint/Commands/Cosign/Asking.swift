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

  static var isPossible: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

  /// True when the person types the word itself. Enter alone, anything else, and the end of the input are a no.
  func agrees(to word: String, what: String, from start: ObjectID, to head: ObjectID) throws -> Bool {
    // What was typed before the question was there is no answer to it.
    tcflush(STDIN_FILENO, TCIFLUSH)
    while true {
      console.err("")
      wrapped("Type \(word) to \(what).", width: min(78, console.width)).forEach { console.err($0) }
      console.err("Type d to read the diff, anything else to stop.")
      console.prompt("> ")
      guard let line = readLine() else { return false }
      // Blanks around the word are a slip; blanks in it make another word.
      let typed = line.split(separator: " ").joined(separator: " ")
      if typed == word { return true }
      guard typed == "d" || typed == "diff" else { return false }
      try showDiff(from: start, to: head)
    }
  }

  /// The whole diff through the person's pager, with everything that could play tricks on a terminal made visible.
  private func showDiff(from start: ObjectID, to head: ObjectID) throws {
    let raw = try git.succeed(
      "show the diff",
      [
        "diff", "--patch", "--stat", "--summary", "--text", "--no-color", "--no-ext-diff", "--no-textconv",
        "--no-renames",
        "--ignore-submodules=none", start.hex, head.hex, "--",
      ])
    var text = ""
    for line in raw.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      let parts = line.split(separator: 0x09, omittingEmptySubsequences: false).map { printable($0, limit: .max) }
      text += colour(parts.joined(separator: "\t")) + "\n"
    }
    page(text)
  }

  private func colour(_ line: String) -> String {
    guard console.colour else { return line }
    if line.hasPrefix("+") { return console.green(line) }
    return line.hasPrefix("-") ? console.red(line) : line
  }

  /// git's own order of pagers; the text goes through a file, so that leaving the pager early harms nothing.
  private func page(_ text: String) {
    let pager = environment["GIT_PAGER"] ?? repository.config("core.pager") ?? environment["PAGER"] ?? "less"
    guard pager != "cat", !pager.isEmpty else { return console.out(text) }
    var path = Array("/tmp/stagex-maint.XXXXXX".utf8CString)
    let file = unsafe mkstemp(&path)
    guard file >= 0 else { return console.out(text) }
    defer { unsafe unlink(path) }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = unsafe bytes.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
      guard count > 0 else { break }
      bytes = bytes.dropFirst(count)
    }
    close(file)
    if environment["LESS"] == nil { unsafe setenv("LESS", "FRX", 1) }
    let name = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // The person's own command line, as git runs it, perhaps a pipe; its first program gets the text. The file's name
    // is ours and holds no letter that a shell reads.
    if unsafe system("{ \(pager)\n} <\(name)") != 0 { console.out(text) }
  }
}
