import GitBridge
import Review
import Testing

@Suite struct CoSignatureStatementTests {
  static let base = String(repeating: "1a", count: 20)
  static let head = String(repeating: "2b", count: 20)
  static let digest = String(repeating: "3c", count: 64)
  static let text =
    "{\"critical\":{\"base\":\"\(base)\",\"head\":\"\(head)\",\"repository\":\"codeberg.org/stagex/stagex\","
    + "\"target\":\"refs/heads/staging\",\"tree-sha512\":\"\(digest)\",\"type\":\"stagex source co-signature\"},"
    + "\"optional\":{\"created\":1700000000,\"creator\":\"stagex-maint 1.0\",\"pull-request\":\"123\"}}"

  private static let optional =
    ",\"optional\":{\"created\":1700000000,\"creator\":\"stagex-maint 1.0\",\"pull-request\":\"123\"}"

  /// A text of the statement, and what stands there instead.
  private static let mistakes: [(String, String)] = [
    // White space, order, escapes, endings.
    ("{\"critical\"", " {\"critical\""), ("}}", "}}\n"), ("\":{\"base", "\": {\"base"), ("\"123\"}}", "\"123\"} }"),
    ("codeberg", "\\u0063odeberg"), ("stagex/stagex", "stagex\\/stagex"), ("\"base\":\"1a", "\"head\":\"1a"),
    ("1a1a", "1A1A"), ("3c3c", "3C3C"), ("1700000000", "01700000000"), ("1700000000", "1700000000.0"),
    ("1700000000", "-0"), ("1700000000", "1.7e9"),
    // Members.
    ("\"type\":", "\"Type\":"), ("\"base\":", "\"bases\":"), (",\"type\":\"stagex source co-signature\"", ""),
    ("\"critical\":{", "\"critical\":{\"also\":1,"), ("\"critical\":{", "\"critical\":{\"base\":\"\(head)\","),
    ("\"optional\":{", "\"optional\":{\"also\":1,"),
    ("\"optional\":{", "\"optional\":{\"created\":1,"),
    ("\"type\":\"stagex source co-signature\"}", "\"type\":\"stagex source co-signature\",\"z\":1}"),
    ("{\"critical\"", "{\"a\":1,\"critical\""), (optional, ""),
    (optional, ",\"optional\":[]"),
    (optional, ",\"optional\":null"),
    // Values.
    ("stagex source co-signature", "atomic container signature"),
    ("stagex source co-signature", "Stagex source co-signature"),
    ("\"stagex source co-signature\"", "1"), ("\"codeberg.org/stagex/stagex\"", "null"),
    ("\"refs/heads/staging\"", "[\"refs/heads/staging\"]"),
    (base, String(base.dropLast())), (base, base + "0"), (base, String(repeating: "\u{FF11}", count: 40)),
    (head, "HEAD"),
    (digest, String(digest.dropLast(2))), (digest, digest + "00"), (digest, String(repeating: "g", count: 128)),
    (digest, ""),
    ("1700000000", "\"1700000000\""), ("\"stagex-maint 1.0\"", "5"), ("\"123\"", "123"), ("\"123\"", "null"),
    ("codeberg.org", "codeberg\u{202E}.org"), ("codeberg.org", "codeberg\u{7F}.org"),
    ("codeberg.org", "codeberg\n.org"),
  ]

  private func read(_ text: String) throws -> CoSignatureStatement { try CoSignatureStatement.read(Array(text.utf8)) }

  @Test func `a statement is written and read in one form`() throws {
    let statement = try read(Self.text)
    #expect(statement.repository == "codeberg.org/stagex/stagex")
    #expect(statement.target == "refs/heads/staging")
    #expect(statement.base.hex == Self.base)
    #expect(statement.head.hex == Self.head)
    #expect(statement.treeDigest == [UInt8](repeating: 0x3C, count: 64))
    #expect(statement.created == 1_700_000_000)
    #expect(statement.creator == "stagex-maint 1.0")
    #expect(statement.pullRequest == "123")
    #expect(String(decoding: statement.bytes, as: UTF8.self) == Self.text)
  }

  @Test(arguments: ["\"created\":1700000000,", "\"creator\":\"stagex-maint 1.0\",", ",\"pull-request\":\"123\""])
  func `optional members may lack`(_ member: String) throws {
    let text = Self.text.replacing(member, with: "")
    #expect(String(decoding: try read(text).bytes, as: UTF8.self) == text)
  }

  @Test(arguments: mistakes)
  func `anything else is no statement`(_ old: String, _ new: String) throws {
    let text = Self.text.replacing(old, with: new)
    try #require(text != Self.text)
    #expect(throws: JSONDefect.self) { try read(text) }
  }

  @Test(arguments: ["", "{}", "null", "[]", "\"critical\"", "{\"critical\":{},\"optional\":{}}"])
  func `nor are these`(_ text: String) {
    #expect(throws: JSONDefect.self) { try read(text) }
  }

  @Test func `texts with characters that are escaped read back`() throws {
    let statement = CoSignatureStatement(
      repository: "a\u{1B}\"\\\u{202E}\u{E9}e\u{301}", target: "refs/heads/\u{7F}", base: .zero, head: .zero,
      treeDigest: [UInt8](repeating: 0, count: 64), created: .min, creator: "", pullRequest: nil)
    #expect(try CoSignatureStatement.read(statement.bytes) == statement)
  }
}
