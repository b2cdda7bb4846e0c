import Foundation
import Review
import Support
import Testing

/// The table of codes in docs/verdict.md, held against the code: it is written by hand, and scripts rely on it.
@Suite struct RefusalCodeTests {
  /// Every code that the sources make, by the words of its declaration.
  private static let made: Set<String> = {
    let files = ["Verdict/RefusalCode.swift", "Ledger/LedgerCodes.swift"]
    return files.reduce(into: []) { codes, file in
      let text = (try? String(contentsOfFile: Tool.packageFolder + "/Sources/Review/" + file, encoding: .utf8)) ?? ""
      codes.formUnion(
        text.matches(of: #/static let [A-Za-z]+ = RefusalCode\((?:rawValue: )?"([a-z-]+)"\)/#).map { String($0.1) })
    }
  }()

  /// The rows of a section's tables, by its title.
  private static func rows(_ title: String) throws -> [String] {
    let page = try String(contentsOfFile: Tool.packageFolder + "/docs/verdict.md", encoding: .utf8)
    let section = try #require(
      page.components(separatedBy: "\n## ").first { $0.hasPrefix(title + "\n") }, "no section \(title)")
    return section.split(separator: "\n").filter { $0.hasPrefix("| `") }
      .flatMap { row in row.split(separator: "|")[0].matches(of: #/`([a-z-]+)`/#).map { String($0.1) } }
  }

  @Test func everyCodeHasARowAndEveryRowACode() throws {
    let rows = try ["Refusal codes", "What could not be judged", "What only a clone says"].map(Self.rows)
    let all = rows.flatMap(\.self)
    #expect(Self.made.count > 50)
    #expect(Set(all).subtracting(Self.made).isEmpty, "rows of no code: \(Set(all).subtracting(Self.made).sorted())")
    #expect(Self.made.subtracting(all).isEmpty, "codes without a row: \(Self.made.subtracting(all).sorted())")
    #expect(Set(all).count == all.count, "rows that stand twice")
    // The second table holds what is never taken for a refusal, and nothing else does.
    #expect(Set(rows[1]) == Set(all.filter { RefusalCode(rawValue: $0).preventsJudging }))
  }

  /// A code that nothing uses is a promise that nothing keeps.
  @Test func everyCodeIsUsed() throws {
    let sources = Tool.packageFolder + "/Sources"
    let text = try FileManager.default.subpathsOfDirectory(atPath: sources)
      .filter { $0.hasSuffix(".swift") && !$0.hasSuffix("/RefusalCode.swift") && !$0.hasSuffix("/LedgerCodes.swift") }
      .map { try String(contentsOfFile: "\(sources)/\($0)", encoding: .utf8) }.joined()
    for code in Self.made {
      let words = code.split(separator: "-")
      let name = words[0] + words.dropFirst().map(\.capitalized).joined()
      let isSaid = text.contains(".\(name)") || text.contains("\"\(code)\"")
      #expect(isSaid, "nothing says \(code)")
    }
  }
}
