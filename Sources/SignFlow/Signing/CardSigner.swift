internal import Cgpgme
internal import Glibc
internal import OpenPGP

/// Signs through GnuPG with a key on a smartcard. The PIN goes from the person to pinentry to the card, never through
/// this process.
///
/// For one thread. A signature that fails leaves nothing behind: try again with the same signer.
package final class CardSigner: MaintainerSigner {
  /// What it signs with.
  package let key: SigningKey
  /// Who signs, and with what.
  package var identity: SignerIdentity { key.identity }
  /// Told what happens while the card works.
  package var report: (SigningEvent) -> Void = { _ in }

  private let home: GnuPGHome
  private let proof: SignatureProof
  private let context: GPGMEContext
  private let clock: () -> Int64
  private let environment: [String: String]
  /// After gpg has made one signature: the way around starting it again for each of many.
  private var series: (signing: AgentSigning, card: CardStatus, last: ContinuousClock.Instant)?

  /// - Parameters:
  ///   - environment: Where pinentry shows itself.
  ///   - clock: Seconds since 1970.
  package init(
    _ key: SigningKey, home: GnuPGHome, environment: [String: String] = [:], clock: @escaping () -> Int64
  ) throws(SigningError) {
    self.key = key
    self.home = home
    self.environment = environment
    self.clock = clock
    proof = SignatureProof(key)
    context = try GPGMEContext.openPGP(home)
  }

  /// The card's state now, when it is the right one.
  package func readyCard() throws(SigningError) -> CardStatus? {
    guard let needed = key.card else { return nil }
    guard let status = try CardReader(home: home).status(wanted: needed) else { throw .cardNotPresent(needed: needed) }
    guard status.number == needed else { throw .wrongCard(inserted: status.number, needed: needed) }
    if let found = status.signingKey, found != key.signing { throw .otherSigner(expected: key.signing, found: found) }
    if status.pinTries == 0 { throw .blocked(needed: needed) }
    return status
  }

  package func detachedSignature(over payload: [UInt8]) throws(SigningError) -> [UInt8] {
    let armor = try sign(payload).armor
    try proof.settleAll()
    return armor
  }

  package func signedMessage(over content: [UInt8]) throws(SigningError) -> [UInt8] {
    let message = try unsettledMessage(over: content)
    try proof.settleAll()
    return message
  }

  package func unsettledMessage(over content: [UInt8]) throws(SigningError) -> [UInt8] {
    let packet = if let next = try nextOfSeries(content) { next } else { try sign(content).packet }
    guard let message = SignFlow.signedMessage(content, packet) else { throw .notVerified("it does not name its key") }
    return message
  }

  package func settle() throws(SigningError) { try proof.settle() }

  private func sign(_ payload: [UInt8]) throws(SigningError) -> (armor: [UInt8], packet: SignaturePacket) {
    // Known before, so that "Bad PIN" with the counter standing still can be told for what it is.
    let before = try readyCard()
    let agent = key.card == nil ? nil : try AgentConnection(home)
    let wasThere = agent?.isThere ?? true
    let started = ContinuousClock.now
    let armor: [UInt8]
    do throws(GPGMEFailure) {
      armor = try ask(payload)
    } catch {
      // Gpg calls the key unusable where the agent ends while it looks for it.
      let agentStays = wasThere && agent?.isThere ?? true
      throw outcome(error, before: before, after: ContinuousClock.now - started, agentStays: agentStays)
    }
    let packet = try proof.begin(armor, over: payload, clock: clock())
    report(.signed)
    // A card that wants its PIN each time is left to gpg, who knows best how to ask for it.
    if let before, before.asksPINAlways == false, let keygrip {
      series = AgentSigning(key, keygrip: keygrip, like: packet, home: home, environment: environment).map {
        ($0, before, .now)
      }
    }
    return (armor, packet)
  }

  /// A further signature in a series; nil where gpg has to make it.
  private func nextOfSeries(_ content: [UInt8]) throws(SigningError) -> SignaturePacket? {
    guard let (signing, card, last) = series else { return nil }
    let started = ContinuousClock.now
    // A card that signed a moment ago is there. Without this gpg-agent would ask for a missing one by pinentry.
    guard started - last < .seconds(1) || CardReader.isStillThere(card.number, signing.agent) else { return nil }
    switch signing.sign(content, clock: clock(), watch: SigningWatch(report)) {
    case .failure(let failure):
      series = nil
      throw outcome(failure, before: card, after: ContinuousClock.now - started)
    case .notUnderstood: break
    case .signature(let bytes):
      if let packet = try? SignaturePacket(packet: bytes),
        (try? proof.begin(packet, over: content, clock: clock())) != nil
      {
        report(.signed)
        series?.last = .now
        return packet
      }
    }
    // Not in a form that counts: thrown away. Gpg makes it, and the ones to come.
    series = nil
    return nil
  }

  /// Has gpg make the signature, and watches it.
  private func ask(_ payload: [UInt8]) throws(GPGMEFailure) -> [UInt8] {
    let plain = try GPGMEData(copying: payload)
    let signature = try GPGMEData()
    let watch = SigningWatch(report)
    try unsafe withChosenKey { () throws(GPGMEFailure) in
      unsafe gpgme_set_status_cb(
        context.handle,
        { opaque, keyword, arguments in
          guard let opaque = unsafe opaque, let keyword = unsafe keyword, let arguments = unsafe arguments else {
            return 0
          }
          if unsafe strcmp(keyword, "PINENTRY_LAUNCHED") == 0 {
            // The first word is the process id (GnuPG's doc/DETAILS).
            unsafe Unmanaged<SigningWatch>.fromOpaque(opaque).takeUnretainedValue().prompt = unsafe pid_t(
              atoi(arguments))
          }
          return 0
        }, Unmanaged.passUnretained(watch).toOpaque())
      defer { unsafe gpgme_set_status_cb(context.handle, nil, nil) }
      let (plain, signature) = unsafe (plain.handle, signature.handle)
      let started = GPGMELoop.alone {
        unsafe gpgme_op_sign_start(context.handle, plain, signature, GPGME_SIG_MODE_DETACH)
      }
      try GPGMEFailure.check(started)
      try GPGMEFailure.check(unsafe watch.wait(context.handle))
    }
    return signature.contents()
  }

  /// Runs `body` with the context told to sign with exactly the chosen key.
  ///
  /// GPGME hands gpg `-u` and the first key's id, by which gpg would choose any subkey. The id's place in the key is
  /// therefore taken by the full fingerprint with "!", which means: this one and no other (gpg(1), HOW TO SPECIFY A
  /// USER ID).
  @unsafe private func withChosenKey(_ body: () throws(GPGMEFailure) -> Void) throws(GPGMEFailure) {
    var found: gpgme_key_t?
    try GPGMEFailure.check(unsafe gpgme_get_key(context.handle, key.signing.hex, &found, 1))
    guard let found = unsafe found, let first = unsafe found.pointee.subkeys else { return }
    defer { unsafe gpgme_key_unref(found) }
    unsafe remember(keygripsOf: found)
    let name = unsafe strdup(key.signing.hex + "!")
    let keyID = unsafe first.pointee.keyid
    unsafe first.pointee.keyid = name
    defer {
      unsafe first.pointee.keyid = keyID
      unsafe free(name)
    }
    unsafe gpgme_signers_clear(context.handle)
    try GPGMEFailure.check(unsafe gpgme_signers_add(context.handle, found))
    defer { unsafe gpgme_signers_clear(context.handle) }
    try body()
  }

  /// gpg-agent's name for the chosen key; nil until gpg has told it.
  private var keygrip: String?

  @unsafe private func remember(keygripsOf found: gpgme_key_t) {
    var part = unsafe found.pointee.subkeys
    while let subkey = unsafe part {
      if let text = unsafe subkey.pointee.fpr, unsafe Fingerprint(hex: String(cString: text)) == key.signing {
        keygrip = unsafe subkey.pointee.keygrip.map { unsafe String(cString: $0) }
      }
      unsafe part = subkey.pointee.next
    }
  }

  /// What a failure means, with the card asked again where GnuPG's code says too little.
  ///
  /// - Parameter agentStays: Whether the agent that knew the card before is still the same.
  private func outcome(
    _ failure: GPGMEFailure, before: CardStatus?, after: Duration, agentStays: Bool = true
  ) -> SigningError {
    switch failure.code {
    case GPG_ERR_CANCELED, GPG_ERR_FULLY_CANCELED: return .cancelled
    case GPG_ERR_NO_PIN_ENTRY: return .noPinentry
    case GPG_ERR_ENOTTY: return .noTerminal
    case GPG_ERR_PIN_BLOCKED: return .blocked(needed: key.card)
    default: break
    }
    if failure.meansNoAgent || !agentStays { return .agentGone }
    guard let needed = key.card else { return failure.signingError("sign") }
    let now: CardStatus?
    do throws(SigningError) {
      now = try CardReader(home: home).status(wanted: needed)
    } catch {
      return failure.meansNoCard ? .cardRemoved(needed: needed) : error
    }
    guard let now else { return .cardRemoved(needed: needed) }
    guard now.number == needed else { return .wrongCard(inserted: now.number, needed: needed) }
    switch failure.code {
    case GPG_ERR_BAD_PIN:
      if now.pinTries == 0 { return .blocked(needed: needed) }
      // A card may answer a missing touch as it answers a wrong PIN (6982); then the counter stands still.
      if let left = now.pinTries, left == before?.pinTries { return touchMissing(after) }
      return .wrongPIN(triesLeft: now.pinTries)
    case GPG_ERR_USE_CONDITIONS, GPG_ERR_TIMEOUT: return touchMissing(after)
    case GPG_ERR_ENODEV, GPG_ERR_CARD_REMOVED, GPG_ERR_CARD_NOT_PRESENT: return .cardRemoved(needed: needed)
    default: return failure.signingError("sign")
    }
  }

  /// A card gives up after many seconds; a refusal comes at once.
  private func touchMissing(_ after: Duration) -> SigningError {
    let seconds = Int(after.components.seconds)
    return seconds >= 5 ? .touchTimedOut(seconds: seconds) : .touchRefused
  }
}
