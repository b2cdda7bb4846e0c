internal import Glibc
internal import Review

/// Asks before anything is written: on a terminal; elsewhere only `--yes` answers, and `--plan` never writes.
struct InitAsker {
  let console: Console
  let yes: Bool
  let plan: Bool

  init(console: Console, yes: Bool, plan: Bool) throws {
    (self.console, self.yes, self.plan) = (console, yes, plan)
    guard yes || plan || isatty(STDIN_FILENO) == 1 else {
      throw Failure.usage("there is no terminal to ask on", next: "stagex-maint init --yes, or --plan to only look")
    }
  }

  func ask(_ question: String) -> Bool {
    if plan {
      console.out("   would ask: \(question)")
      return false
    }
    if yes { return true }
    console.err("\(question) Type yes to go on, anything else to skip it:")
    return readLine(strippingNewline: true) == "yes"
  }
}
