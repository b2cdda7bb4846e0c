import Foundation
import Support
import Testing

/// What the survey prints, by its options: every format has the same figures, and no name that was to be hidden.
extension SurveyTests {
  @Test func `hashed names, several clones and other formats have the same figures`() async throws {
    let folders = try [1, 3].map { try Self.history(seed: $0, commits: 40) }
    let places = folders.enumerated().map { "r\($0.offset)=\($0.element.path)/repository.git" }
    let together = try Self.lines(try await Self.run(places + ["--format", "json"]).output)
    let csv = try await Self.run(places + ["--format", "csv"]).output.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let markdown = try await Self.run(places + ["--format", "markdown"]).output.split(separator: "\n").filter {
      $0.hasPrefix("| r0 ") || $0.hasPrefix("| r1 ")
    }
    try #require(together.count == 2 && csv.count == 3 && markdown.count == 2)
    for (place, survey) in together.enumerated() {
      let alone = try #require(try Self.lines(try await Self.run([places[place], "--format", "json"]).output).first)
      #expect(alone as NSDictionary == survey as NSDictionary)
      let hidden = try #require(
        try Self.lines(try await Self.run([places[place], "--names", "hash", "--format", "json"]).output).first)
      for (name, value) in survey where name != "signers" {
        #expect(hidden[name] as? NSObject == value as? NSObject, "\(name)")
      }
      func counts(_ survey: [String: Any]) -> [[Int]] {
        (survey["signers"] as? [[String: Any]] ?? []).map { signer in
          ["number", "commits", "endorsed", "reviewed"].map { signer[$0] as? Int ?? -1 }
        }
      }
      #expect(counts(hidden) == counts(survey) && !counts(survey).isEmpty)

      let claimed = try #require(survey["claimed"] as? [String: Int])
      let merges = try #require(survey["merges"] as? [String: Int])
      let row = Dictionary(uniqueKeysWithValues: zip(csv[0], csv[place + 1]))
      for (column, number) in [
        ("commits", survey["commits"] as? Int), ("changes", survey["changes"] as? Int), ("claimed 0", claimed["0"]),
        ("claimed 1", claimed["1"]),
        ("claimed 2+", claimed["2+"]), ("signed by machines", survey["machine-signed"] as? Int),
        ("merges", merges["all"]),
        ("content merges", merges["content"]), ("merges taken for clean", merges["taken-for-clean"]),
        ("unsigned", (survey["formats"] as? [String: Int])?["none"]),
      ] { #expect(row[column].flatMap { Int($0) } == number && number != nil, "\(column)") }
      let all = try #require(survey["changes"] as? Int)
      for (cell, part) in zip(
        markdown[place].split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }[4...], ["0", "1", "2+"])
      {
        let shown = try #require(Double(cell.dropLast(2)))
        #expect(abs(shown - 100 * Double(claimed[part] ?? -1) / Double(all)) <= 0.5, "\(cell) \(part)")
      }
    }
  }

  @Test func `options that mean nothing are refused`() async throws {
    let folder = try Self.history(seed: 1, commits: 5)
    let repository = folder.path + "/repository.git"
    for words in [
      ["--rule", "plain"], ["--shard", "1/2"], ["--whole"], ["--format", "sarif"], ["--commits", "--format", "html"],
      ["--commits", "--names", "hash"], ["--registry", "x"], ["--since", "yesterday"],
    ] {
      let result = try await Self.run([repository] + words)
      #expect(result.status == 64, "\(words) \(result)")
      #expect(result.output == "")
    }
    for words in [["--names", "hash"], ["--machine", "x"], ["--branch", "main"], ["main", "other"]] {
      let result = try await ServerProgram.run(
        [ServerProgram.command, "audit", "-C", repository] + words, in: "/", environment: Tool.bareEnvironment)
      #expect(result.status == 64, "\(words) \(result)")
    }
    let missing = try await Self.run([folder.path + "/nothing"])
    #expect(missing.status == 2)
    let plain = try await Self.run([repository])
    #expect(plain.status == 0, "\(plain)")
  }

  @Test func `several clones stand in one table, in their order`() async throws {
    let one = try Self.history(seed: 1, commits: 20)
    let two = try Self.history(seed: 2, commits: 20)
    let places = ["first=\(one.path)/repository.git", "\(two.path)/repository.git"]
    let csv = try await Self.run(places + ["--format", "csv"])
    let rows = csv.output.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    #expect(rows.map(\.[0]) == ["name", "first", "repository"])
    #expect(Set(rows.map(\.count)).count == 1)
    let markdown = try await Self.run(places + ["--format", "markdown"])
    let table = markdown.output.split(separator: "\n").filter { $0.hasPrefix("|") }
    #expect(table.count == 4)
    #expect(Set(table.map { $0.filter { $0 == "|" }.count }).count == 1)
    let html = try await Self.run(places + ["--format", "html"])
    #expect(html.output.contains("Side by side"))
  }

  @Test func `hashed names leave nothing that tells who somebody is`() async throws {
    let folder = try Self.history(seed: 3, commits: 40)
    let repository = folder.path + "/repository.git"
    let names = try Tool.succeed("git", ["-C", repository, "log", "--format=%H%n%h%n%cn%n%an", "main"]).text.split(
      separator: "\n")
    let keys =
      try Self.lines(try await Self.run([repository, "--format", "json"]).output).first?["signers"] as? [[String: Any]]
      ?? []
    var secrets = Set(names.filter { $0.count > 4 }.map(String.init))
    for key in keys where key["machine"] is NSNull { secrets.insert(key["key"] as? String ?? "") }
    secrets.subtract(["unreadable", "GitHub", "Forgejo"])
    // The tip names the history that was counted, not a person.
    secrets = secrets.filter { !String(names[0]).hasPrefix($0) }
    try #require(secrets.count > 10)
    for format in ["text", "json", "csv", "markdown", "html"] {
      let hidden = try await Self.run([repository, "--names", "hash", "--format", format])
      #expect(hidden.status == 0)
      #expect(secrets.filter { hidden.output.contains($0) }.isEmpty, "\(format)")
    }
    let plain = try await Self.run([repository, "--format", "json"])
    #expect(secrets.contains { plain.output.contains($0) })
  }

  @Test func `nothing is wider than the window`() async throws {
    let folder = try Self.history(seed: 2)
    for columns in [30, 50, 80, 200] {
      let result = try await ServerProgram.run(
        [ServerProgram.command, "audit", "--survey", folder.path + "/repository.git"], in: "/",
        environment: Tool.bareEnvironment.merging(["COLUMNS": "\(columns)"]) { $1 })
      let widest = result.output.split(separator: "\n").map(\.count).max() ?? 0
      #expect(widest <= columns, "\(columns): \(widest)")
      #expect(widest > 20)
    }
  }
}
