internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import OpenPGP
internal import Review
internal import SignFlow

struct CardStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract:
      """
      Show whose card is in the reader, its touch setting, PIN tries and counter, \
      and whether it is fit for this registry.
      """,
    discussion: """
      Exit status: 0 when the card can endorse here, 1 when it cannot, 3 when there is no card.

      Example: stagex-maint card status
      """)

  @OptionGroup var common: CommonOptions
  @Option(
    help: ArgumentHelp(
      "Read the registry from this folder or revision instead of the repository's.", valueName: "dir-or-rev"))
  var registry: String?
  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text
  @Flag(help: "Let gpg use this card from now on: a spare with the same signing key, after the other was lost.")
  var useSpare = false
  @Argument(help: "The revision whose registry the card is held against. Default: HEAD.")
  var revision = "HEAD"

  func run() throws {
    let console = common.console
    try running(console) {
      let (session, commit) = try common.look(at: revision, registry: registry)
      let source = try SignerSource(session, at: commit)
      let card: CardStatus?
      do throws(SigningError) {
        card = try source.card()
      } catch {
        throw Failure.signing(error)
      }
      guard let card else { throw Failure.signing(.cardNotPresent(needed: nil)) }
      let proven = try session.reviewer.registry(at: commit, proving: .witnessed)
      var fitness = Fitness(card, source, proven)
      if useSpare, fitness.isSpare {
        try SpareCard.use()
        fitness = Fitness(card, source, proven)
      }
      switch format {
      case .json: console.out(fitness.json.text)
      case .text: fitness.print(console)
      }
      return fitness.objection == nil ? .success : .failure
    }
  }
}

/// A card held against a registry.
private struct Fitness {
  let card: CardStatus
  let owner: RegisteredKey?
  let primary: Fingerprint?
  /// Why the card cannot endorse here; nil when it can.
  var objection: SigningError?

  /// Whether the card holds a registered signing key that gpg looks for on another card.
  var isSpare: Bool {
    guard case .wrongCard = objection else { return false }
    return owner != nil
  }

  /// What shows that the signing key is on a card; nil when it is nobody's.
  let evidence: EvidenceText?

  init(_ card: CardStatus, _ source: SignerSource, _ proven: Registry) {
    self.card = card
    let certificate = card.signingKey.flatMap { key in
      source.registry.certificates.values.first { $0.keys.contains { $0.fingerprint == key } }
    }
    primary = certificate?.primary
    owner = certificate.flatMap { source.registry.key($0.primary) }
    if let owner, let key = card.signingKey { evidence = EvidenceText(proven, owner, key) } else { evidence = nil }
    do throws(SigningError) {
      let key = try source.key()
      if let signing = card.signingKey, key.signing != signing { objection = .notRegistered(signing.hex) }
      if card.pinTries == 0 { objection = .blocked(needed: card.number) }
    } catch {
      objection = error
    }
  }

  func print(_ console: Console) {
    let names = ["signing", "decryption", "authentication"]
    console.out("card       \(card.number.maker) no. \(card.number.serial)")
    for (name, key) in zip(names, card.keys) {
      if let key { console.out("key        \(key)  \(name)") }
    }
    if card.signingKey == nil { console.out("key        none for signing") }
    if let owner {
      console.out(
        """
        whose      \(printable(owner.person)) (registry: keys.\(printable(owner.person)).\(printable(owner.label)), \
        \(owner.fingerprint))
        """)
    } else {
      console.out("whose      nobody's in the registry")
    }
    if let evidence {
      console.out("evidence   \(evidence.words)")
      for objection in evidence.objections { console.out("           but \(printable(objection, limit: 500))") }
    }
    console.out("touch      \(card.touch?.description ?? "unknown to the card")")
    console.out(
      """
      PIN        \(left(card.pinTries)); admin PIN \(left(card.adminTries))\
      \(card.asksPINAlways == true ? "; asked before each signature" : "")
      """)
    if let signatures = card.signatures { console.out("signatures \(signatures) made with this key") }
    for warning in card.warnings { console.out("\(console.yellow("warning")): \(warning)") }
    if let objection {
      console.out("\(console.red("not fit")): \(objection.message)")
      if isSpare {
        console.out(
          """
          spare      it holds a signing key of the registry, which gpg looks for on the other card; if that one is lost:
          """)
        console.out("next: stagex-maint card status --use-spare")
      } else {
        console.out("next: \(objection.next)")
      }
    } else {
      console.out("\(console.green("fit")): its signatures count here")
    }
  }

  private func left(_ tries: Int?) -> String {
    switch tries {
    case nil: "unknown"
    case 0?: "blocked"
    case 1?: "1 attempt left"
    case let tries?: "\(tries) attempts left"
    }
  }

  var json: JSONValue {
    func number(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }
    return .object([
      "schema": .string("stagex-maint/card/1"), "card": .string(card.number.applicationID),
      "maker": .string(card.number.maker), "serial": .string(card.number.serial),
      "keys": .array(card.keys.map { $0.map { .string($0.hex) } ?? .null }),
      "person": owner.map { .string($0.person) } ?? .null, "primary": primary.map { .string($0.hex) } ?? .null,
      "touch": card.touch.map { .string($0.description) } ?? .null, "pin-tries": number(card.pinTries),
      "admin-pin-tries": number(card.adminTries), "signatures": number(card.signatures),
      "fit": .bool(objection == nil), "because": objection.map { .string($0.message) } ?? .null,
      "evidence": evidence.map { .string($0.level.rawValue) } ?? .null, "warnings": .strings(card.warnings),
    ])
  }
}
