import Foundation
import Support
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The formats for machines and pages: each is what its readers expect, and what a commit says in it stays text.
@Suite struct FormatTests {
  /// A change that nobody but its author endorses, with a subject that is an attack on each format.
  static let subject = "::error::owned %0A @alice #1 <script>alert(1)</script> ]]> \"x\" | [a](http://evil) `b` & '"

  struct Scene {
    let scene: CommandLineTests.Scene
    let hostile: String

    init() async throws {
      scene = try await CommandLineTests.Scene()
      try await scene.clone.git("checkout", "--quiet", "--detach", scene.server.start)
      hostile = try await scene.clone.commit("c", "c\n", by: scene.server.team.alice, message: FormatTests.subject)
    }

    func run(_ commit: String, _ format: String, extra: [String: String] = [:]) async throws -> Finished {
      try await scene.server.sandbox.run(
        [ServerProgram.command] + scene.verify(commit) + ["--format", format], in: scene.clone.path, extra: extra)
    }
  }

  @Test(arguments: ["sarif", "junit", "github", "markdown", "html"])
  func `every format keeps the status, and says what is refused`(_ format: String) async throws {
    let scene = try await Scene()
    let refused = try await scene.run(scene.hostile, format)
    #expect(refused.status == 1, "\(refused)")
    #expect(refused.output.contains("too-few-endorsers"))
    let accepted = try await scene.run(scene.scene.good, format)
    #expect(accepted.status == 0, "\(accepted)")
    #expect(!accepted.output.contains("too-few-endorsers"))
  }

  /// Attack: a line of a commit's that the runner takes for a command, here to set an output or to hide what follows.
  @Test func `github: only our own lines are commands, and the summary is added to`() async throws {
    let scene = try await Scene()
    let summary = scene.scene.server.sandbox.path + "/summary"
    try "before\n".write(toFile: summary, atomically: false, encoding: .utf8)
    let result = try await scene.run(scene.hostile, "github", extra: ["GITHUB_STEP_SUMMARY": summary])
    let lines = result.output.split(separator: "\n")
    #expect(
      lines.filter { $0.hasPrefix("::") }.allSatisfy {
        $0.hasPrefix("::error title=too-few-endorsers::commit ") || $0.hasPrefix("::error title=wrong-source-branch::")
      })
    #expect(lines.last?.hasPrefix("refused: ") == true)
    let text = try String(contentsOfFile: summary, encoding: .utf8)
    #expect(text.hasPrefix("before\n### refused"))
    #expect(!text.contains("<script>"))
    let missing = try await scene.run(scene.hostile, "github", extra: ["GITHUB_STEP_SUMMARY": summary + "/no"])
    #expect(missing.status == 1)
    #expect(missing.error.contains("could not be written"))
  }

  @Test func `markdown: a subject mentions nobody, links nowhere and draws nothing`() async throws {
    let scene = try await Scene()
    let text = try await scene.run(scene.hostile, "markdown").output
    let row = try #require(text.split(separator: "\n").first { $0.contains("owned") })
    #expect(row.filter { $0 == "|" }.count == 6)
    #expect(row.contains("&#64;<!-- -->alice &#35;<!-- -->1 "))
    for sign in ["@alice", " #1", "<script", "[a]", "http:", "`b`"] { #expect(!row.contains(sign), "\(sign)") }
  }

  @Test func `html: a subject is text, and nothing is fetched or run`() async throws {
    let scene = try await Scene()
    let text = try await scene.run(scene.hostile, "html").output
    #expect(!text.contains("<script"))
    #expect(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(text.contains("default-src 'none'"))
  }

  @Test func `junit: well-formed, and a failure for each refusal`() async throws {
    let scene = try await Scene()
    for (commit, failures) in [(scene.hostile, 1), (scene.scene.good, 0)] {
      let output = try await scene.run(commit, "junit").output
      let counter = Elements()
      let parser = XMLParser(data: Data(output.utf8))
      parser.delegate = counter
      #expect(parser.parse(), "\(output)")
      #expect(counter.counts["failure", default: 0] == failures)
      #expect(counter.counts["testcase", default: 0] == counter.stated)
      #expect(counter.stated > 0)
    }
  }

  @Test func `sarif: one result a refusal, under a rule of its code`() async throws {
    let scene = try await Scene()
    for (commit, results) in [(scene.hostile, ["too-few-endorsers", "wrong-source-branch"]), (scene.scene.good, [])] {
      let output = try await scene.run(commit, "sarif").output
      let object = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
      #expect(object["version"] as? String == "2.1.0")
      let run = try #require((object["runs"] as? [[String: Any]])?.first)
      let found = try #require(run["results"] as? [[String: Any]])
      #expect(found.compactMap { $0["ruleId"] as? String }.sorted() == results)
    }
  }

  @Test func `an audit lists what it refused, and counts the rest`() async throws {
    let scene = try await Scene()
    let folder = scene.scene.clone.path
    let words = ["audit", "--from", scene.scene.server.start, "staging", "--format"]
    let page = try await scene.scene.run(words[0], words[1], words[2], words[3], words[4], "markdown", in: folder)
    #expect(page.status == 1, "\(page)")
    #expect(page.output.contains("1 of 4 changes refused"), "\(page)")
  }

  @Test func `a list has no such format`() async throws {
    let scene = try await Scene()
    let result = try await scene.scene.run("log", "--format", "sarif")
    #expect(result.status == 64)
    #expect(result.error.contains("text or json"))
  }

  /// Counts the elements of an XML text.
  private final class Elements: NSObject, XMLParserDelegate {
    var counts: [String: Int] = [:]
    var stated = 0

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      counts[name, default: 0] += 1
      if name == "testsuites" { stated = Int(attributes["tests"] ?? "") ?? 0 }
    }
  }
}
