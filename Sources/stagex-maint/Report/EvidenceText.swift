internal import OpenPGP
internal import Review

/// What shows that a signing key lives on a card, for people: the strongest level that it reaches, and what is wrong
/// with files that would show more.
struct EvidenceText {
  let level: Evidence
  /// One line, safe to print.
  let words: String
  let objections: [String]

  /// - Parameter registry: Read with its proofs.
  init(_ registry: Registry, _ entry: RegisteredKey, _ key: Fingerprint) {
    level = registry.level(of: entry, signing: key)
    objections = registry.evidence.objections(to: entry.fingerprint)
    if level == .attested, let card = registry.evidence.attestation(of: key, under: entry.fingerprint) {
      words = "attested: \(Self.words(card))"
    } else if level == .witnessed, let card = registry.evidence.witnesses(of: key, under: entry.fingerprint) {
      words = """
        witnessed by \(card.witnesses.map { printable($0) }.joined(separator: " and ")): \
        \(printable(card.device)) no. \(printable(card.serial))
        """
    } else if level == .off {
      words = "none"
    } else {
      words = "\(level.rawValue): \(printable(entry.devices))"
    }
  }

  /// What an attestation says of a card.
  static func words(_ card: AttestedCard) -> String {
    let serial = card.serial.map { "YubiKey no. \($0), " } ?? "YubiKey, "
    return serial + (card.firmware.map { "firmware \($0), " } ?? "") + "made on the card, touch \(card.touch.rawValue)"
  }
}
