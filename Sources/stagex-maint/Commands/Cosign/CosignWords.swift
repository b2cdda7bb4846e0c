internal import GitBridge
internal import Review
internal import SignFlow

/// What `cosign` tells the person besides the review itself.
extension CosignCommand {
  /// What will be asked of the person, said before anything is.
  func sayTouches(_ isKept: Bool, _ isWithoutCard: Bool, _ card: CardStatus?, _ console: Console) {
    let touch = card?.touch == .off ? "no touch, for your card does not ask for one" : "1 touch"
    if isKept {
      say("your earlier run has signed already: no PIN and no touch", console)
    } else if isWithoutCard {
      say("1 signature, by a key that is on no card of this computer", console)
    } else {
      say("1 signature: the PIN if your card asks for it, and \(touch)", console)
    }
    guard let card else { return }
    say("card: \(card.number.maker) no. \(card.number.serial)", console)
    for warning in card.warnings { say("\(console.yellow("warning")): \(warning)", console) }
  }

  /// A line for a person, broken at words so that a narrow terminal does not break it inside one.
  func say(_ text: String, _ console: Console) {
    wrapped(text, width: 78, indent: "  ").forEach { console.out($0) }
  }

  func kept(_ console: Console) { console.out("not pushed; run the same command without --no-push to push it") }

  func hint(_ event: SigningEvent, _ console: Console) {
    if event == .waiting { console.err("touch your card now, if it blinks: it has not signed yet") }
  }

  /// The rule's own reasons, where it is the rule that says no.
  func explain(_ error: CosignError, _ console: Console) {
    guard case .ruleRefuses(_, let verdict) = error else { return }
    RefusalText(width: 78, console: console, subject: { _ in nil }).lines(verdict.refusals, more: "stagex-maint gate")
      .forEach { console.err($0) }
  }
}
