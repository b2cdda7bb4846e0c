import Glibc
import OpenPGP
import Review
import SignFlow
import Support
import Testing

/// Signatures through GPGME, by a card, with everything that can go wrong between the person and the card.
@Suite(.enabled(if: VirtualCard.isPossible, "needs gnupg, scdaemon, cc and python3-cryptography"))
struct SigningTests {
  let payload = Array("tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nwhat was reviewed\n".utf8)

  func source(_ card: VirtualCard, _ team: SigningTeam, policy: Policy = .standard) -> SignerSource {
    var source = SignerSource(registry: team.registry, policy: policy, environment: [:], clock: { Int64(time(nil)) })
    source.home = card.gnupgHome
    return source
  }

  func signer(_ card: VirtualCard, _ team: SigningTeam? = nil) throws -> any MaintainerSigner {
    try source(card, team ?? SigningTeam([("alice", card)])).signer(report: { _ in }).signer
  }

  /// The error that `body` throws.
  func failure(_ body: () throws -> Void) -> SigningError? {
    do {
      try body()
      return nil
    } catch {
      return error as? SigningError
    }
  }

  @Test(arguments: [VirtualCard.Algorithm.ed25519, .rsa2048, .nistp256], [false, true])
  func `A card's signature is verified by both engines and returned`(algorithm: VirtualCard.Algorithm, subkey: Bool)
    throws
  {
    let card = try VirtualCard(algorithm: algorithm, subkey: subkey)
    var signer = try signer(card)
    #expect(signer.identity.person == "alice")
    #expect(signer.identity.primary.hex == card.fingerprint)
    #expect(signer.identity.signing.hex == card.signingFingerprint)
    let armor = try signer.detachedSignature(over: payload)
    guard case .openPGP(let packet) = SignatureBlock.read(armor: armor) else {
      return #expect(Bool(false), "not OpenPGP")
    }
    let certificate = try Certificate.read(card.certificate())
    let answer = Question.asking(packet, over: payload) { NativeEngine(keyring: Keyring([certificate])).judge($0) }
    #expect(answer == .good(key: signer.identity.signing, primary: signer.identity.primary, time: packet.created))
  }

  @Test func `A signed message holds the content and the signature, as gpg reads it`() throws {
    let card = try VirtualCard()
    var signer = try signer(card)
    for content in [Array("{}".utf8), payload, Array(repeating: UInt8(ascii: "x"), count: 70_000)] {
      let message = try signer.signedMessage(over: content)
      let read = try card.gpg("--decrypt", "--status-fd", "2", input: message)
      #expect(read.output == content)
      #expect(read.errorText.contains("VALIDSIG \(card.signingFingerprint) "))
    }
  }

  // MARK: PIN

  // MARK: Many signatures, by gpg-agent without gpg

  /// The messages that a card with this PIN habit makes over three contents, one after the other.
  func series(_ card: VirtualCard) throws -> [[UInt8]] {
    var signer = try signer(card)
    let messages = try (0..<3).map { try signer.signedMessage(over: Array("content \($0)".utf8)) }
    return messages
  }

  @Test(arguments: VirtualCard.Algorithm.allCases, [true, false])
  func `Signatures of a series are as good as gpg's own`(algorithm: VirtualCard.Algorithm, pinForMany: Bool) throws {
    let card = try VirtualCard(algorithm: algorithm, subkey: true, pinForMany: pinForMany)
    let (before, promptsBefore) = (try card.signatureCount(), try card.prompts().count)
    let messages = try series(card)
    #expect(try card.signatureCount() == before + 3)
    var heads: Set<[UInt8]> = []
    for (number, message) in messages.enumerated() {
      let read = try card.gpg("--decrypt", "--status-fd", "2", input: message)
      #expect(
        read.text == "content \(number)" && read.errorText.contains("VALIDSIG \(card.signingFingerprint) "),
        "\(read.errorText)")
      let packet = try SignedMessage.read(message).signature.packet
      let body = try #require(packet.indices.first { packet[$0...].starts(with: [4, 0]) })
      heads.insert(Array(packet[body..<body + 6]))
    }
    // Version, type, algorithms and the length of what is hashed are those of gpg's first.
    #expect(heads.count == 1, "\(heads)")
    // One PIN for all of them, or one for each. The first may have been given when the card was made.
    let prompts = try card.prompts().count - promptsBefore
    #expect(pinForMany ? prompts <= 1 : prompts == 3, "\(prompts)")
  }

  @Test func `A card that is taken out in the middle of a series is asked for, and the series goes on with it`() throws
  {
    let card = try VirtualCard(pinForMany: true)
    var signer = try signer(card)
    for _ in 0..<2 { _ = try signer.signedMessage(over: payload) }
    try card.remove()
    // Longer than a card is believed to be there without a look.
    usleep(1_100_000)
    let error = failure { _ = try signer.signedMessage(over: payload) }
    guard case .cardNotPresent = error else { return #expect(Bool(false), "\(String(describing: error))") }
    try card.insert()
    _ = try signer.signedMessage(over: payload)
  }

  @Test func `A touch that is refused in the middle of a series is told, and nothing is signed`() throws {
    let card = try VirtualCard(touch: .on, pinForMany: true)
    try card.person(.gives(afterMilliseconds: 0))
    var signer = try signer(card)
    for _ in 0..<2 { _ = try signer.signedMessage(over: payload) }
    let before = try card.signatureCount()
    try card.person(.refuses)
    #expect(failure { _ = try signer.signedMessage(over: payload) } == .touchRefused)
    #expect(try card.signatureCount() == before)
    try card.person(.gives(afterMilliseconds: 0))
    _ = try signer.signedMessage(over: payload)
  }

  @Test func `A wrong PIN says how many attempts remain, and the next attempt works`() throws {
    let card = try VirtualCard()
    var signer = try signer(card)
    try card.answerPrompts("wrong")
    #expect(failure { _ = try signer.detachedSignature(over: payload) } == .wrongPIN(triesLeft: 2))
    #expect(failure { _ = try signer.detachedSignature(over: payload) } == nil)
  }

  @Test func `The third wrong PIN blocks the card`() throws {
    let card = try VirtualCard()
    var signer = try signer(card)
    try card.answerPrompts("wrong", "wrong", "wrong")
    #expect(failure { _ = try signer.detachedSignature(over: payload) } == .wrongPIN(triesLeft: 2))
    #expect(failure { _ = try signer.detachedSignature(over: payload) } == .wrongPIN(triesLeft: 1))
    let needed = signer.identity.card
    #expect(failure { _ = try signer.detachedSignature(over: payload) } == .blocked(needed: needed))
    #expect(failure { _ = try signer.detachedSignature(over: payload) } == .blocked(needed: needed))
    #expect(try card.signatureCount() == card.signatureCount())
  }

  @Test func `A cancelled prompt is a decision, not an error of the card`() throws {
    let card = try VirtualCard()
    var signer = try signer(card)
    try card.answerPrompts("cancel")
    #expect(failure { _ = try signer.detachedSignature(over: payload) } == .cancelled)
    #expect(failure { _ = try signer.detachedSignature(over: payload) } == nil)
  }

  @Test func `Without a pinentry it says so`() throws {
    let card = try VirtualCard()
    var signer = try signer(card)
    try card.card("pinentry", "--program", "/nonexistent")
    #expect(failure { _ = try signer.detachedSignature(over: payload) } == .noPinentry)
  }

  // MARK: touch

  @Test(arguments: ["6985", "6982"])
  func `A touch that is refused is told from a wrong PIN`(word: String) throws {
    let card = try VirtualCard(touch: .on)
    var signer = try signer(card)
    try card.card("set", "--touch-refusal", word)
    try card.person(.refuses)
    #expect(failure { _ = try signer.detachedSignature(over: payload) } == .touchRefused)
    try card.person(.gives(afterMilliseconds: 0))
    #expect(failure { _ = try signer.detachedSignature(over: payload) } == nil)
  }

  @Test func `A card that nobody touches gives up, and a hint came before`() throws {
    let card = try VirtualCard(touch: .on)
    let team = try SigningTeam([("alice", card)])
    // The PIN first, so that no prompt owns the terminal.
    var (signer, _) = try source(card, team).signer(report: { _ in })
    _ = try signer.detachedSignature(over: payload)
    try card.card("set", "--touch-timeout", "6")
    try card.person(.neverTouches)
    let events = Events()
    (signer, _) = try source(card, team).signer(report: { events.add($0) })
    guard case .touchTimedOut(let seconds)? = failure({ _ = try signer.detachedSignature(over: payload) }) else {
      return #expect(Bool(false), "no time-out")
    }
    #expect(seconds >= 5)
    #expect(events.all == [.waiting])
  }

  // MARK: cards

  @Test func `A card that is taken out is asked for by its number`() throws {
    let card = try VirtualCard()
    var signer = try signer(card)
    let needed = signer.identity.card
    try card.remove()
    #expect(failure { _ = try signer.detachedSignature(over: payload) } == .cardNotPresent(needed: needed))
    try card.insert()
    #expect(failure { _ = try signer.detachedSignature(over: payload) } == nil)
  }

  @Test func `A card that vanishes while it signs leaves no signature`() throws {
    let card = try VirtualCard()
    var signer = try signer(card)
    try card.card("fault", "--vanish-in-signature")
    #expect(failure { _ = try signer.detachedSignature(over: payload) } == .cardRemoved(needed: signer.identity.card))
  }

  @Test func `Another card in the reader is named, and which one to insert`() throws {
    let card = try VirtualCard()
    var signer = try signer(card)
    let folder = try TemporaryFolder()
    try Tool.succeed(
      "\(Tool.packageFolder)/Tests/VirtualCard/card", ["new", folder.path + "/c", "--serial", String(0x2222)])
    try card.remove()
    try card.card("insert", folder.path + "/c")
    let error = failure { _ = try signer.detachedSignature(over: payload) }
    guard case .wrongCard(let inserted, let needed)? = error else { return #expect(error == nil, "not noticed") }
    #expect(inserted.serial == "00002222")
    #expect(needed == signer.identity.card)
  }

  @Test func `Without scdaemon it says so, and not that a card is missing`() throws {
    let card = try VirtualCard()
    let team = try SigningTeam([("alice", card)])
    try Tool.succeed("sh", ["-c", "echo 'scdaemon-program /nonexistent' >> \(card.home)/gpg-agent.conf"])
    try Tool.succeed("gpgconf", ["--kill", "all"], environment: card.environment)
    #expect(failure { _ = try signer(card, team) } == .noScdaemon)
    try Tool.succeed("sh", ["-c", "sed -i /scdaemon-program/d \(card.home)/gpg-agent.conf"])
    try Tool.succeed("gpgconf", ["--kill", "all"], environment: card.environment)
    #expect(failure { _ = try signer(card, team) } == nil)
  }

  @Test(.enabled(if: Tool.find("pinentry-curses") != nil, "needs pinentry-curses"))
  func `The real pinentry without a terminal to appear on`() throws {
    let card = try VirtualCard()
    var signer = try signer(card)
    try card.card("pinentry", "--program", Tool.find("pinentry-curses")!)
    #expect(failure { _ = try signer.detachedSignature(over: payload) } == .noTerminal)
  }

  @Test func `gpg.conf cannot weaken the signature`() throws {
    let card = try VirtualCard()
    var signer = try signer(card)
    try Tool.succeed("sh", ["-c", "echo 'digest-algo SHA1' >> \(card.home)/gpg.conf"])
    guard case .notVerified(let why)? = failure({ _ = try signer.detachedSignature(over: payload) }) else {
      return #expect(Bool(false), "a SHA-1 signature came through")
    }
    #expect(why.contains("SHA-1"))
    try Tool.succeed("sh", ["-c", "sed -i /digest-algo/d \(card.home)/gpg.conf"])
    #expect(failure { _ = try signer.detachedSignature(over: payload) } == nil)
  }
}

private final class Events {
  private(set) var all: [SigningEvent] = []
  func add(_ event: SigningEvent) { if event != .signed, event != .pinPrompt { all.append(event) } }
}
