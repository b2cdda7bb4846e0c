import OpenPGP
import Review
import Support
import Testing

@Suite struct GuixAuthorizationsTests {
  static let first = "AD17A21EF8AED8F1CC02DBD9F7D5C9BF765C61E3"
  static let second = "2A393FFF68F4EF7A3D2912AF6F5120A022FBB2D5"

  static let usual = """
    ;; Who may sign; "quoted", (bracketed), Zo\u{EB}
    (authorizations
     (version 0)

     (("AD17 A21E F8AE D8F1 CC02  DBD9 F7D5 C9BF 765C 61E3"
       (name "an \\"alias\\" \\\\"))
      (;; primary: "220F 98D9 5E86 204C 0036  DA7B 6DEC 4360 408B 4185"
       "2a39 3fff 68f4 ef7a 3d29  12af 6f51 20a0 22fb b2d5" ;after
       (name "bob") (since 2020))))

    """

  static func read(_ text: String) throws -> Set<String> {
    Set(try GuixAuthorizations.read(Array(text.utf8)).keys.map(\.hex))
  }

  @Test func `the usual form, with comments and names`() throws {
    #expect(try Self.read(Self.usual) == [Self.first, Self.second])
    #expect(try Self.read(Self.usual.replacing("\n", with: "\r\n")) == [Self.first, Self.second])
    #expect(try Self.read("(authorizations(version 0)())") == [])
    #expect(try Self.read("(authorizations (version 0) ((\"\(Self.first)\")) (more (things)))") == [Self.first])
    let twice = "(authorizations (version 0) ((\"\(Self.first)\") (\"\(Self.first.lowercased())\")))"
    #expect(try Self.read(twice) == [Self.first])
  }

  static func entry(_ text: String) -> String { "(authorizations (version 0)\n(\(text)))" }

  @Test(arguments: [
    ("", "line 1: nothing where a value should be"), (";x", "nothing where"),
    ("authorizations", "it is not (authorizations"),
    ("()", "it is not"), ("(authorizations)", "it is not"), ("(authorizations (version 0))", "it is not"),
    ("(\"authorizations\" (version 0) ())", "it is not"), ("(Authorizations (version 0) ())", "it is not"),
    ("(authorizations\n(version 1) ())", "line 2: its version"), ("(authorizations version ())", "its version"),
    ("(authorizations (version \"0\") ())", "its version"), ("(authorizations (version 0 0) ())", "its version"),
    ("(authorizations (version 00) ())", "a number"), ("(authorizations (version 0) keys)", "no list of keys"),
    (entry("\"\(first)\""), "line 2: an entry that does not begin with a fingerprint"), (entry("()"), "does not begin"),
    (entry("((\"\(first)\"))"), "does not begin"), (entry("((name \"x\") \"\(first)\")"), "does not begin"),
    (entry("(\(first))"), "does not begin"),
    (entry("(\"\")"), "is not a fingerprint"), (entry("(\"\(first.suffix(16))\")"), "is not a fingerprint"),
    (entry("(\"\(first.dropLast())\")"), "is not a fingerprint"), (entry("(\"\(first)0\")"), "is not a fingerprint"),
    (entry("(\"\(first)\(first.prefix(24))\")"), "is not a fingerprint"),
    (entry("(\"0x\(first.dropFirst(2))\")"), "is not a fingerprint"),
    (entry("(\"\(first.dropLast())G\")"), "is not a fingerprint"),
    (entry("(\"\(first.dropLast())\u{FF13}\")"), "is not a fingerprint"),
    (entry("(\"\(first.dropLast())3\u{301}\")"), "is not a fingerprint"),
    (entry("(\"\(first)\u{A0}\")"), "is not a fingerprint"),
    (entry("(\"\u{202E}\")"), "“\\u{202e}” is not a fingerprint"),
    (entry("(\"\(first)\t\")"), "a control character or a line end in a string"),
    (entry("(\"\(first)\n\")"), "a line end in a string"),
    (entry("(\"\\x41;\")"), "an escape"), (entry("(\"\\n\")"), "an escape"), (entry("(\"\\"), "an escape"),
    (entry("(\"\(first)"), "line 2: a string without an end"),
    ("(authorizations\n(version 0)\n(", "line 3: a list without an end"),
    ("(authorizations (version 0) ()", "line 1: a list without an end"),
    ("(authorizations (version 0) ()))", "something follows"),
    ("(authorizations (version 0) ())\n(authorizations (version 0) ())", "line 2: something follows"),
    ("(authorizations (version 0) ()) x", "something follows"),
    // Forms that Guile reads, and that make eyes and programs see different lists.
    ("#|x|# (authorizations (version 0) ())", "a character that is not understood"),
    ("(authorizations (version 0) (#;(\"x\")))", "a character"),
    ("'(authorizations (version 0) ())", "a character"), ("[authorizations (version 0) ()]", "a character"),
    ("(authorizations . ((version 0) ()))", "a character"),
    ("(authorizations (version -0) ())", "its version"), ("(authorizations (version 0x) ())", "a number"),
    ("(authorizations (version 0.) ())", "a character"),
    (entry("(\"\(first)\"x)"), "a character"), (entry("(x\"\(first)\")"), "a character"),
    ("(authorizations (version\u{A0}0) ())", "a character"),
    ("(authorizations (version 0) ; nobody\r (\(first)))", "a carriage return within a line"),
    ("\0(authorizations (version 0) ())", "a character"),
    (";\u{1B}[8m\n(authorizations (version 0) ())", "line 1: a control character in a comment"),
    ("(authorizations (version 12345678901) ())", "a number"),
  ])
  func `what is not strictly of the form is refused`(_ text: String, _ named: String) {
    do {
      _ = try Self.read(text)
      Issue.record("it was read")
    } catch {
      let message = (error as? FileDefect)?.message ?? "another error"
      #expect(message.hasPrefix(".guix-authorizations"))
      #expect(message.contains(named), "\(message)")
    }
  }

  @Test func `size, depth and number are bounded`() throws {
    func entries(_ count: Int) -> String {
      "(authorizations (version 0) () (\(String(repeating: "x ", count: count))))"
    }
    #expect(try Self.read(entries(4096)) == [])
    #expect(throws: FileDefect(".guix-authorizations, line 1: a list of more than 4096 items")) {
      try Self.read(entries(4097))
    }
    func nested(_ depth: Int) -> String {
      """
      (authorizations (version 0) () \
      \(String(repeating: "(", count: depth - 1))\(String(repeating: ")", count: depth - 1)))
      """
    }
    #expect(try Self.read(nested(8)) == [])
    #expect(throws: FileDefect(".guix-authorizations, line 1: lists nested deeper than 8")) { try Self.read(nested(9)) }
    #expect(throws: FileDefect.self) { try Self.read(String(repeating: "(", count: 65_536)) }
    let list = "(authorizations (version 0) ())"
    #expect(try Self.read(list + String(repeating: " ", count: 65_536 - list.utf8.count)) == [])
    #expect(throws: FileDefect(".guix-authorizations is larger than 65536 bytes")) {
      try Self.read(list + String(repeating: " ", count: 65_537 - list.utf8.count))
    }
    #expect(throws: FileDefect(".guix-authorizations is not valid UTF-8")) {
      try GuixAuthorizations.read(Array(list.utf8) + [0x3B, 0xFF])
    }
  }

  /// Damage may take keys away or make the list unreadable; a key that is not spelled out it never adds.
  @Test func `20,000 damaged lists`() {
    let whole = Array(Self.usual.utf8)
    var chance = SeededChance(seed: 17)
    var taken = 0
    for index in 0..<20_000 {
      let damaged = Mutation.mutate(whole, &chance)
      guard let list = try? GuixAuthorizations.read(damaged) else { continue }
      taken += 1
      let digits = String(decoding: damaged.filter { $0 != UInt8(ascii: " ") }, as: UTF8.self).uppercased()
      for key in list.keys { #expect(digits.contains(key.hex), "case \(index)") }
      #expect(list.keys.count <= 2, "case \(index)")
    }
    // Else the test would show nothing.
    #expect(taken > 1000 && taken < 19_000, "\(taken)")
  }
}
