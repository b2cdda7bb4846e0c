import Support
import Testing

/// The virtual card and the test forge have tests of their own, in the language they are written in.
struct ToolsOwnTests {
  @Test(.enabled(if: VirtualCard.isPossible, "needs gnupg, scdaemon, cc and python3-cryptography"))
  func `The virtual card keeps its own promises`() throws { try runTests(of: "VirtualCard") }

  @Test(.enabled(if: TestForge.isPossible, "needs git, curl and python3"))
  func `The test forge keeps its own promises`() throws { try runTests(of: "Forge") }

  private func runTests(of tool: String) throws {
    let folder = "\(Tool.packageFolder)/Tests/\(tool)"
    let result = try Tool.run(
      "/usr/bin/python3", ["-B", "-m", "unittest", "discover", "-s", "tests", "-t", "."], folder: folder, seconds: 600)
    #expect(result.status == 0, "\(result.errorText)")
  }
}
