internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import OpenPGP
internal import Review
internal import SignFlow

struct KeysWitness: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "witness",
    abstract: "State, with your signature, that you have seen on which card somebody else's key lives.",
    discussion: """
      With that card in the reader its serial number, keys and touch setting are read from it; otherwise say what you \
      have seen. Then insert your own card. The statement is verified and written to \
      keys/FINGERPRINT.evidence/YOUR-FINGERPRINT.witness in the work tree. Two people who state the same of a card \
      make the key witnessed.

      Exit status: 0 written; 1 refused; 2 could not judge; 3 stopped by you; 64 wrong usage.

      Example: stagex-maint keys witness alice --device 'Nitrokey 3' --serial 0F1E2D3C --touch fixed
      """)

  @OptionGroup var common: CommonOptions
  @Option(help: ArgumentHelp("What the card is. Default: its maker, as the card tells it.", valueName: "text"))
  var device: String?
  @Option(help: ArgumentHelp("The serial number that is printed on it.", valueName: "number"))
  var serial: String?
  @Option(help: ArgumentHelp("When it asks for a touch: on, fixed, cached or cached-fixed.", valueName: "setting"))
  var touch: CardTouch?
  @Option(help: ArgumentHelp("The key on it. Default: the one that can sign.", valueName: "fingerprint"))
  var signingKey: String?
  @Option(help: ArgumentHelp("The folder with the registry. Default: the work tree.", valueName: "dir"))
  var registry: String?
  @Flag(help: "Do not ask.")
  var yes = false
  @OptionGroup var key: KeyArgument

  func run() throws {
    let console = common.console
    try running(console) {
      let repository = try common.openRepository()
      let folder = try RegistryCheckout(registry, repository)
      let (entry, certificate) = try folder.key(key.who)
      // A witness counts when the entry names a card: asked for more, nobody could begin.
      var policy = folder.policy
      policy.evidence = .declared
      let source = SignerSource(repository, registry: folder.registry, policy: policy)
      let statement = try statement(entry, certificate, source)
      guard statement.touch != .off else {
        throw Failure(
          message: "the card signs without a touch, so nobody's word makes its key witnessed",
          next: "its owner: ykman openpgp keys set-touch sig fixed", status: ExitCode(1))
      }
      try agree(statement, entry, console)
      var signer = try asking { () throws(SigningError) in
        try source.signer(report: { if $0 == .waiting { console.err("touch your card") } }).signer
      }
      guard signer.identity.person != entry.person else {
        throw Failure(
          message: "nobody is witness in their own cause: this is \(printable(entry.person))'s card and key",
          next: "insert your own card, or ask two other maintainers", status: ExitCode(1))
      }
      let message = try asking { () throws(SigningError) in try signer.signedMessage(over: statement.bytes) }
      try verify(message, by: signer.identity.primary, about: entry, folder)
      let place = EvidencePlace.statement(about: entry.fingerprint, by: signer.identity.primary)
      try folder.write(message, to: place)
      console.out("written: \(place)")
      try tell(statement, entry, folder, console)
      folder.nextSteps(entry, "Witness", console)
      return .success
    }
  }

  // MARK: What is stated

  private func statement(_ entry: RegisteredKey, _ certificate: Certificate, _ source: SignerSource) throws
    -> WitnessStatement
  {
    var seen: (keys: [Fingerprint], device: String, serial: String, touch: CardTouch)?
    if serial == nil, touch == nil, signingKey == nil {
      let card = try asking { () throws(SigningError) in try source.card() }
      guard let card, let key = card.signingKey, certificate.keys.contains(where: { $0.fingerprint == key }) else {
        throw Failure.usage(
          "no card in the reader holds a key of \(printable(entry.person))",
          next: "insert it, or say what you have seen: --device TEXT --serial N --touch fixed")
      }
      guard let touch = card.touch.flatMap({ CardTouch(octet: $0.rawValue) }) else {
        throw Failure.usage(
          "the card does not say when it asks for a touch", next: "say it: --device TEXT --serial N --touch fixed")
      }
      seen = ([key], device ?? card.number.maker, card.number.serial, touch)
    } else if let device, let serial, let touch {
      seen = (try [namedKey(certificate)], device, serial, touch)
    }
    guard let seen else { throw Failure.usage("without the card, all of --device, --serial and --touch are needed") }
    do throws(JSONDefect) {
      return try WitnessStatement(
        key: entry.fingerprint, signingKeys: seen.keys.sorted(), device: seen.device, serial: seen.serial,
        touch: seen.touch,
        creator: "stagex-maint \(Version.text)", timestamp: Clock.now)
    } catch {
      throw Failure.usage("that cannot be stated: \(printable(error.message))")
    }
  }

  private func namedKey(_ certificate: Certificate) throws -> Fingerprint {
    if let signingKey {
      guard let named = Fingerprint(hex: signingKey), certificate.keys.contains(where: { $0.fingerprint == named })
      else {
        throw Failure.usage("\(printable(signingKey)) is no key of \(certificate.primary)")
      }
      return named
    }
    let able = certificate.keys.map(\.fingerprint)
      .filter { certificate.standing(of: $0, signedAt: Clock.now, judgedAt: .now(Clock.now)) == .good }
    guard able.count == 1 else {
      throw Failure.usage(
        "\(certificate.primary) has \(able.count) keys that can sign: name the one on the card with --signing-key",
        next: "stagex-maint keys list")
    }
    return able[0]
  }

  // MARK: Asking and verifying

  private func agree(_ statement: WitnessStatement, _ entry: RegisteredKey, _ console: Console) throws {
    console.out("You state as a witness:")
    console.out("  whose    \(printable(entry.person)), key \(statement.key)")
    for key in statement.signingKeys { console.out("  signs    \(key)") }
    console.out("  card     \(printable(statement.device)) no. \(printable(statement.serial))")
    console.out("  touch    \(statement.touch.rawValue)")
    if yes { return }
    guard isatty(STDIN_FILENO) == 1, console.errIsTerminal else {
      throw Failure.usage("there is no terminal to confirm it on", next: "add --yes when it is what you have seen")
    }
    // What was typed before the question was there is no answer to it.
    tcflush(STDIN_FILENO, TCIFLUSH)
    console.err("Insert your own card. Type \"witness\" to sign this, anything else to stop:")
    guard readLine() == "witness" else { throw Failure(message: "nothing was signed", next: nil, status: ExitCode(3)) }
  }

  /// As everybody will, and with both engines: what would not count is not written.
  private func verify(
    _ message: [UInt8], by primary: Fingerprint, about entry: RegisteredKey, _ folder: RegistryCheckout
  )
    throws
  {
    let judge = WitnessJudge(folder.registry, ReviewSettings(clock: Clock.now, threads: 1))
    if case .failure(let defect) = try judge.judge(message, named: primary, about: entry) {
      throw Failure(
        message: "the statement would not count and was thrown away: \(defect.text)", next: "stagex-maint card status",
        status: ExitCode(2))
    }
  }

  private func tell(
    _ statement: WitnessStatement, _ entry: RegisteredKey, _ folder: RegistryCheckout, _ console: Console
  )
    throws
  {
    let settings = ReviewSettings(clock: Clock.now, threads: 1)
    let proven = try folder.registry.proven(
      inFolder: folder.path, policy: folder.policy, settings: settings, level: .witnessed)
    for key in statement.signingKeys {
      if proven.disqualification(of: entry, signing: key, needing: .witnessed) == nil {
        console.out("\(key)  \(EvidenceText(proven, entry, key).words)")
      } else {
        console.out("\(key)  needs the same statement by one more maintainer")
      }
    }
  }
}

extension CardTouch: ExpressibleByArgument {}
