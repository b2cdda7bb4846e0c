import Foundation
import Support
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// `keys audit` in every format, with certificates that a real gpg made.
@Suite struct KeysAuditTests {
  static let formats = ["text", "json", "sarif", "junit", "github", "markdown", "html"]

  /// A registry of alice, bob and carol, and of dan, whose key expired in 2024.
  static func scene() async throws -> (KeysScene, dan: String) {
    let scene = try await KeysScene()
    let dan = try await scene.make("dan", lasting: "1d", at: "20240101T000000!")
    let certificate = try String(contentsOfFile: try await scene.export(dan), encoding: .utf8)
    try await scene.clone.write("keys/\(dan).asc", certificate)
    let entry = """

      [people.dan]
      name = "<script>|`x` @alice \\u001b[31m"
      [keys.dan.card]
      id = "\(dan)"
      devices = "YubiKey 5"

      """
    try await scene.clone.write("MAINTAINERS", try scene.text("MAINTAINERS") + entry)
    return (scene, dan)
  }

  @Test func `every format keeps the status and names what does not count`() async throws {
    let (scene, dan) = try await Self.scene()
    for format in Self.formats {
      let refused = try await scene.run("keys", "audit", "--registry", ".", "--format", format)
      #expect(
        refused.status == 1 && refused.output.contains("expired") && refused.output.contains(dan),
        "\(format): \(refused)")
      #expect(!refused.output.contains("\u{1B}"))
      if ["html", "markdown", "junit"].contains(format) {
        #expect(!refused.output.contains("<script>"), "\(refused.output)")
      }
      // The commit knows nothing of dan.
      let accepted = try await scene.run("keys", "audit", "--format", format)
      #expect(accepted.status == 0 && !accepted.output.contains("no-key-counts"), "\(format): \(accepted)")
      // JUnit has no word for what is no failure.
      #expect(accepted.output.contains("no-spare") == (format != "junit"), "\(format): \(accepted)")
    }
  }

  @Test func `text is by person, within 80 columns, and its commands can be copied`() async throws {
    let (scene, dan) = try await Self.scene()
    let text = try await scene.run("keys", "audit", "--registry", ".").output
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(text)")
    let lines = text.split(separator: "\n").map(String.init)
    let names = lines.filter { !$0.hasPrefix(" ") && ($0.contains(": counts") || $0.contains(": does not count")) }.map
    { $0.prefix { $0 != " " } }
    #expect(names == ["alice", "bob", "carol", "dan"])
    let commands = text.replacing(#/ \\\n +/#, with: " ").matches(of: #/next: (.*)\n/#).map { String($0.output.1) }
    let subkey = try #require(
      try await scene.gpg("--with-colons", "--list-keys", dan).matches(of: #/fpr:+([0-9A-F]{40}):/#).last?.output.1)
    for command in [
      "gpg --quick-set-expire \(dan) 2y", "gpg --quick-set-expire \(dan) 2y \(subkey)",
      "gpg --armor --export \(dan) | stagex-maint keys add - --person dan --label card",
    ] {
      #expect(commands.contains(command), "\(command): \(text)")
    }
  }

  @Test func `the machines' formats are what they claim`() async throws {
    let (scene, _) = try await Self.scene()
    func output(_ format: String) async throws -> String {
      try await scene.run("keys", "audit", "--registry", ".", "--format", format).output
    }
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(try await output("json").utf8)) as? [String: Any])
    #expect(json["schema"] as? String == "stagex-maint/keys-audit/1" && json["verdict"] as? String == "refused")
    let findings = try #require(json["findings"] as? [[String: Any]])
    #expect(
      findings.filter { $0["severity"] as? String == "error" }.map { "\($0["code"] ?? "") \($0["person"] ?? "")" } == [
        "expired dan", "no-key-counts dan",
      ])
    let sarif = try #require(
      try JSONSerialization.jsonObject(with: Data(try await output("sarif").utf8)) as? [String: Any])
    let results = try #require((sarif["runs"] as? [[String: Any]])?.first?["results"] as? [[String: Any]])
    #expect(results.map { $0["level"] as? String }.filter { $0 == "error" }.count == 2)
    let junit = try XMLDocument(data: Data(try await output("junit").utf8))
    #expect(
      try junit.nodes(forXPath: "//testcase").count == 4 && junit.nodes(forXPath: "//testcase[failure]").count == 1)
    #expect(try await output("github").contains("::error title=expired::dan card: the subkey "))
    #expect(try await output("markdown").contains("| **refused** | `dan` (person) | 0 of 1 | nothing |"))
  }

  @Test func `a registry that cannot be read is not called good`() async throws {
    let scene = try await KeysScene()
    for words in [["--registry", "nosuchplace"], ["--registry", "broken"]] {
      try await scene.clone.write("broken/MAINTAINERS", "[people\n")
      let result = try await scene.server.sandbox.run(
        [ServerProgram.command, "keys", "audit"] + words, in: scene.clone.path)
      #expect(result.status == 2 && result.output == "", "\(result)")
    }
    #expect(try await scene.run("keys", "audit", "--registry", "HEAD").status == 0)
    let outside = try await scene.run("keys", "audit", in: "/")
    #expect(outside.status == 2, "\(outside)")
  }

  /// A server may let its hooks have few files.
  @Test func `sixty files are enough`() async throws {
    let scene = try await KeysScene()
    func audit(_ files: Int) async throws -> Finished {
      try await scene.server.sandbox.run(
        ["sh", "-c", "ulimit -n \(files) && exec \"$0\" keys audit --registry .", ServerProgram.command],
        in: scene.clone.path)
    }
    let few = try await audit(64)
    #expect(few.status == 0 && !few.output.contains("gnupg"), "\(few)")
    // The twin: with fewer than gpg itself needs, that is said, and how to mend it.
    let fewer = try await audit(24)
    #expect(
      fewer.status == 1 && fewer.output.contains("error gnupg: ")
        && fewer.output.replacing(#/\s+/#, with: " ").contains("raise ulimit -n"), "\(fewer)")
  }
}
