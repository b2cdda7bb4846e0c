import GitBridge
import Review
import Testing

@Suite struct TextTests {
  @Test(arguments: [
    ("plain text, \u{E9}\u{65E5}\u{1F600}", "plain text, \u{E9}\u{65E5}\u{1F600}"), ("", ""), ("e\u{301}", "e\u{301}"),
    ("\u{1B}[31mred\u{1B}[0m", "\\x1b[31mred\\x1b[0m"), ("a\nb\r\tc\0", "a\\x0ab\\x0d\\x09c\\x00"),
    ("\u{7F}\u{9B}", "\\x7f\\u{9b}"),
    ("\u{202E}gnp.exe", "\\u{202e}gnp.exe"), ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
    ("a\u{200B}b\u{200D}c", "a\\u{200b}b\\u{200d}c"),
    ("\u{FEFF}x", "\\u{feff}x"), ("a\u{AD}b", "a\\u{ad}b"), ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
    ("a\u{A0}b", "a\\u{a0}b"),
    ("\u{3164}", "\\u{3164}"), ("\u{E0041}", "\\u{e0041}"), ("\u{E000}", "\\u{e000}"), ("\u{3000}", "\\u{3000}"),
    ("\u{FE0F}", "\\u{fe0f}"),
    ("a\u{85}b", "a\\u{85}b"), ("\u{61C}", "\\u{61c}"),
  ])
  func `printable text does nothing but take its place in a line`(_ text: String, _ shown: String) {
    #expect(printable(text) == shown)
    #expect(printable(text).unicodeScalars.allSatisfy(isHarmless))
  }

  @Test(
    arguments: [
      ([0xFF], "\\xff"), ([0x61, 0xC3], "a\\xc3"), ([0xC0, 0x80], "\\xc0\\x80"),
      ([0xED, 0xA0, 0x80], "\\xed\\xa0\\x80"),
      ([0xE2, 0x80, 0x62], "\\xe2\\x80b"), ([0xF0, 0x9F, 0x98], "\\xf0\\x9f\\x98"),
      ([0xF4, 0x90, 0x80, 0x80], "\\xf4\\x90\\x80\\x80"),
      ([0xC3, 0xA9, 0xFF, 0xC3, 0xA9], "\u{E9}\\xff\u{E9}"), ([0xEF, 0xBB, 0xBF, 0x61], "\\u{feff}a"),
    ] as [([UInt8], String)])
  func `bytes that are not UTF-8 are shown as bytes`(_ bytes: [UInt8], _ shown: String) {
    #expect(printable(bytes) == shown)
  }

  @Test func `long text is cut, and that is shown`() {
    #expect(printable("abcdef", limit: 3) == "abc\u{2026}")
    #expect(printable("abc", limit: 3) == "abc")
    #expect(printable(String(repeating: "\u{1B}", count: 5), limit: 2) == "\\x1b\\x1b\u{2026}")
    #expect(printable(String(repeating: "a", count: 300)).count == 201)
  }

  @Test(
    arguments: [
      (0, "1970-01-01 00:00:00 UTC"), (1_700_000_000, "2023-11-14 22:13:20 UTC"),
      (951_782_400, "2000-02-29 00:00:00 UTC"),
      (4_107_542_399, "2100-02-28 23:59:59 UTC"), (4_107_542_400, "2100-03-01 00:00:00 UTC"),
      (-1, "1969-12-31 23:59:59 UTC"),
      (-86_401, "1969-12-30 23:59:59 UTC"), (253_402_300_799, "9999-12-31 23:59:59 UTC"),
      (-2_208_988_800, "1900-01-01 00:00:00 UTC"),
    ] as [(Int64, String)])
  func `times are shown as people write them`(_ seconds: Int64, _ text: String) {
    #expect(timestamp(seconds) == text)
    #expect(datestamp(seconds) == text.prefix(10))
  }

  /// A statement's time is any number that its signer likes.
  @Test(arguments: [Int64.min, .min + 1, .max, -62_167_219_201])
  func `no time breaks the reader`(_ seconds: Int64) {
    #expect(timestamp(seconds).hasSuffix("UTC"))
  }

  @Test(
    arguments: [
      (1970, 1, 1, 0), (2023, 11, 14, 1_699_920_000), (2000, 2, 29, 951_782_400), (2024, 2, 29, 1_709_164_800),
      (1, 1, 1, -62_135_596_800),
      (2023, 2, 29, nil), (2100, 2, 29, nil), (2023, 4, 31, nil), (2023, 13, 1, nil), (2023, 0, 1, nil),
      (2023, 1, 0, nil), (2023, 1, 32, nil),
      (0, 1, 1, nil), (10_000, 1, 1, nil), (-5, 1, 1, nil),
    ] as [(Int64, Int64, Int64, Int64?)])
  func `dates are days of the calendar`(_ year: Int64, _ month: Int64, _ day: Int64, _ seconds: Int64?) {
    #expect(secondsSince1970(year: year, month: month, day: day) == seconds)
  }

  @Test func `every day of four centuries has one name`() throws {
    var day: Int64 = -5_000
    var previous = ""
    while day < 60_000 {
      let text = datestamp(day * 86_400)
      let parts = text.split(separator: "-").compactMap { Int64($0) }
      #expect(parts.count == 3)
      #expect(secondsSince1970(year: parts[0], month: parts[1], day: parts[2]) == day * 86_400)
      #expect(text > previous)
      previous = text
      day += 17
    }
  }
}
