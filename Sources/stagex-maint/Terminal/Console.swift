internal import Glibc
internal import Review

/// Where a command speaks: results to standard output, everything else to standard error.
///
/// Text from outside must have gone through `printable` before it comes here; what slips through is
/// caught line by line all the same.
struct Console: Sendable {
  let outIsTerminal: Bool
  let errIsTerminal: Bool
  let colour: Bool

  init(colour choice: ColourChoice, environment: [String: String]) {
    outIsTerminal = isatty(STDOUT_FILENO) == 1
    errIsTerminal = isatty(STDERR_FILENO) == 1
    switch choice {
    case .always: colour = true
    case .never: colour = false
    case .auto: colour = outIsTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }
  }

  /// How wide a line of results may be: the terminal's width, what `COLUMNS` says, or what mail and logs bear.
  var width: Int {
    if outIsTerminal, let width = Self.width(of: STDOUT_FILENO) { return width }
    return max(20, ProcessEnvironment.current["COLUMNS"].flatMap { Int($0) } ?? 100)
  }

  private static func width(of file: Int32) -> Int? {
    var size = winsize()
    guard unsafe ioctl(file, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return nil }
    return Int(size.ws_col)
  }

  /// Writes an error and the command that mends it, folded on a terminal only: a script reads one line.
  func error(_ message: String, next: String? = nil) {
    let width = errIsTerminal ? Self.width(of: STDERR_FILENO) ?? 100 : .max
    for line in message.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let text = line.offset == 0 ? "error: \(line.element)" : String(line.element)
      (width == .max ? [text] : wrapped(text, width: width, indent: "  ")).forEach(err)
    }
    // What is to be typed is copied, and stays in one piece.
    if let next { err("next: \(next)") }
  }

  /// Writes a result.
  func out(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }
  /// Writes a diagnostic.
  func err(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  /// Writes a question, without a line end.
  func prompt(_ text: String) { write(text, to: STDERR_FILENO) }

  /// Shows how far long work has come: on a terminal only, on one line that is written over.
  func progress(_ text: String) {
    guard errIsTerminal else { return }
    write("\r\u{1B}[K" + text, to: STDERR_FILENO)
  }

  func endProgress() {
    guard errIsTerminal else { return }
    write("\r\u{1B}[K", to: STDERR_FILENO)
  }

  func bold(_ text: String) -> String { colour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
  func red(_ text: String) -> String { colour ? "\u{1B}[31m\(text)\u{1B}[0m" : text }
  func green(_ text: String) -> String { colour ? "\u{1B}[32m\(text)\u{1B}[0m" : text }
  func yellow(_ text: String) -> String { colour ? "\u{1B}[33m\(text)\u{1B}[0m" : text }

  /// The word for an outcome; colour repeats what the word says and never says more.
  func word(_ outcome: Outcome) -> String {
    switch outcome {
    case .accepted: green("accepted")
    case .refused: red("refused")
    case .undecided: yellow("undecided")
    }
  }

  private func write(_ text: String, to file: Int32) { Output.write(text, to: file) }
}
