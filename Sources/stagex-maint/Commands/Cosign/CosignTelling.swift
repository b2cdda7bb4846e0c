internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import Review
internal import SignFlow

/// What the person, and the forge, are told on the way.
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

  /// Tells the forge of a merge that an earlier run pushed before it was cut off.
  ///
  /// - Returns: Whether the forge had the request open and knows better now.
  func tellLate(
    _ forge: (any Forge)?, _ pull: PullRequestFacts, _ head: ObjectID, _ cosigner: Cosigner, _ console: Console
  ) -> Bool {
    guard pull.state == .open, let merge = try? cosigner.mergeOnBranch(of: head) else { return false }
    console.out("\(pull.name) is already in \(printable(pull.base)), by \(merge.short)")
    tell(forge, pull.number, merge, console)
    cosigner.forget()
    return true
  }

  /// A line for a person, broken at words so that a narrow terminal does not break it inside one.
  func say(_ text: String, _ console: Console) {
    wrapped(text, width: min(78, console.width), indent: "  ").forEach { console.out($0) }
  }

  func kept(_ console: Console) { console.out("not pushed; run the same command without --no-push to push it") }

  /// A forge that is not told shows the request as open: a nuisance, no danger.
  func tell(_ forge: (any Forge)?, _ number: Int, _ merge: ObjectID, _ console: Console) {
    guard let forge else { return }
    let notice = waiting { () -> Result<MergeNotice, ForgeError> in
      do throws(ForgeError) {
        return .success(try await forge.markMerged(number, by: merge))
      } catch {
        return .failure(error)
      }
    }
    switch notice {
    case .success(.told): console.out("the forge has been told")
    case .success(.findsOut): break
    case .success(.notAllowed(let text)):
      console.err("note: the forge does not close it by itself (\(text)); close it in the browser")
    case .failure(let error):
      console.err("note: the forge could not be told: \(printable(error.message, limit: 300)); close it in the browser")
    }
  }

  func hint(_ event: SigningEvent, _ console: Console) {
    if event == .waiting { console.err("touch your card now, if it blinks: it has not signed yet") }
  }

  func conflictPaths(_ repository: Repository, _ state: ReviewedState) -> [[UInt8]] {
    guard case .conflict(let paths)? = try? repository.mergeAgain(parents: [state.base, state.head]) else { return [] }
    return paths
  }

  /// The rule's own reasons, where it is the rule that says no.
  func explain(_ error: CosignError, _ console: Console) {
    guard case .ruleRefuses(_, let verdict) = error else { return }
    RefusalText(width: min(78, console.width), console: console, subject: { _ in nil }).lines(
      verdict.refusals, more: "stagex-maint gate"
    )
    .forEach { console.err($0) }
  }
}
