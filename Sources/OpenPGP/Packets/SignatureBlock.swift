/// What an armored signature, as a commit or tag carries it, turns out to be.
package enum SignatureBlock: Sendable {
  case openPGP(SignaturePacket)
  /// An SSH signature: no maintainer signs with it.
  case ssh
  /// An X.509 (CMS) signature: no maintainer signs with it.
  case x509
  case unreadable(SignatureDefect)

  /// Reads the armor that git stores, with the continuation spaces of a commit header taken off.
  package static func read(armor text: [UInt8]) -> SignatureBlock {
    if text.starts(with: "-----BEGIN SSH SIGNATURE-----".utf8) { return .ssh }
    if text.starts(with: "-----BEGIN SIGNED MESSAGE-----".utf8) { return .x509 }
    do throws(SignatureDefect) {
      return .openPGP(try SignaturePacket(packet: try packet(inArmor: text)))
    } catch {
      return .unreadable(error)
    }
  }

  /// Whether anything can be seen behind the block's end. At the end of a tag, whose readers are shown it all, it would
  /// pass for a part of what was signed.
  package static func hasText(behind text: some Collection<UInt8>) -> Bool {
    var lines = LineReader(Array(text))
    var hasEnded = false
    while let line = lines.next() {
      if hasEnded, !line.isEmpty { return true }
      hasEnded = hasEnded || lines.text[line].starts(with: "-----END ".utf8)
    }
    return false
  }

  private static func packet(inArmor text: [UInt8]) throws(SignatureDefect) -> [UInt8] {
    do throws(ParseError) {
      return try Armor.decode(text, label: "PGP SIGNATURE", limit: Armor.signatureLimit)
    } catch {
      throw .malformed("the signature is malformed: \(error.reason)")
    }
  }
}
