internal import GitBridge
internal import Glibc
internal import SignFlow

/// Shows long text in the person's pager; git's own order of pagers.
///
/// The command line comes from the person's own settings, never out of a work tree: it is run in the root folder, so
/// that a path relative to a repository leads nowhere.
struct Pager {
  let console: Console
  let environment: [String: String]
  let configured: String?

  init(_ console: Console, _ repository: Repository, _ environment: [String: String]) {
    self.console = console
    self.environment = environment
    configured = repository.config("core.pager")
  }

  func show(_ text: String) {
    let pager = environment["GIT_PAGER"] ?? configured ?? environment["PAGER"] ?? "less"
    guard console.outIsTerminal, pager != "cat", !pager.isEmpty else { return console.out(text) }
    // The text goes through a file, so that leaving the pager early harms nothing.
    var path = Array("/tmp/stagex-maint.XXXXXX".utf8CString)
    let file = unsafe mkstemp(&path)
    guard file >= 0 else { return console.out(text) }
    defer { unsafe unlink(path) }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = unsafe bytes.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      bytes = bytes.dropFirst(count)
    }
    close(file)
    if environment["LESS"] == nil { unsafe setenv("LESS", "FRX", 1) }
    let name = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // The person's own command line, as git runs it, perhaps a pipe; its first program gets the text. The file's name
    // is ours and holds no letter that a shell reads.
    if unsafe system("cd / && { \(pager)\n} <\(name)") != 0 { console.out(text) }
  }

  /// How many lines the terminal has; 0 where it does not say.
  static var rows: Int {
    var size = winsize()
    return unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 ? Int(size.ws_row) : 0
  }
}
