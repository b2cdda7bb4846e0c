import Review
import Testing

@Suite struct GlobTests {
  @Test(arguments: [
    ("main", "main", true), ("main", "mains", false), ("main", "mai", false), ("main", "Main", false),
    ("main", "x/main", false),
    ("*", "main", true), ("*", "a/b", false), ("*", "", true), ("**", "a/b/c", true), ("**", "", true),
    ("release/*", "release/1", true), ("release/*", "release/", true), ("release/*", "release/1/2", false),
    ("release/*", "release", false), ("release/**", "release/1/2", true), ("release/**", "release", false),
    ("[0-9]*", "2025.10.0", true), ("[0-9]*", "v2025", false), ("[0-9]*", "2025/1", false), ("[0-9]*", "", false),
    ("[!0-9]*", "v1", true), ("[!0-9]*", "1", false), ("[!0-9]*", "/x", false), ("[a-cx]", "x", true),
    ("[a-cx]", "d", false),
    ("[a-]", "-", true), ("[-a]", "-", true), ("[!!]", "!", false), ("[!!]", "a", true), ("a]b", "a]b", true),
    ("?", "a", true), ("?", "", false), ("?", "/", false), ("a?c", "abc", true), ("a?c", "a/c", false),
    ("??", "\u{E9}", true),
    ("?", "\u{E9}", false), ("*.asc", "x.asc", true), ("*.asc", "keys/x.asc", false),
    ("keys/*.asc", "keys/x.asc", true),
    ("keys/*.asc", "keys/.asc", true), ("keys/**", "keys/a/b.asc", true), ("keys/**", "keys", false),
    ("keys/**", "keysx/a", false),
    ("**/Containerfile", "Containerfile", true), ("**/Containerfile", "a/Containerfile", true),
    ("**/Containerfile", "a/b/Containerfile", true), ("**/Containerfile", "aContainerfile", false),
    ("a/**/z", "a/z", true), ("a/**/z", "a/b/c/z", true), ("a/**/z", "az", false), ("a/**/z", "a/bz", false),
    ("a**b", "a/x/b", true), ("a**b", "ab", true), ("a*b*c", "a1b2c", true), ("a*b*c", "a1c", false),
    ("x**/y", "x/1/y", true),
    ("**/**", "a", true), ("**/a/**", "a/b", true), ("**/a/**", "x/a/b", true), ("**/a/**", "xa/b", false),
    ("\u{E9}", "\u{E9}", true), ("\u{E9}", "e\u{301}", false), ("a.b", "axb", false), ("a+", "aa", false),
    ("(a|b)", "a", false),
  ])
  func `a pattern matches whole names, byte by byte`(_ pattern: String, _ name: String, _ expected: Bool) throws {
    #expect(try Glob(pattern).matches(Array(name.utf8)) == expected)
  }

  @Test(arguments: [
    "", "[", "a[", "[a", "[]", "[!]", "a[]b", "[z-a]", "/main", "main/", "/", "a//b", "a\\*", "\\", "[\u{E9}]",
    "[a-\u{E9}]",
  ])
  func `a pattern that would guard nothing is an error`(_ pattern: String) {
    #expect(throws: FileDefect.self) { try Glob(pattern) }
  }

  @Test func `names that are no text are matched byte by byte`() throws {
    #expect(try Glob("release/*").matches(Array("release/".utf8) + [0xFF, 0xFE]))
    #expect(try Glob("?").matches([0xFF]))
    #expect(!(try Glob("a").matches([0x61, 0])))
  }

  /// Attack: a pattern and a name that make a matcher try all ways.
  @Test func `no pattern takes more than the product of the lengths`() throws {
    let pattern = try Glob(String(repeating: "*a", count: 200) + "b")
    let name = [UInt8](repeating: 0x61, count: 4000)
    var matches = true
    let taken = ContinuousClock().measure { matches = pattern.matches(name) }
    #expect(!matches)
    #expect(taken < .seconds(20))
  }

  @Test(arguments: [
    ("main", "MAIN", true), ("main", "ma\u{200B}in", true), ("main", "\u{FF4D}\u{FF41}\u{FF49}\u{FF4E}", true),
    ("main", "mane", false),
    ("MAIN", "main", true), ("release/*", "RELEASE/x", true), ("release/*", "release\u{AD}/x", true),
    ("[A-Z]*", "x", true),
    ("stra\u{DF}e", "STRASSE", true), ("file", "\u{FB01}le", true), ("k", "\u{212A}", true), ("s", "\u{17F}", true),
    ("i", "\u{131}", true),
    ("\u{E9}", "E\u{301}", true), ("main", "", false), ("main", "m\u{E4}in", false), ("main", "\u{43C}ain", false),
  ])
  func `lookalikes differ in case, in Unicode form, or by what is not seen`(
    _ pattern: String, _ name: String, _ expected: Bool
  ) throws {
    #expect(try Glob(pattern).matchesLookalike(of: name) == expected)
  }

  /// Attack: `Boot/x`, or `maintainers`, beside the guarded name.
  @Test(arguments: [
    ("boot/**", "Boot/x", true), ("boot/**", "BOOT/a/B", true), ("BOOT/**", "boot/x", true),
    ("MAINTAINERS", "maintainers", true),
    ("keys/*.asc", "Keys/x.ASC", true), ("k\u{E4}se/**", "K\u{C4}SE/x", true), ("k\u{E4}se/**", "ka\u{308}se/x", true),
    ("boot/**", "bo\u{200B}ot/x", true), ("keys/**", "\u{212A}eys/x", true), ("[a-c]/x", "B/X", true),
    ("boot/**", "boots/x", false),
    ("boot/**", "Bo/ot/x", false), ("boot/**", "b\u{F6}\u{F6}t/x", false), ("boot/*", "Boot/a/b", false),
  ])
  func `a pattern of paths guards what a file system takes for them`(
    _ pattern: String, _ name: String, _ expected: Bool
  ) throws {
    #expect(try Glob(pattern, guardsFiles: true).matches(Array(name.utf8)) == expected)
    // The twin: branches are matched byte by byte.
    if !Array(name.utf8).elementsEqual(pattern.utf8) { #expect(try !Glob(pattern).matches(Array(name.utf8))) }
  }
}
