internal import Cgpgme
internal import Glibc
internal import OpenPGP

/// Signs through GnuPG with a key on a smartcard. The PIN goes from the person to pinentry to the card, never through
/// this process.
///
/// For one thread. A signature that fails leaves nothing behind: try again with the same signer.
package final class CardSigner: Signer {
  package let key: SigningKey
  package var identity: SignerIdentity { key.identity }
  /// Told what happens while the card works.
  package var report: (SigningEvent) -> Void = { _ in }

  private let home: GnuPGHome
  private let proof: SignatureProof
  private let context: GPGMEContext
  private let clock: () -> Int64

  /// - Parameter clock: Seconds since 1970.
  package init(_ key: SigningKey, home: GnuPGHome, clock: @escaping () -> Int64) throws(SigningError) {
    self.key = key
    self.home = home
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
    try sign(payload).armor
  }

  package func signedMessage(over content: [UInt8]) throws(SigningError) -> [UInt8] {
    let packet = try sign(content).packet
    guard let message = SignFlow.signedMessage(content, packet) else { throw .notVerified("it does not name its key") }
    return message
  }

  private func sign(_ payload: [UInt8]) throws(SigningError) -> (armor: [UInt8], packet: SignaturePacket) {
    // Known before, so that "Bad PIN" with the counter standing still can be told for what it is.
    let before = try readyCard()
    let started = ContinuousClock.now
    let armor: [UInt8]
    do throws(GPGMEFailure) {
      armor = try ask(payload)
    } catch {
      throw outcome(error, before: before, after: ContinuousClock.now - started)
    }
    let packet = try proof.check(armor, over: payload, clock: clock())
    report(.signed)
    return (armor, packet)
  }

  /// Has gpg make the signature, and watches it.
  private func ask(_ payload: [UInt8]) throws(GPGMEFailure) -> [UInt8] {
    let plain = try GPGMEData(copying: payload)
    let signature = try GPGMEData()
    let watch = Watch()
    try unsafe withChosenKey { () throws(GPGMEFailure) in
      unsafe gpgme_set_status_cb(
        context.handle,
        { opaque, keyword, arguments in
          guard let opaque = unsafe opaque, let keyword = unsafe keyword, let arguments = unsafe arguments else {
            return 0
          }
          if unsafe strcmp(keyword, "PINENTRY_LAUNCHED") == 0 {
            // The first word is the process id (GnuPG's doc/DETAILS).
            unsafe Unmanaged<Watch>.fromOpaque(opaque).takeUnretainedValue().prompt = unsafe pid_t(atoi(arguments))
          }
          return 0
        }, Unmanaged.passUnretained(watch).toOpaque())
      defer { unsafe gpgme_set_status_cb(context.handle, nil, nil) }
      try GPGMEFailure.check(
        unsafe gpgme_op_sign_start(context.handle, plain.handle, signature.handle, GPGME_SIG_MODE_DETACH))
      try wait(watch)
    }
    return signature.contents()
  }

  private final class Watch {
    var prompt: pid_t = 0

    /// Whether the program that asks for the PIN is still there: until it ends, the terminal may be its own.
    var isPrompting: Bool { prompt > 0 && (kill(prompt, 0) == 0 || errno == EPERM) }
  }

  private func wait(_ watch: Watch) throws(GPGMEFailure) {
    var quiet = ContinuousClock.now
    var (toldPrompt, toldWaiting) = (false, false)
    while true {
      var status: gpgme_error_t = 0
      if unsafe gpgme_wait(context.handle, &status, 0) != nil { return try GPGMEFailure.check(status) }
      if watch.isPrompting {
        quiet = .now
        if !toldPrompt { report(.pinPrompt) }
        toldPrompt = true
      }
      // scdaemon does not say that the card blinks.
      if !toldWaiting, ContinuousClock.now - quiet > .seconds(1) {
        toldWaiting = true
        report(.waiting)
      }
      usleep(1000)
    }
  }

  /// Runs `body` with the context told to sign with exactly the chosen key.
  ///
  /// GPGME hands gpg `-u` and the first key's id, by which gpg would choose any subkey. The id's place in the key is
  /// therefore taken by the full fingerprint with "!", which means: this one and no other (gpg(1), HOW TO SPECIFY A USER ID).
  @unsafe private func withChosenKey(_ body: () throws(GPGMEFailure) -> Void) throws(GPGMEFailure) {
    var found: gpgme_key_t?
    try GPGMEFailure.check(unsafe gpgme_get_key(context.handle, key.signing.hex, &found, 1))
    guard let found = unsafe found, let first = unsafe found.pointee.subkeys else { return }
    defer { unsafe gpgme_key_unref(found) }
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

  /// What a failure means, with the card asked again where GnuPG's code says too little.
  private func outcome(_ failure: GPGMEFailure, before: CardStatus?, after: Duration) -> SigningError {
    switch failure.code {
    case GPG_ERR_CANCELED, GPG_ERR_FULLY_CANCELED: return .cancelled
    case GPG_ERR_NO_PIN_ENTRY: return .noPinentry
    case GPG_ERR_ENOTTY: return .noTerminal
    case GPG_ERR_PIN_BLOCKED: return .blocked(needed: key.card)
    default: break
    }
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
