import Foundation
import SignFlow
import Support
import Testing

/// Several files, all of them or none.
@Suite struct AtomicFilesTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func write(_ names: String...) throws {
    try AtomicFile.write(together: names.map { (folder.path + "/" + $0, Array("new\n".utf8)) })
  }

  private func content(_ name: String) -> String? {
    try? String(contentsOfFile: folder.path + "/" + name, encoding: .utf8)
  }
  private var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) ?? [] }

  @Test func `all are written`() throws {
    try folder.write("a", "old\n")
    try write("a", "b")
    #expect(content("a") == "new\n" && content("b") == "new\n")
    #expect(names == ["a", "b"])
  }

  /// A folder in a file's place: it cannot be replaced, and is found out only when the others are in theirs.
  @Test func `when one cannot be, the others are as they were`() throws {
    try folder.write("a", "old\n")
    try folder.write("c/x", "x\n")
    #expect(throws: FlowError.self) { try write("a", "b", "c") }
    #expect(content("a") == "old\n" && content("b") == nil && content("c/x") == "x\n")
    #expect(names == ["a", "c"])
  }

  @Test func `a folder that is not there leaves nothing behind`() throws {
    try folder.write("a", "old\n")
    #expect(throws: FlowError.self) { try write("a", "no/b") }
    #expect(content("a") == "old\n" && names == ["a"])
  }
}
