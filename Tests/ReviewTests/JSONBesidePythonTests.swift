import Review
import Support
import Testing

/// Our reader of JSON beside Python's, over the kinds of documents that the JSON test suite has, made at random and
/// damaged.
@Suite struct JSONBesidePythonTests {
  private static func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  private static func canonical(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): "\(value)"
    case .string(let value): "'" + hex(value.utf8)
    case .array(let values): "[" + values.map(canonical).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { "\(hex($0.name.utf8))=\(canonical($0.value))" }.sorted().joined(separator: ",") + "}"
    }
  }

  /// `!` is no JSON; `?` is JSON that ours alone refuses, for bounds or because two readers could take it for two
  /// things.
  private static let python = """
    import json, sys, unicodedata
    def form(v, depth):
        if depth > 16 and isinstance(v, (list, tuple)): raise OverflowError
        if v is None: return "null"
        if v is True or v is False: return str(v).lower()
        if isinstance(v, int):
            if not -2**63 <= v < 2**63: raise OverflowError
            return str(v)
        if isinstance(v, float): raise OverflowError
        if isinstance(v, str): return "'" + v.encode().hex()
        if isinstance(v, list): return "[" + ",".join(form(x, depth + 1) for x in v) + "]"
        names = [unicodedata.normalize("NFC", k) for k, _ in v]
        if len(set(names)) != len(names): raise OverflowError
        return "{" + ",".join(sorted(k.encode().hex() + "=" + form(x, depth + 1) for k, x in v)) + "}"
    class Pairs(tuple): pass
    def constant(name): raise ValueError(name)
    for line in open(sys.argv[1]):
        try:
            text = bytes.fromhex(line.strip()).decode("utf-8")
            # Python passes over a mark of byte order only in bytes.
            value = json.loads(text, object_pairs_hook=Pairs, parse_constant=constant)
        except (ValueError, RecursionError):
            print("!")
            continue
        try: print(form(value, 0))
        except (OverflowError, UnicodeEncodeError): print("?")
    """

  /// Values as the suite's files whose names begin with y_ and i_ have them, and, behind these, pieces of those with
  /// n_.
  private static let good = [
    "null", "true", "false", "0", "-0", "1", "-12", "9223372036854775807", "9223372036854775808", "1.5", "1e2", "1E-2",
    "0e+1", "\"\"", "\"a\"", "\"\\u0061\\n\\/\\\"\"", "\"\\uD834\\uDD1E\"", "\"\\uD834\"", "\"\\uDD1Ea\"",
    "\"\\u0000\"",
    "\"\u{7F}\"", "\"\u{2028}é\u{10FFFF}\"", "[]", "{}", "[[]]", "[1, null ,\"x\"]", "{\"a\":1}",
    "{\"a\":{\"b\":[ ]} }",
    "{\"a\":1,\"a\":2}", "{\"é\":1,\"e\u{301}\":2}", "{\"\":0,\"\\u0000\":1}", "\t\r\n [ ] ",
  ]
  private static let bad = [
    "[1,]", "[,1]", "[1 2]", "[\"a\" 1]", "{\"a\"}", "{\"a\":1,}", "{,}", "{1:1}", "{'a':0}", "{\"a\":1 \"b\":2}", "01",
    "-", "+1",
    ".5", "1.", "1e", "1e+", "0x1", "- 1", "NaN", "Infinity", "-Infinity", "nul", "True", "\"", "\"a", "\"\\\"",
    "\"\\x\"",
    "\"\\u00\"", "\"\\U0061\"", "\"a\nb\"", "\"\u{1F}\"", "\"\t\"", "[", "]", "{", "}", "[]]", "{}}", "/**/0", "#",
    "\u{FEFF}1",
    "\u{A0}1", "1\u{C}", "", " ", "[\u{0}]", "'a'", "a", "[1}", "{\"a\":1]",
  ]

  private static func documents(_ count: Int) -> [[UInt8]] {
    var chance = SeededChance(seed: 20_261_129)
    func value(_ depth: Int) -> String {
      let kind = depth > 5 ? 0 : Int.random(in: 0..<4, using: &chance)
      let items = (0..<Int.random(in: 0..<4, using: &chance))
      switch kind {
      case 2: return "[" + items.map { _ in value(depth + 1) }.joined(separator: ",") + "]"
      case 3: return "{" + items.map { "\"\($0)\":" + value(depth + 1) }.joined(separator: ", ") + "}"
      default: return good[Int.random(in: 0..<good.count, using: &chance)]
      }
    }
    let nested = [16, 17, 18, 19, 900].map { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
    return (good + bad + nested).map { Array($0.utf8) }
      + (0..<count).map { number in
        let text = Array(value(0).utf8)
        return number.isMultiple(of: 2) ? text : Mutation.mutate(text, &chance)
      }
  }

  @Test func `Python's reader says the same`() throws {
    let documents = Self.documents(6_000)
    let folder = try TemporaryFolder()
    try folder.write("read.py", Self.python)
    try folder.write("documents", documents.map { Self.hex($0) + "\n" }.joined())
    let result = try Tool.succeed("python3", [folder.path + "/read.py", folder.path + "/documents"])
    let theirs = result.text.split(separator: "\n").map(String.init)
    try #require(theirs.count == documents.count)
    var (taken, refused, limited) = (0, 0, 0)
    for (bytes, their) in zip(documents, theirs) {
      let our = (try? JSONValue.read(bytes)).map(Self.canonical)
      switch their {
      case "!":
        refused += 1
        #expect(our == nil, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
      case "?":
        limited += 1
        #expect(our == nil, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
      default:
        taken += 1
        #expect(our == their, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
      }
    }
    #expect(taken > 500 && refused > 500 && limited > 100, "\(taken) \(refused) \(limited)")
  }
}
