import Review
import Testing

@Suite struct JSONTests {
  private func read(_ text: String) throws -> JSONValue { try JSONValue.read(Array(text.utf8)) }

  @Test(arguments: [
    ("null", JSONValue.null), ("true", .bool(true)), (" false ", .bool(false)), ("0", .integer(0)),
    ("-7", .integer(-7)),
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)), ("\"\"", .string("")),
    ("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", .string("a\"\\/\u{8}\u{C}\n\r\t")),
    ("\"\\u00e9\\u20AC\"", .string("\u{E9}\u{20AC}")),
    ("\"\\ud83d\\ude00\"", .string("\u{1F600}")), ("\"\u{1F600}\"", .string("\u{1F600}")),
    ("\"\\u0000\"", .string("\0")),
    ("[]", .array([])), ("[1, [2]]", .array([.integer(1), .array([.integer(2)])])), ("{}", .object([])),
    ("{\"b\":1,\"a\":null}", .object([.init("b", .integer(1)), .init("a", .null)])),
    ("\t\r\n {\"\":{}}\n", .object([.init("", .object([]))])),
  ])
  func `values are read`(_ text: String, _ value: JSONValue) throws {
    #expect(try read(text) == value)
  }

  @Test(arguments: [
    "", " ", "nul", "nulll", "True", "undefined", "01", "-", "+1", "1.0", "1e3", "1E3", ".5", "-01", "00",
    "9223372036854775808",
    "-9223372036854775809", "0x1", "1 2", "[1,]", "[,1]", "[1 2]", "[", "]", "{", "}", "{\"a\"}", "{\"a\":}",
    "{\"a\":1,}", "{a:1}",
    "{'a':1}", "{\"a\":1 \"b\":2}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"\u{E9}\":1,\"e\u{301}\":2}",
    "\"", "\"a", "\"\\\"",
    "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\u\u{FF11}234\"", "\"\\ud83d\"", "\"\\ud83dx\"", "\"\\ude00\"",
    "\"\\ud83d\\ud83d\"", "\"a\nb\"",
    "\"\u{1}\"", "\"\0\"", "null,", "{}{}", "/**/1", "\u{FEFF}1", "NaN", "[1]x", "\u{A0}1",
  ])
  func `what is not JSON, or could be read in two ways, is an error`(_ text: String) {
    #expect(throws: JSONDefect.self) { try read(text) }
  }

  @Test(
    arguments: [
      [0xFF], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC3, 0x22],
      [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22],
    ] as [[UInt8]])
  func `bytes that are not UTF-8 are an error`(_ bytes: [UInt8]) {
    #expect(throws: JSONDefect.self) { try JSONValue.read(bytes) }
  }

  @Test func `depth and size are bounded`() throws {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(try read(nested(17)) != .null)
    #expect(throws: JSONDefect.self) { try read(nested(18)) }
    #expect(throws: JSONDefect.self) { try read(nested(30_000)) }
    let long = "\"" + String(repeating: "a", count: 65_534) + "\""
    #expect(try read(long).string?.utf8.count == 65_534)
    #expect(throws: JSONDefect.self) { try read(long + " ") }
    #expect(try JSONValue.read(Array((long + " ").utf8), limit: 70_000).string != nil)
  }

  /// Attack: thousands of names, each held against all before it.
  @Test func `many members take no more than their number`() throws {
    let text = "{" + (0..<6000).map { "\"n\($0)\":0" }.joined(separator: ",") + "}"
    let taken = try ContinuousClock().measure { _ = try JSONValue.read(Array(text.utf8), limit: 200_000) }
    #expect(taken < .seconds(20))
  }

  @Test func `members are found by their bytes`() throws {
    let value = try read("{\"e\u{301}\":1}")
    #expect(value["e\u{301}"]?.integer == 1)
    #expect(value["\u{E9}"] == nil)
    #expect(value["x"] == nil)
    #expect(JSONValue.integer(1)["x"] == nil)
    #expect(value.string == nil)
    #expect(JSONValue.string("1").integer == nil)
  }

  @Test(arguments: [
    (JSONValue.null, "null"), (.bool(true), "true"), (.integer(.min), "-9223372036854775808"),
    (.string("a/\u{E9}\u{1F600}"), "\"a/\u{E9}\u{1F600}\""),
    (.string("\"\\\n\u{1B}\u{7F}"), "\"\\\"\\\\\\u000a\\u001b\\u007f\""), (.array([]), "[]"), (.object([]), "{}"),
    (.object(["b": .integer(1), "a": .strings(["x", "y"])]), "{\"b\":1,\"a\":[\"x\",\"y\"]}"),
    // What a terminal would obey, or not show.
    (.string("\u{9B}31m"), "\"\\u009b31m\""),
    (.string("\u{202E}\u{2066}\u{200B}\u{FEFF}\u{AD}\u{2028}"), "\"\\u202e\\u2066\\u200b\\ufeff\\u00ad\\u2028\""),
    (.string("\u{E0041}"), "\"\\udb40\\udc41\""), (.object([.init("\u{1B}", .null)]), "{\"\\u001b\":null}"),
  ])
  func `values are written in one way`(_ value: JSONValue, _ text: String) throws {
    #expect(value.text == text)
    #expect(try read(text) == value)
  }
}
