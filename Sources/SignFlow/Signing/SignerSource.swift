package import Review

/// Finds out who is at the keyboard and what signs for them.
package struct SignerSource {
  /// Whose keys count.
  package let registry: Registry
  /// What kind of keys count.
  package let policy: Policy
  /// Where GnuPG keeps the person's keys.
  package var home = GnuPGHome.ofThisProcess
  /// git's `user.signingkey`.
  package var wanted: String?
  /// `maint.gpgProgram`, or StageX's own `STAGEX_GPG_SIGN`: a program that reaches a key elsewhere.
  package var splitProgram: String?
  /// What Split GPG's program may see.
  package var environment: [String: String]
  /// Seconds since 1970.
  package var clock: () -> Int64

  /// Looks at no card yet.
  package init(registry: Registry, policy: Policy, environment: [String: String], clock: @escaping () -> Int64) {
    self.registry = registry
    self.policy = policy
    self.environment = environment
    self.clock = clock
    splitProgram = environment["STAGEX_GPG_SIGN"].flatMap { $0.isEmpty || $0 == "gpg" ? nil : $0 }
  }

  /// The signer for whoever is at the keyboard, and the card's state where there is a card.
  ///
  /// - Parameter report: Told what happens while a signature is made.
  package func signer(report: @escaping (SigningEvent) -> Void) throws(SigningError) -> (
    signer: any MaintainerSigner, card: CardStatus?
  ) {
    let key = try key()
    if let splitProgram, key.card == nil, policy.allowsSplitGPG {
      // The program may lead to another machine; the forge's token is none of its business.
      let closed = environment.filter { $0.key != "MAINT_TOKEN" }
      return (SplitGPGSigner(key, program: ChildProgram(splitProgram, environment: closed), clock: clock), nil)
    }
    let signer = try CardSigner(key, home: home, environment: environment, clock: clock)
    signer.report = report
    return (signer, try signer.readyCard())
  }

  /// The key that would sign.
  package func key() throws(SigningError) -> SigningKey {
    let choice = KeyChoice(registry: registry, policy: policy, clock: clock())
    if let splitProgram {
      guard policy.allowsSplitGPG else { throw .splitGPGNotAllowed(program: printable(splitProgram)) }
      return try choice.chooseElsewhere(wanted: wanted)
    }
    let secrets = try SecretKey.all(in: home)
    return try choice.choose(from: secrets, wanted: wanted, inserted: try CardReader(home: home).status())
  }

  /// Who is at the keyboard, as far as can be told without a card: for answers that sign nothing.
  package func person() throws(SigningError) -> String? {
    let choice = KeyChoice(registry: registry, policy: policy, clock: clock())
    if let splitProgram {
      guard policy.allowsSplitGPG else { throw .splitGPGNotAllowed(program: printable(splitProgram)) }
      return try choice.chooseElsewhere(wanted: wanted).person
    }
    let secrets = try SecretKey.all(in: home)
    let people = choice.people(from: secrets, wanted: wanted)
    if people.count == 1 { return people[0] }
    return try choice.choose(from: secrets, wanted: wanted, inserted: try CardReader(home: home).status()).person
  }

  /// The card in the reader; nil when there is none.
  package func card() throws(SigningError) -> CardStatus? {
    try CardReader(home: home).status()
  }
}
