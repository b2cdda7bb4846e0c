import GitBridge
import Support
import Testing

private let target = "1111111111111111111111111111111111111111"
private let head = "object \(target)\ntype commit\ntag v1\n"
private let tagger = "tagger T <t@example.org> 1700000000 +0000\n"
private let armor = "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n"

private func parse(_ text: String) -> TagParse? { Array(text.utf8).withUnsafeBytes { TagParse.parse($0) } }

struct TagParseTests {
  @Test func `the parts of a signed tag are found where they are`() throws {
    let text = head + tagger + "\nrelease\n" + armor
    let tag = try #require(parse(text))
    let bytes = Array(text.utf8)
    #expect(tag.defect == nil && tag.target.hex == target && tag.targetKind == .commit)
    #expect(tag.name == Array("v1".utf8) && tag.taggerTime == 1_700_000_000)
    #expect(String(decoding: bytes[tag.payload], as: UTF8.self) == head + tagger + "\nrelease\n")
    #expect(String(decoding: bytes[try #require(tag.signature)], as: UTF8.self) == armor)
    #expect(String(decoding: bytes[tag.message], as: UTF8.self) == "release\n")
  }

  static let wellFormed: [String] = [
    head + tagger + "\nrelease\n", head + "\nold tags have no tagger\n", head + tagger + "\n",
    "object \(target)\ntype blob\ntag v1\n\nx", "object \(target)\ntype tag\ntag a/b-c_d\n\nx",
    "object \(target)\ntype tree\ntag caf\u{E9}\n\nx",
    // A signature that does not begin its line is text.
    head + tagger + "\n > -----BEGIN PGP SIGNATURE-----\n",
    // What follows the armor is part of the signature, for the reader of armor to refuse.
    head + tagger + "\nrelease\n" + armor + "trailer\n",
  ]

  @Test(arguments: wellFormed)
  func `what git writes is well formed`(text: String) throws {
    #expect(try #require(parse(text)).defect == nil)
  }

  static let attacks: [(TagDefect, String)] = [
    (.nulByte, head + tagger + "\nrelease\n\0evil"),
    (.badType, "object \(target)\ntype commits\ntag v1\n\nx"),
    (.badType, "object \(target)\ntag v1\ntype commit\n\nx"),
    (.badType, "object \(target)\nobject \(target)\ntype commit\ntag v1\n\nx"),
    (.badType, "object \(target)\n"),
    (.badName, "object \(target)\ntype commit\ntag \n\nx"),
    (.badName, "object \(target)\ntype commit\ntag v1 v2\n\nx"),
    (.badName, "object \(target)\ntype commit\ntag v1\u{1B}[31m\n\nx"),
    (.badName, "object \(target)\ntype commit\ntagger T <t@t> 1 +0000\n\nx"),
    (.badTagger, head + "tagger T <t@t 1 +0000\n\nx"),
    (.badHeader, head + "tag v2\n\nx"),
    (.badHeader, head + tagger + tagger + "\nx"),
    (.badHeader, head + tagger + "gpgsig x\n\nx"),
    (.badHeader, head + tagger + " more\n\nx"),
    (.noBlankLine, head),
    (.noBlankLine, head + tagger),
    (.repeatedSignature, head + tagger + "\nrelease\n" + armor + armor),
    (.repeatedSignature, head + tagger + "\n-----BEGIN SSH SIGNATURE-----\n" + armor),
    (.repeatedSignature, head + tagger + "\n-----BEGIN PGP MESSAGE-----\n" + armor),
    (.repeatedSignature, head + tagger + "\n-----BEGIN SIGNED MESSAGE-----\n" + armor),
  ]

  @Test(arguments: attacks)
  func `a tag that readers could understand differently is malformed`(expected: TagDefect, text: String) throws {
    #expect(try #require(parse(text)).defect == expected)
  }

  @Test(arguments: ["", "object ", "object \(target)", "tree \(target)\n", "object \(target.dropLast())\n"])
  func `without an object line there is nothing to read`(text: String) {
    #expect(parse(text) == nil)
  }

  @Test func `the payload is what git verifies`() throws {
    let scripted = try ScriptedRepository()
    let commit = try scripted.commit()
    let id = try scripted.tag("v1", target: commit) { _ in Array(armor.utf8) }
    let (tag, bytes) = try scripted.repository.readTag(id)
    #expect(tag.defect == nil && tag.target == commit)
    #expect(try scripted.git("cat-file", "tag", "\(id)").output == bytes)
    #expect(throws: GitError.wrongType(commit, expected: "tag")) { try scripted.repository.readTag(commit) }
  }
}
