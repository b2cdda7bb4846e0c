/// Certificates one behind the other, as keyrings, key servers and web key directories give them: told apart and named
/// by their fingerprints, not judged yet.
package struct CertificateBundle: Sendable {
  /// One certificate.
  package struct Part: Sendable {
    /// Computed from the primary key; nil where the version has no fingerprint that is understood.
    package let fingerprint: Fingerprint?
    /// The certificate's packets, without armor.
    package let bytes: [UInt8]
  }

  /// In the order of the file.
  package let parts: [Part]

  /// The most certificates that are looked at.
  static let most = 65_536

  /// Takes packets, or any number of armored blocks with whatever text around them: nothing here is believed, the
  /// caller asks for a fingerprint.
  ///
  /// - Throws: `.secretKey` when there is a private key anywhere in it; `.malformed` when it cannot be taken apart to
  ///   its end.
  package init(_ bytes: [UInt8]) throws(CertificateDefect) {
    guard let first = bytes.first else { throw .malformed("it is empty") }
    if first & 0x80 != 0 {
      parts = try Self.split(bytes)
      return
    }
    // The worst of mistakes is named, whatever else is in the file.
    guard !bytes.contains("PRIVATE KEY".utf8) else { throw .secretKey }
    let blocks = try Self.blocks(bytes)
    guard !blocks.isEmpty else { throw .malformed(Self.seemingly(bytes)) }
    var parts: [Part] = []
    for block in blocks { parts += try Self.split(block) }
    self.parts = parts
  }

  private static func seemingly(_ bytes: [UInt8]) -> String {
    let text = bytes.drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
    if text.first == UInt8(ascii: "<") { return "it is a page for a browser" }
    // A keybox begins with its first blob's length and type, and the magic (GnuPG's kbx/keybox-blob.c).
    if bytes.dropFirst(8).starts(with: "KBXf".utf8) { return "it is a keybox of gpg's own: gpg --export KEY > FILE" }
    return "there is no certificate in it"
  }

  private static func split(_ bytes: [UInt8]) throws(CertificateDefect) -> [Part] {
    var reader = ByteReader(bytes)
    var starts: [(at: Int, fingerprint: Fingerprint?)] = []
    while !reader.isAtEnd {
      let header: PacketHeader
      do throws(ParseError) {
        header = try PacketHeader.read(&reader)
      } catch {
        throw .malformed(error.reason)
      }
      switch header.type {
      case PacketHeader.secretKey, PacketHeader.secretSubkey: throw .secretKey
      case PacketHeader.publicKey: starts.append((header.whole.lowerBound, fingerprint(bytes[header.body])))
      default: guard !starts.isEmpty else { throw .malformed("it does not begin with a primary key") }
      }
      guard starts.count <= most else { throw .malformed("it holds more than \(most) certificates") }
    }
    return starts.enumerated().map { index, start in
      let end = index + 1 < starts.count ? starts[index + 1].at : bytes.count
      return Part(fingerprint: start.fingerprint, bytes: Array(bytes[start.at..<end]))
    }
  }

  /// RFC 9580, section 5.5.4.2.
  private static func fingerprint(_ body: ArraySlice<UInt8>) -> Fingerprint? {
    body.first == 4 ? KeyPacket.fingerprint(of: Array(body)) : nil
  }

  /// The contents of the armored blocks of a text.
  private static func blocks(_ text: [UInt8]) throws(CertificateDefect) -> [[UInt8]] {
    let (begin, end) = (
      Array("-----BEGIN PGP PUBLIC KEY BLOCK-----".utf8), Array("-----END PGP PUBLIC KEY BLOCK-----".utf8)
    )
    var blocks: [[UInt8]] = []
    var rest = text[...]
    while let start = rest.firstRange(of: begin)?.lowerBound {
      guard let stop = rest[start...].firstRange(of: end)?.upperBound else {
        throw .malformed("an armor without an end")
      }
      do throws(ParseError) {
        blocks.append(try Armor.decode(Array(text[start..<stop]), label: "PGP PUBLIC KEY BLOCK", limit: text.count))
      } catch {
        throw .malformed(error.reason)
      }
      rest = text[stop...]
    }
    return blocks
  }
}
