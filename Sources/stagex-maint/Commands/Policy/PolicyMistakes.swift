internal import Review

/// All mistakes of a policy file, each with its line.
///
/// The reader of policies ends at the first: what it cannot understand may mean anything. Here the line that it
/// stumbled over is taken out and the rest is read again, so that one run shows what one would find out in many.
struct PolicyMistakes {
  struct Mistake: Equatable {
    let line: Int?
    let text: String
  }

  private(set) var all: [Mistake] = []
  /// What is left when every mistake is taken out; nil where nothing readable is.
  private(set) var policy: Policy?

  private static let most = 50

  init(_ bytes: [UInt8]) {
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
    for _ in 0..<Self.most {
      do throws(FileDefect) {
        policy = try Policy.read(Array(lines.joined(separator: [UInt8(ascii: "\n")])))
        return
      } catch {
        let text = Self.stripped(error.message)
        let found = Self.place(text, lines)
        // What was taken out may be missed by the rest.
        if found == nil, all.contains(where: { $0.text == Self.withoutLine(text) }) { return }
        all.append(Mistake(line: found.map { $0.line + 1 }, text: Self.withoutLine(text)))
        guard let found, lines[found.table].contains(where: { !$0.isEmpty }) else { return }
        for index in found.table { lines[index] = [] }
        // Without a version nothing else is read.
        if text.hasPrefix("version ") { lines[found.line] = Array("version = 1".utf8) }
      }
    }
  }

  private static func stripped(_ text: String) -> String {
    let mark = Policy.path
    guard text.hasPrefix(mark) else { return text }
    return String(text.dropFirst(mark.count).drop { $0 == ":" || $0 == "," || $0 == " " })
  }

  /// "line 3: no = after a key" without its line.
  private static func withoutLine(_ text: String) -> String {
    guard text.hasPrefix("line "), let colon = text.firstIndex(of: ":") else { return text }
    return String(text[text.index(after: colon)...].drop { $0 == " " })
  }

  /// The line that a mistake is about, counted from 0, and those that go with it.
  private static func place(_ text: String, _ lines: [[UInt8]]) -> (line: Int, table: Range<Int>)? {
    let words = text.split { " ,:\"".contains($0) }.map(String.init)
    let file = lines.map { String(decoding: $0, as: UTF8.self).trimmed }
    if words.first == "line", words.count > 1, let number = Int(words[1]), lines.indices.contains(number - 1) {
      return (number - 1, wholeTable(number - 1, file) ?? number - 1..<number)
    }
    // "branch 2: name is missing": the second of its tables.
    if words.count > 1, let number = Int(words[1]), let table = table(words[0], number, file) {
      return (line(in: table, names(Array(words.dropFirst(2))), file) ?? table.lowerBound, table)
    }
    let first = file.firstIndex { $0.hasPrefix("[") } ?? file.count
    let named = names(words)
    // "a pattern is empty" names nothing.
    let empty = text.hasSuffix("is empty") ? file.firstIndex { $0.contains("\"\"") } : nil
    guard let found = empty ?? line(in: 0..<first, named, file) ?? line(in: 0..<file.count, named, file) else {
      return nil
    }
    return (found, found < first ? found..<found + 1 : wholeTable(found, file) ?? found..<found + 1)
  }

  /// A table whose list of lines a line stands in; nil for a line before the first, and for one of `[groups]`.
  private static func wholeTable(_ line: Int, _ file: [String]) -> Range<Int>? {
    guard let start = file[...line].lastIndex(where: { $0.hasPrefix("[") }),
      start == line || file[start].hasPrefix("[[")
    else { return nil }
    return start..<(file[(start + 1)...].firstIndex { $0.hasPrefix("[") } ?? file.count)
  }

  private static func table(_ name: String, _ number: Int, _ file: [String]) -> Range<Int>? {
    let heads = file.indices.filter { file[$0].filter { $0 != " " }.hasPrefix("[[\(name)]]") }
    guard heads.indices.contains(number - 1) else { return nil }
    let start = heads[number - 1]
    return start..<(file[(start + 1)...].firstIndex { $0.hasPrefix("[") } ?? file.count)
  }

  /// Which words of a mistake name a key or a value: the first, and what follows such a word as "key".
  private static func names(_ words: [String]) -> [String] {
    let before: Set = ["key", "group", "way", "pattern", "value"]
    return words.indices.filter { $0 == 0 || before.contains(words[$0 - 1]) }.map { words[$0] }
  }

  /// The line that sets the first key which the mistake's words name, or that holds one of its values.
  private static func line(in range: Range<Int>, _ words: [String], _ file: [String]) -> Int? {
    for word in words where word.utf8.count > 1 {
      if let index = range.first(where: { key(of: file[$0]) == word }) { return index }
    }
    for word in words where word.utf8.count > 1 {
      if let index = range.first(where: { file[$0].contains("\"\(word)\"") }) { return index }
    }
    return nil
  }

  private static func key(of line: String) -> String {
    guard let equals = line.firstIndex(of: "=") else { return "" }
    return String(line[..<equals]).trimmed.filter { $0 != "\"" && $0 != "'" }
  }
}

extension String {
  fileprivate var trimmed: String {
    let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
    return String(String(drop(while: blank).reversed()).drop(while: blank).reversed())
  }
}
