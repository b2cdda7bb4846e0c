import Support
import Testing

/// The virtual card reached as a maintainer's card is: through gpg, gpg-agent and scdaemon.
@Suite(.enabled(if: VirtualCard.isPossible, "needs gnupg, scdaemon, cc and python3-cryptography"))
struct VirtualCardTests {
  let message = Array("hello".utf8)

  @Test(arguments: [VirtualCard.Algorithm.ed25519, .rsa2048, .nistp256])
  func `A key made on the card signs, and gpg verifies with the certificate alone`(
    algorithm: VirtualCard.Algorithm
  ) throws {
    let card = try VirtualCard(algorithm: algorithm)
    let verifier = try Verifier(trusting: card)
    let signature = try card.sign(message)
    #expect(try verifier.accepts(signature, over: message, by: card.signingFingerprint))
    #expect(try !verifier.accepts(signature, over: message + [0], by: card.signingFingerprint))
    #expect(try card.state("fingerprints").contains(card.signingFingerprint))
    #expect(try card.state("origin").hasPrefix("[1,"))
  }

  @Test func `A signing subkey on the card, the primary key offline`() throws {
    let card = try VirtualCard(subkey: true)
    #expect(card.fingerprint != card.signingFingerprint)
    let listing = try card.gpg("--with-colons", "--list-secret-keys").text.split(separator: "\n")
    #expect(listing.first { $0.hasPrefix("sec") }?.split(separator: ":", omittingEmptySubsequences: false)[14] == "#")
    let verifier = try Verifier(trusting: card)
    #expect(try verifier.accepts(card.sign(message), over: message, by: card.signingFingerprint))
  }

  @Test func `git signs a commit with the card, and gpg verifies it in another home`() throws {
    let card = try VirtualCard(touch: .on)
    let folder = try TemporaryFolder()
    try Tool.succeed("git", ["init", "-q", folder.path])
    let key = "user.signingkey=\(card.signingFingerprint)!"
    try Tool.succeed(
      "git", ["-c", key, "commit", "-q", "-S", "--allow-empty", "-m", "One"], environment: card.environment,
      folder: folder.path)
    let verifier = try Verifier(trusting: card)
    let raw = try Tool.run(
      "git", ["verify-commit", "--raw", "HEAD"], environment: verifier.environment, folder: folder.path
    ).errorText
    #expect(raw.contains("VALIDSIG \(card.signingFingerprint) "))
  }

  @Test func `The signature counter and the prompts tell what happened`() throws {
    let card = try VirtualCard()
    let before = try card.signatureCount()
    _ = try card.sign(message)
    #expect(try card.signatureCount() == before + 1)
    let prompt = try #require(try card.prompts().last)
    #expect(prompt.contains("Please unlock the card"))
    #expect(prompt.contains("Counter: \(before)"))
    #expect(!prompt.contains("123456"))
  }

  // MARK: PINs

  @Test func `A wrong PIN costs one try, the right one gives it back`() throws {
    let card = try VirtualCard()
    try card.answerPrompts("wrong")
    #expect(try failure(of: card) == "Bad PIN")
    #expect(try card.triesLeft() == "[2, 0, 3]")
    _ = try card.sign(message)
    #expect(try card.triesLeft() == "[3, 0, 3]")
  }

  @Test func `Three wrong PINs block the card, and the right one then helps no more`() throws {
    let card = try VirtualCard()
    try card.answerPrompts("wrong", "wrong", "wrong")
    #expect(try failure(of: card) == "Bad PIN")
    #expect(try failure(of: card) == "Bad PIN")
    #expect(try failure(of: card) == "PIN blocked")
    #expect(try failure(of: card) == "PIN blocked")
    #expect(try card.triesLeft() == "[0, 0, 3]")
  }

  @Test func `A cancelled prompt costs no try`() throws {
    let card = try VirtualCard()
    try card.answerPrompts("cancel")
    #expect(try failure(of: card) == "Operation cancelled")
    #expect(try card.triesLeft() == "[3, 0, 3]")
    _ = try card.sign(message)
  }

  @Test func `Without a pinentry there is no signature`() throws {
    let card = try VirtualCard()
    try card.card("pinentry", "--program", "/nonexistent")
    #expect(try failure(of: card) == "No pinentry")
    try card.card("pinentry", "--program", "\(card.home)/pinentry")
    _ = try card.sign(message)
  }

  // MARK: touch

  @Test func `A touch that is refused makes no signature, one that is given makes one`() throws {
    let card = try VirtualCard(touch: .on)
    let before = try card.signatureCount()
    try card.person(.refuses)
    #expect(try failure(of: card) == "Conditions of use not satisfied")
    #expect(try card.signatureCount() == before)
    try card.person(.gives(afterMilliseconds: 50))
    _ = try card.sign(message)
    #expect(try card.signatureCount() == before + 1)
  }

  @Test(arguments: [("6985", "Conditions of use not satisfied"), ("6982", "Bad PIN")])
  func `A touch that times out costs no try, whichever status word the card gives`(
    word: String, message: String
  ) throws {
    let card = try VirtualCard(touch: .on)
    try card.card("set", "--touch-timeout", "0.2", "--touch-refusal", word)
    try card.person(.neverTouches)
    #expect(try failure(of: card) == message)
    #expect(try card.triesLeft() == "[3, 0, 3]")
    try card.person(.gives(afterMilliseconds: 0))
    _ = try card.sign(self.message)
  }

  @Test func `A fixed touch policy cannot be taken back, another can`() throws {
    let card = try VirtualCard(touch: .on)
    try card.card("policy", "fixed")
    #expect(throws: Tool.Failure.self) { try card.card("policy", "off") }
    #expect(try card.state("touch") == "[2, 0, 0]")
  }

  // MARK: the reader

  @Test func `A card that is out cannot sign, and signs again when it is back`() throws {
    let card = try VirtualCard()
    try card.remove()
    #expect(try failure(of: card) == "Operation cancelled")
    #expect(try card.prompts().last?.hasPrefix("CONFIRM text=[Please insert the card with serial number") == true)
    try card.insert()
    _ = try card.sign(message)
  }

  @Test func `A card that leaves in the middle of a signature makes none`() throws {
    let card = try VirtualCard()
    let before = try card.signatureCount()
    try card.card("fault", "--vanish-in-signature")
    #expect(try failure(of: card) == "Card not present")
    try card.insert()
    #expect(try card.signatureCount() == before)
    _ = try card.sign(message)
  }

  @Test func `A card keeps its key when its process is killed`() throws {
    let card = try VirtualCard()
    try card.card("kill")
    try card.insert()
    _ = try card.sign(message)
  }

  @Test func `With another card in the reader the right one is asked for`() throws {
    let card = try VirtualCard()
    let other = try VirtualCard(name: "Bob")
    try card.remove()
    try other.remove()
    try card.card("insert", "\(other.home)/card")
    #expect(try failure(of: card) == "Operation cancelled")
    try card.remove()
    try card.card("insert", "\(card.home)/card")
    _ = try card.sign(message)
  }

  @Test func `Two cards sign at once, each with its own key`() async throws {
    let cards = try [VirtualCard(name: "Alice"), VirtualCard(name: "Bob")]
    let message = message
    let signatures = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
      for (index, card) in cards.enumerated() {
        group.addTask {
          for _ in 1..<10 { _ = try card.sign(message) }
          return (index, try card.sign(message))
        }
      }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    for (index, card) in cards.enumerated() {
      let signature = try #require(signatures[index])
      #expect(try Verifier(trusting: card).accepts(signature, over: message, by: card.signingFingerprint))
      #expect(try !Verifier(trusting: cards[1 - index]).accepts(signature, over: message, by: card.signingFingerprint))
    }
  }

  @Test func `A slow card takes as long as it was told`() throws {
    let card = try VirtualCard(delayMilliseconds: 200)
    let took = try ContinuousClock().measure { _ = try card.sign(message) }
    #expect(took >= .milliseconds(200))
  }

  // MARK: attestation and the true PC/SC path

  @Test(.enabled(if: Tool.find("openssl") != nil))
  func `A YubiKey attests the key it made, and its chain ends in the test's own authority`() throws {
    let card = try VirtualCard(touch: .fixed, persona: .yubikey, serial: 35_718_625)
    let out = "\(card.home)/attestation"
    try card.card("attest", out)
    for name in ["sig", "device"] {
      try Tool.succeed(
        "openssl", ["x509", "-inform", "der", "-in", "\(out)/\(name).der", "-out", "\(out)/\(name).pem"])
    }
    let verified = try Tool.run(
      "openssl", ["verify", "-CAfile", "\(out)/authority.pem", "-untrusted", "\(out)/device.pem", "\(out)/sig.pem"])
    #expect(verified.status == 0, "\(verified.errorText)")
  }

  @Test func `Once through pcscd and vpcd`() throws {
    let folder = try TemporaryFolder()
    let cards = "\(Tool.packageFolder)/Tests/VirtualCard"
    let script = """
      set -eu
      card home "$1/h" --reader 'Virtual PCD 00 00'
      card new "$1/h/card" --vpcd-port 35963
      card insert "$1/h" "$1/h/card"
      card key "$1/h"
      export GNUPGHOME="$1/h"
      echo hello > "$1/m"
      gpg --batch --quiet --detach-sign "$1/m"
      card remove "$1/h"
      ! gpg --batch --quiet --yes --detach-sign --output "$1/no.sig" "$1/m"
      card insert "$1/h"
      gpg --batch --quiet --yes --detach-sign "$1/m"
      gpg --batch --quiet --status-fd 1 --verify "$1/m.sig" "$1/m"
      card stop "$1/h"
      """
    let result = try Tool.run(
      "\(cards)/with-pcscd", ["sh", "-c", script, "sh", folder.path],
      environment: ["PATH": "\(cards):" + Tool.bareEnvironment["PATH"]!])
    if result.status == 77 {
      try Test.cancel("\(result.errorText)")
    }
    #expect(result.status == 0, "\(result.errorText)")
    #expect(result.text.contains("VALIDSIG"))
  }

  /// What gpg says when the card does not sign.
  private func failure(of card: VirtualCard) throws -> String {
    let result = try card.gpg("--detach-sign", "-u", card.signingFingerprint + "!", input: message)
    guard result.status != 0 else { return "it signed" }
    let line = result.errorText.split(separator: "\n").last { $0.hasPrefix("gpg: signing failed: ") }
    return String(line?.dropFirst("gpg: signing failed: ".count) ?? "\(result.errorText)")
  }
}

/// A home with one person's certificate and no secret key.
private final class Verifier {
  private let home: TemporaryFolder
  var environment: [String: String] { ["GNUPGHOME": home.path] }

  init(trusting card: VirtualCard) throws {
    home = try TemporaryFolder()
    try Tool.succeed("gpg", ["--batch", "--quiet", "--import"], environment: environment, input: card.certificate())
  }

  deinit { _ = try? Tool.run("gpgconf", ["--kill", "all"], environment: environment) }

  func accepts(_ signature: [UInt8], over message: [UInt8], by fingerprint: String) throws -> Bool {
    let folder = try TemporaryFolder()
    try Tool.succeed("tee", ["\(folder.path)/s"], input: signature)
    let result = try Tool.run(
      "gpg", ["--batch", "--status-fd", "1", "--verify", "\(folder.path)/s", "-"], environment: environment,
      input: message)
    return result.status == 0 && result.text.contains("[GNUPG:] VALIDSIG \(fingerprint) ")
  }
}
