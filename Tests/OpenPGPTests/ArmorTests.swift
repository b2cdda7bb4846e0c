import OpenPGP
import Support
import Testing

/// Armor around a good signature: what is admitted, and each oddity that is not. R74.
@Suite struct ArmorTests {
  static let key = TestKey.ed25519(seed: 1)
  static let packet = TestSignature(by: key).packet(over: samplePayload)
  static let good = String(decoding: OpenPGPEncoding.armor(packet), as: UTF8.self)
  static let lines = good.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)

  struct Text: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String

    init(_ name: String, _ text: String) { (testDescription, self.text) = (name, text) }
    init(_ name: String, lines: [String]) { self.init(name, lines.joined(separator: "\n")) }
  }

  static func armor(headers: [String] = [], checksum: Bool = true) -> String {
    String(decoding: OpenPGPEncoding.armor(packet, headers: headers, checksum: checksum), as: UTF8.self)
  }

  /// Beginning and empty line; base64; checksum; end. The last element is what follows the final LF: nothing.
  static let opening = Array(lines[0...1])
  static let data = Array(lines[2..<lines.count - 3])
  static let checksum = lines[lines.count - 3]
  static let ending = lines[lines.count - 2]

  static let admitted: [Text] = [
    Text("as GnuPG writes it", good),
    Text("without a checksum", armor(checksum: false)),
    Text("without the last line's end", String(good.dropLast())),
    Text("with empty lines around it", "\n" + good + "\n\n"),
    Text("with armor headers", armor(headers: ["Comment: a", "Version: b"])),
    Text("text before it", "hello\n" + good),
    Text("text after it", good + "hello\n"),
    Text("lines of dashes around it", "--\n----------\n" + good + "-----\n"),
    Text("CRLF line ends", lines.joined(separator: "\r\n")),
    Text("CRLF line ends and empty lines around it", "\r\n" + lines.joined(separator: "\r\n") + "\r\n"),
    Text("a header beyond ASCII", armor(headers: ["Comment: Zoë Ångström"])),
    Text("a header with a tab", armor(headers: ["Comment:\tx"])),
    Text("spaces at the ends of lines", lines.map { $0 + " \t" }.joined(separator: "\n")),
    Text("in one long line", lines: opening + [data.joined(), ending]),
  ]

  static let refused: [Text] = [
    Text("empty", ""),
    Text("two blocks", good + good),
    Text("a space before it", " " + good),
    Text("a mark of byte order before it", "\u{FEFF}" + good),
    Text("another block before it", armor().replacing("SIGNATURE", with: "MESSAGE") + good),
    Text("another block after it", good + armor().replacing("PGP SIGNATURE", with: "SSH SIGNATURE")),
    Text("a beginning in the text before it", "see -----BEGIN PGP SIGNATURE-----\n" + good),
    Text("a beginning in the text after it", good + " -----BEGIN PGP SIGNATURE-----"),
    Text("text behind its beginning", good.replacing("SIGNATURE-----\n\n", with: "SIGNATURE-----x\n\n")),
    Text(
      "a carriage return within a line",
      lines: opening + [data[0].dropLast(4) + "\r" + data[0].suffix(4)] + data[1...] + [ending]),
    Text("no empty line after the headers", lines: [lines[0]] + data + [checksum, ending]),
    Text("a header without a colon", armor(headers: ["Comment"])),
    Text("a header with a control character", armor(headers: ["Comment: \u{1B}[2J"])),
    Text("an empty line inside", lines: opening + [data[0], ""] + data[1...] + [checksum, ending]),
    Text("no end", lines: opening + data + [checksum]),
    Text("the end of another kind", good.replacing("END PGP SIGNATURE", with: "END PGP MESSAGE")),
    Text("another kind", good.replacing("PGP SIGNATURE", with: "PGP MESSAGE")),
    Text("a dash less", String(good.dropFirst())),
    Text("a wrong checksum", lines: opening + data + ["=AAAA", ending]),
    Text("a checksum cut short", lines: opening + data + ["=AAA", ending]),
    Text("an empty checksum", lines: opening + data + ["=", ending]),
    Text("two checksums", lines: opening + data + [checksum, checksum, ending]),
    Text("a line after the checksum", lines: opening + data + [checksum, "AAAA", ending]),
    Text(
      "a character that is not base64", lines: opening + ["!" + data[0].dropFirst()] + data[1...] + [checksum, ending]),
    Text("padding in the middle", lines: opening + [data[0].dropLast() + "="] + data[1...] + [ending]),
    Text("only a beginning", lines[0]),
  ]

  @Test(arguments: admitted)
  func `armor that is admitted`(_ text: Text) throws {
    #expect(try admit(Array(text.text.utf8)).packet == Self.packet)
  }

  @Test(arguments: refused)
  func `armor that is refused`(_ text: Text) {
    #expect(throws: SignatureDefect.self) { try admit(Array(text.text.utf8)) }
  }

  /// Bits that base64 leaves unused would let many texts mean one signature.
  @Test(arguments: [(1, 16), (2, 4)])
  func `refused when unused bits are set`(left: Int, unused: Int) throws {
    // A packet that leaves `left` octets for the last group, by way of a notation of the right length.
    let packet = try #require(
      (0..<3).lazy.map { length in
        TestSignature(by: Self.key).with {
          $0.unhashed = OpenPGPEncoding.notation("salt@example.org", String(repeating: "x", count: length))
        }.packet(over: samplePayload)
      }.first { $0.count % 3 == left })
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var armor = OpenPGPEncoding.armor(packet, checksum: false)
    let last = try #require(armor.firstIndex(of: UInt8(ascii: "="))) - 1
    let value = try #require(alphabet.firstIndex(of: armor[last]))
    #expect(value % unused == 0)
    #expect(throws: Never.self) { try admit(armor) }
    armor[last] = alphabet[value + 1]
    #expect(throws: SignatureDefect.malformed("the signature is malformed: base64 that ends wrongly")) {
      try admit(armor)
    }
  }

  @Test func `a header that is not UTF-8 is refused`() {
    let text = Self.armor(headers: ["Comment: \u{E9}"])
    var bytes = Array(text.utf8)
    #expect(throws: Never.self) { try admit(bytes) }
    bytes.remove(at: bytes.firstIndex(of: 0xC3)!)
    #expect(
      throws: SignatureDefect.malformed("the signature is malformed: an armor header that is not “Key: value” in UTF-8")
    ) { try admit(bytes) }
  }

  @Test func `refused when longer than any signature`() {
    let huge = OpenPGPEncoding.armor([UInt8](repeating: 0xC2, count: 70_000))
    #expect(throws: SignatureDefect.malformed("the signature is malformed: an armor longer than 65536 octets")) {
      try admit(huge)
    }
  }

  @Test func `SSH and X.509 signatures are told apart`() {
    for (text, expected) in [("SSH SIGNATURE", "ssh"), ("SIGNED MESSAGE", "x509")] {
      let block = SignatureBlock.read(armor: Array("-----BEGIN \(text)-----\nAAAA\n-----END \(text)-----\n".utf8))
      switch block {
      case .ssh: #expect(expected == "ssh")
      case .x509: #expect(expected == "x509")
      default: Issue.record("\(block)")
      }
    }
  }

  /// In a tag it would be shown as a part of what was signed.
  @Test func `text behind a block is seen`() {
    for end in ["", "\n", "\r\n \t\n"] { #expect(!SignatureBlock.hasText(behind: Array((Self.good + end).utf8))) }
    for end in ["x", "\nThis release is safe.\n", "-----END PGP SIGNATURE-----\n"] {
      #expect(SignatureBlock.hasText(behind: Array((Self.good + end).utf8)))
    }
  }
}
