@testable import Review
import Support
import Testing

/// Our reader of TOML beside Python's, over documents that are made from a grammar and then damaged.
@Suite struct TOMLTests {
  /// What a document holds, in one form for both readers; nil where it is refused.
  static func ours(_ text: String) -> (value: String?, defect: String) {
    do {
      return (canonical(.table(try readTOML(Array(text.utf8), named: "T"))), "")
    } catch {
      return (nil, error.message)
    }
  }

  private static func canonical(_ node: TOMLNode) -> String {
    switch node {
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): "\(value)"
    case .string(let value): "'" + hex(value)
    case .other: "?"
    case .array(let values): "[" + values.map(canonical).joined(separator: ",") + "]"
    case .table(let members):
      "{" + members.map { "\(hex($0.key))=\(canonical($0.value))" }.sorted().joined(separator: ",") + "}"
    }
  }

  private static func hex(_ text: String) -> String {
    text.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  private static let python = """
    import sys, tomllib
    def form(v):
        if v is True or v is False: return str(v).lower()
        if isinstance(v, int): return str(v)
        if isinstance(v, str): return "'" + v.encode().hex()
        if isinstance(v, list): return "[" + ",".join(map(form, v)) + "]"
        if isinstance(v, dict):
            return "{" + ",".join(sorted(k.encode().hex() + "=" + form(x) for k, x in v.items())) + "}"
        return "?"
    for line in open(sys.argv[1]):
        text = bytes.fromhex(line.strip()).decode()
        try: print(form(tomllib.loads(text)))
        except (tomllib.TOMLDecodeError, ValueError): print("!")
        except RecursionError: print("deep")
    """

  static func pythons(_ texts: [String]) throws -> [String?] {
    let folder = try TemporaryFolder()
    try folder.write("read.py", python)
    try folder.write("documents", texts.map { hex($0) + "\n" }.joined())
    let result = try Tool.succeed("python3", [folder.path + "/read.py", folder.path + "/documents"])
    return result.text.split(separator: "\n").map { $0 == "!" ? nil : String($0) }
  }

  /// What we alone refuse, and why: bounds, and what two readers could take for two things.
  static let limits = [
    "nested deeper", "a key of more than", "too large", "a NUL character", "contains a NUL", "two keys read the same",
  ]

  /// So many of the fragments are good by themselves.
  static let valid = 61
  static let fragments = [
    "a = 1", "a.b = 2", "a.b.c = 'x'", "[a]", "[a.b]", "[a.b.c]", "[[a]]", "[[a.b]]", "[b]", "[[b]]",
    "b = {x = 1, y.z = 2}", "b.x = 3", "b = [1, 2]",
    "\"a\" = 4", "'b' . \"c\"=5", "c = [ 1,\n 2, # x\n]", "c = {}", "c = [{a = 1}, {a = 2}]", "[c]", "[[c]]", "[c.d]",
    "c.d.e = 6", "d = 0x1F", "d = 0o17", "d = 0b1_0",
    "d = 1_000", "d = +1", "d = -0", "d = 1e3", "d = 1.5e-3", "d = inf", "d = -nan", "d = +inf", "d = 1979-05-27",
    "d = 1979-05-27 07:32:00", "d = 1979-05-27T07:32:00.5-07:00",
    "d = 07:32:00", "d = 1979-05-27 07:32:00Z", "e = \"\"\"\nx\ny\"\"\"", "e = '''x''y'''''",
    "e = \"\"\"a \\\n   b\"\"\"", "e = \"\\u00E9\\t\\\\\"", "e = '\\u00E9'", "e = \"\"", "e = ''''''",
    "e = \"\"\"\"\"\"", "e = \"\"\"\"a\"\"\"\"\"", "# comment", "f = true", "f = false # x",
    "f = \"\"\"\r\nx\r\n\"\"\"", "g.\"h i\".j = 1", "[g.\"h i\"]", "[ a . b ]", "\"\" = 1", "x = [[1], ['a', {}]]",
    "é = 1", "\"é\" = 'é'", "e = '''\n\n'''", "t = {a.b = 1, a.c = 2}", "t = {a = {b = 1}, a.c = 2}", "t.a = {b = 1}",
    "[t.a]", "d = 9223372036854775807", "d = 2024-02-29", "d = 2023-02-29",
    "d = 1__0", "d = 01", "d = 0x", "d = .5", "d = 5.", "d = 1e", "d = 24:00:00", "d = 1979-13-01", "d = 1979-05-27 ",
    "d = 1979-05-27 x", "e = \"\\x41\"", "e = \"\\uD800\"", "t = {a = 1,}",
    "t = {a = 1\n}", "a", "= 1", "a = ", "a = 1 b = 2", "[a", "a]", "[]", "[a.]", "[[a]", "e = \"x", "e = '''x",
    "e = \"\"\"x\"\"", "f = True", "\u{1}", "# \u{1}", "d = -0x1", "d = 0X1",
    "e = \"\u{7F}\"", "e = \"a\tb\"", "e = \"\"\"\\  \n\n  z\\\"\"\"\"", "e = \"\"\"\\ x\"\"\"", "e = \"a\\\n b\"",
    "# x\ry", "a = 1\r", "[a.b.c.d]", "a.b.c.d = 1", "[[a.b.c]]", "1 = 2", "1.5 = 3", "-_ = 1",
  ]

  /// Fragments in a row, and every second time something put in, taken out or changed.
  static func documents(_ count: Int) -> [String] {
    var random = SeededChance(seed: 20_261_129)
    let odd = Array("\r\n\t\"'\\[]{}.,=#_-+:0eETzxubfnai \u{0}\u{B}é\u{301}\u{FEFF}")
    return fragments + fragments.map { $0 + "\n" }
      + (0..<count).map { number in
        var text = (0..<Int.random(in: 1...5, using: &random)).map { _ in
          fragments[
            Int.random(in: 0..<(Int.random(in: 0..<8, using: &random) == 0 ? fragments.count : valid), using: &random)]
        }.joined(separator: "\n")
        guard number % 2 == 1 else { return text }
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          let place = text.unicodeScalars.index(
            text.startIndex, offsetBy: Int.random(in: 0...text.unicodeScalars.count, using: &random))
          switch Int.random(in: 0..<3, using: &random) {
          case 0:
            text.unicodeScalars.insert(contentsOf: String(odd.randomElement(using: &random)!).unicodeScalars, at: place)
          case 1 where place < text.endIndex: text.unicodeScalars.remove(at: place)
          case _ where place < text.endIndex:
            text.unicodeScalars.replaceSubrange(
              place..<text.unicodeScalars.index(after: place),
              with: String(odd.randomElement(using: &random)!).unicodeScalars)
          default: text += "\n"
          }
        }
        return text
      }
  }

  @Test func `Python's reader says the same`() throws {
    let texts = Self.documents(8_000)
    let theirs = try Self.pythons(texts)
    try #require(theirs.count == texts.count)
    var (taken, refused, limited) = (0, 0, 0)
    for (text, their) in zip(texts, theirs) {
      // A mark of byte order first is the one thing that we alone take.
      if text.unicodeScalars.first == "\u{FEFF}" { continue }
      let (our, defect) = Self.ours(text)
      if our == nil, their != nil, Self.limits.contains(where: defect.contains) {
        limited += 1
        continue
      }
      #expect(our == their, "\(text.debugDescription): \(defect)")
      if our == nil { refused += 1 } else { taken += 1 }
    }
    #expect(taken > 1000 && refused > 1000 && limited < taken / 10)
  }

  @Test func `a mark of byte order may come first, and nowhere else`() {
    #expect(Self.ours("\u{FEFF}a = 1\n").value == "{61=1}")
    #expect(Self.ours("\u{FEFF}\u{FEFF}a = 1\n").value == nil)
    #expect(Self.ours("a = 1\n\u{FEFF}b = 2\n").value == nil)
  }

  /// Attack: half a mebibyte that keeps a server busy for a minute. Ten times as much may take ten times as long, not a
  /// hundred.
  @Test(arguments: [
    "[[x]]\n", "[[x.y]]\n", "a", "[#]\n", "x.# = 1\n", "#=1\n", "s = '''''x", "t = [[[],", "\"\\u0041\\",
    "\"\"\"\\\n\n\n",
  ])
  func `reading takes time in proportion`(piece: String) {
    func time(_ count: Int) -> Duration {
      let text = (0..<count).map { piece.replacing("#", with: "k\($0)") }.joined()
      return ContinuousClock().measure { _ = Self.ours(text) }
    }
    let (few, many) = (time(2_000), time(40_000))
    #expect(many < few * 80 + .milliseconds(200), "\(few) and \(many)")
  }
}
