import Foundation
import Support
import Testing

/// A second card with the same key, in the reader of somebody whose first card is lost.
@Suite(.enabled(if: VirtualCard.isPossible)) struct SpareCardTests {
  private struct Scene {
    let card: VirtualCard
    let folder: TemporaryFolder
    var path: String { folder.path }
    /// The spare card's folder.
    var spare: String { "\(card.home)/spare" }

    /// A repository that lists the card's owner, and a spare with the same key and a number of its own.
    ///
    /// - Parameter other: Whose key the second card holds instead.
    init(keyOf other: VirtualCard? = nil) throws {
      card = try VirtualCard(name: "Alice", subkey: true, serial: 77)
      folder = try TemporaryFolder()
      try folder.write(
        "MAINTAINERS", "[people.alice]\n[keys.alice.card]\nid = \"\(card.fingerprint)\"\ndevices = \"virtual card\"\n")
      try folder.write("keys/\(card.fingerprint).asc", String(decoding: try card.certificate(), as: UTF8.self))
      try Tool.succeed("git", ["init", "--quiet", folder.path])
      try Tool.succeed("git", ["-C", folder.path, "add", "."])
      try Tool.succeed("git", ["-C", folder.path, "commit", "--quiet", "--message", "start"])
      // Whoever makes a spare puts the same secret key on a second card. Its number is its own.
      try FileManager.default.createDirectory(atPath: spare, withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: "\((other ?? card).home)/card/state.json", toPath: "\(spare)/state.json")
      let settings = try String(contentsOfFile: "\(card.home)/card/settings.json", encoding: .utf8)
      try settings.replacing("\"serial\": 77", with: "\"serial\": 78").write(
        toFile: "\(spare)/settings.json", atomically: false, encoding: .utf8)
      try card.remove()
      try card.card("insert", spare)
    }

    func status(_ words: String...) throws -> Tool.Result {
      try Tool.run(
        ServerProgram.command, ["card", "status"] + words, environment: card.environment, folder: path, seconds: 120)
    }
  }

  @Test func `it is not fit until somebody asks for it, and then signs`() throws {
    let scene = try Scene()
    let before = try scene.status()
    #expect(before.status == 1, "\(before.text)\(before.errorText)")
    #expect(before.text.contains("next: stagex-maint card status --use-spare"), "\(before.text)")
    // Looking alone changes nothing.
    #expect(try scene.status().status == 1)
    let after = try scene.status("--use-spare")
    #expect(after.status == 0, "\(after.text)\(after.errorText)")
    #expect(after.text.contains("fit: its signatures count here"), "\(after.text)")
    #expect(try scene.status().status == 0)
    _ = try scene.card.sign(Array("x".utf8))
    let prompts = try scene.card.prompts()
    #expect(prompts.last?.contains("0000004E") == true, "\(prompts)")
  }

  /// The twin: a stranger's card is no spare, whatever is asked.
  @Test func `a card with another key is not taken`() throws {
    let scene = try Scene(keyOf: try VirtualCard(name: "Mallory", subkey: true, serial: 79))
    let result = try scene.status("--use-spare")
    #expect(result.status == 1, "\(result.text)\(result.errorText)")
    #expect(!result.text.contains("--use-spare"), "\(result.text)")
  }
}
