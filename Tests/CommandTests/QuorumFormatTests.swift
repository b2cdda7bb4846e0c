import Foundation
import Support
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// `signatures verify` in every format: what lacks, what does not count, and names from outside that stay text.
@Suite struct QuorumFormatTests {
  let team = ImageTeam()
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for (name, text) in team.registry() { try folder.write("registry/" + name, text) }
    try folder.write(
      "digests/core.txt", "\(ImageMessage.digest("a")) core-whole\n\(ImageMessage.digest("b")) core-half\n")
    try put("core-whole", "a", ["alice", "bob"])
    try put("core-half", "b", ["alice"])
  }

  func place(_ package: String, _ digest: Character) -> String {
    "signatures/stagex/\(package)@sha256=\(ImageMessage.digest(digest))"
  }

  func put(_ package: String, _ digest: Character, _ people: [String]) throws {
    for (number, person) in people.enumerated() {
      let bytes = team[person].sign("stagex/\(package):1", ImageMessage.digest(digest))
      let path = "\(folder.path)/\(place(package, digest))"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/signature-\(number + 1)"))
    }
  }

  func verify(_ format: String, _ more: String...) throws -> Tool.Result {
    try Tool.run(
      ServerProgram.command,
      [
        "-C", folder.path, "signatures", "verify", "--registry", folder.path + "/registry", "--digests",
        folder.path + "/digests", "--signatures",
        folder.path + "/signatures", "--format", format,
      ] + more, folder: folder.path)
  }

  @Test(arguments: ["text", "json", "sarif", "junit", "github", "markdown", "html"])
  func `Every format keeps the status and names what lacks`(_ format: String) throws {
    let refused = try verify(format)
    #expect(refused.status == 1 && refused.text.contains("core-half"), "\(refused.errorText)\(refused.text)")
    try put("core-half", "b", ["alice", "carol"])
    let accepted = try verify(format)
    #expect(accepted.status == 0 && !accepted.text.contains("too-few-signers"), "\(accepted.errorText)\(accepted.text)")
  }

  @Test func `The machines' formats are what they claim`() throws {
    let sarif = try #require(try JSONSerialization.jsonObject(with: Data(try verify("sarif").output)) as? [String: Any])
    let run = try #require((sarif["runs"] as? [[String: Any]])?.first)
    #expect((run["results"] as? [[String: Any]])?.map { $0["ruleId"] as? String } == ["too-few-signers"])
    let junit = try XMLDocument(data: Data(try verify("junit").output))
    #expect(try junit.nodes(forXPath: "//testcase").count == 2)
    #expect(
      try junit.nodes(forXPath: "//testcase[failure]/@name").compactMap(\.stringValue).allSatisfy {
        $0.hasPrefix("core-half ")
      })
    #expect(
      try XMLDocument(data: Data(try verify("junit", "--lacking").output)).nodes(forXPath: "//testcase").count == 2)
    #expect(try verify("github").text.contains("::error title=too-few-signers::stagex/core-half@sha256:"))
  }

  @Test(arguments: ["text", "json", "sarif", "junit", "github", "markdown", "html"])
  func `The name of a planted file stays text`(_ format: String) throws {
    let name = "<script>|`x`\n::error::@alice \u{1B}[31m"
    try Data([1]).write(to: URL(fileURLWithPath: "\(folder.path)/\(place("core-whole", "a"))/\(name)"))
    let result = try verify(format)
    #expect(result.status == 1)
    #expect(!result.text.contains("\u{1B}[31m"), "\(result.text)")
    #expect(!result.text.split(separator: "\n").contains { $0.hasPrefix("::error::") })
    if ["html", "markdown", "junit"].contains(format) { #expect(!result.text.contains("<script>"), "\(result.text)") }
    if format == "junit" { _ = try XMLDocument(data: Data(result.output)) }
    if format == "json" || format == "sarif" { _ = try JSONSerialization.jsonObject(with: Data(result.output)) }
  }

  @Test func `What no program reads is told`() throws {
    try put("core-half", "b", ["alice", "carol"])
    #expect(try !verify("text").text.contains("stray"))
    let path = "\(folder.path)/signatures/stagex/core-half@sha256=\(ImageMessage.digest("B"))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let told = try verify("text")
    #expect(told.status == 0 && told.text.contains("stray  stagex/core-half@sha256=BBB"), "\(told.text)")
    #expect(try verify("json").text.contains(#""strays":["stagex/core-half@sha256=BBB"#))
    #expect(try verify("github").text.contains("::warning title=stray::"))
  }
}
