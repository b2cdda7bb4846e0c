import GitBridge
import Support
import Testing

private let tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
private let parent = "1111111111111111111111111111111111111111"
private let author = "author A <a@b.c> 1700000000 +0100"
private let committer = "committer C <c@d.e> 1700000001 -0230"
private let signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----"

private func commit(_ headers: String..., message: String = "subject\n") -> [UInt8] {
  Array((headers.joined(separator: "\n") + "\n\n" + message).utf8)
}

private func defect(_ bytes: [UInt8]) -> CommitDefect?? {
  bytes.withUnsafeBytes { CommitParse.parse($0).map(\.defect) }
}

struct CommitParseTests {
  @Test func `the parts of a signed merge are found where they are`() throws {
    let other = "2222222222222222222222222222222222222222"
    let text = """
      tree \(tree)
      parent \(parent)
      parent \(other)
      \(author)
      \(committer)
      encoding ISO-8859-1
      \(signature)

      subject

      """
    let bytes = Array(text.utf8)
    let parse = try #require(bytes.withUnsafeBytes { CommitParse.parse($0) })
    #expect(parse.defect == nil)
    #expect(parse.tree.hex == tree)
    #expect(parse.parents.map(\.hex) == [parent, other])
    #expect(parse.committerTime == 1_700_000_001)
    #expect(String(decoding: bytes[parse.author], as: UTF8.self) == "A <a@b.c> 1700000000 +0100")
    #expect(String(decoding: bytes[parse.committer], as: UTF8.self) == "C <c@d.e> 1700000001 -0230")
    #expect(String(decoding: bytes[parse.message], as: UTF8.self) == "subject\n")
    bytes.withUnsafeBytes { raw in
      let (before, after) = parse.payload(in: raw)
      #expect(String(decoding: before, as: UTF8.self).hasSuffix("encoding ISO-8859-1\n"))
      #expect(String(decoding: after, as: UTF8.self) == "\nsubject\n")
      let armor = String(decoding: parse.signatureArmor(in: raw), as: UTF8.self)
      #expect(armor == "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n")
    }
  }

  @Test func `an unsigned commit is its own payload`() throws {
    let bytes = commit("tree \(tree)", author, committer)
    try bytes.withUnsafeBytes { raw in
      let parse = try #require(CommitParse.parse(raw))
      let (before, after) = parse.payload(in: raw)
      #expect(Array(before) == bytes && after.isEmpty && parse.signature == nil)
      #expect(parse.signatureArmor(in: raw).isEmpty)
    }
  }

  /// Each is a well-formed commit with one thing changed; the twins are in `oddButLegal`.
  static let attacks: [(CommitDefect, [UInt8])] = [
    (.nulByte, commit("tree \(tree)", author, committer, signature, message: "subject\n\0evil\n")),
    (.nulByte, commit("tree \(tree)", author, committer, signature) + [0]),
    (.nulByte, commit("tree \(tree)", author, committer, "x-note a\0b")),
    (.nulByte, commit("tree \(tree)", "author A\0 <a@b.c> 1700000000 +0100", committer)),
    (.repeatedTree, commit("tree \(tree)", "tree \(tree)", author, committer)),
    (.repeatedTree, commit("tree \(tree)", "parent \(parent)", "tree \(tree)", author, committer)),
    (.repeatedTree, commit("tree \(tree)", author, committer, "tree \(tree)")),
    (.misplacedParent, commit("tree \(tree)", author, committer, "parent \(parent)")),
    (.committerMissing, commit("tree \(tree)", author, "parent \(parent)", committer)),
    (.committerMissing, commit("tree \(tree)", author, author, committer)),
    (.repeatedAuthor, commit("tree \(tree)", author, committer, author)),
    (.repeatedCommitter, commit("tree \(tree)", author, committer, committer)),
    (.authorMissing, commit("tree \(tree)", committer, author)),
    (.authorMissing, commit("tree \(tree)", committer)),
    (.authorMissing, commit("tree \(tree)", signature, author, committer)),
    (.committerMissing, commit("tree \(tree)", author)),
    (.committerMissing, commit("tree \(tree)", author, signature, committer)),
    (.repeatedSignature, commit("tree \(tree)", author, committer, signature, signature)),
    (.repeatedSignature, commit("tree \(tree)", author, committer, signature, "x-note y", "gpgsig z")),
    (.sha256Signature, commit("tree \(tree)", author, committer, signature, "gpgsig-sha256 z")),
    (.strayContinuation, commit("tree \(tree)", author, committer, " more")),
    (.committerMissing, commit("tree \(tree)", author, " more", committer)),
    (.authorMissing, commit("tree \(tree)", " more", author, committer)),
    (.badHeader, commit("tree \(tree)", author, committer, "gpgsig")),
    (.badHeader, commit("tree \(tree)", author, committer, "noseparator")),
    (.badHeader, commit("tree \(tree)", author, committer, "key\twith tab")),
    (.badHeader, commit("tree \(tree)", author, committer, "gpg\u{200B}sig z")),
    (.badHeader, Array("tree \(tree)\n\(author)\n\(committer)\nx-note cut off".utf8)),
    (.badParent, commit("tree \(tree)", "parent \(parent)0", author, committer)),
    (.badParent, commit("tree \(tree)", "parent \(parent.dropLast())", author, committer)),
    (.badParent, commit("tree \(tree)", "parent ABCDEF0000000000000000000000000000000000", author, committer)),
    (.badParent, commit("tree \(tree)", "parent \(parent) ", author, committer)),
    (.noBlankLine, Array("tree \(tree)\n\(author)\n\(committer)\n".utf8)),
    (.noBlankLine, Array("tree \(tree)\n\(author)\n\(committer)\n\(signature)\n".utf8)),
    (.noBlankLine, Array("tree \(tree)\n\(author)\n\(committer)".utf8)),
    (.noBlankLine, Array("tree \(tree)\n\(author)".utf8)),
    (.authorMissing, Array("tree \(tree)\n".utf8)),
    (.authorMissing, Array("tree \(tree)\n\nsubject\n".utf8)),
  ]

  @Test(arguments: attacks)
  func `a commit that readers could understand differently is malformed`(expected: CommitDefect, bytes: [UInt8]) {
    #expect(defect(bytes) == .some(.some(expected)))
  }

  static let oddButLegal: [[UInt8]] = [
    commit("tree \(tree)", author, committer),
    commit("tree \(tree)", "parent \(parent)", author, committer, signature),
    commit("tree \(tree)", "parent \(parent)", "parent \(parent)", author, committer),
    commit("tree \(tree)", author, committer, "encoding UTF-7", signature),
    commit("tree \(tree)", author, committer, signature, "encoding ISO-8859-1"),
    commit("tree \(tree)", author, committer, "change-id zzyyxxwwvv", signature),
    commit("tree \(tree)", author, committer, "x-note a", "x-note a", "HG:rename-source hg"),
    commit("tree \(tree)", author, committer, "x-note \r"),
    // A merge of a signed tag carries the tag, and in it a signature that is not the commit's.
    commit(
      "tree \(tree)", "parent \(parent)", author, committer,
      """
      mergetag object \(parent)\n type commit\n tag v1\n tagger T <t@t> 1 +0000\n \n text\n \
      -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----
      """,
      signature),
    commit("tree \(tree)", author, committer, message: ""),
    // A signature in the message is text: libgit2 takes it for the commit's own.
    commit("tree \(tree)", author, committer, message: "subject\n\n\(signature)\n"),
    commit("tree \(tree)", author, committer, message: "tree \(tree)\nauthor x\n"),
    commit("tree \(tree)", author, committer, message: "no line end"),
    commit("tree \(tree)", author, committer, message: "caf\u{E9} \u{1F600}\n") + [0xFF, 0xFE, 0x0A],
  ]

  @Test(arguments: oddButLegal)
  func `what git and its peers write is well formed`(bytes: [UInt8]) {
    #expect(defect(bytes) == .some(.none))
  }

  @Test func `a signature in the message is not the commit's`() throws {
    let bytes = commit("tree \(tree)", author, committer, message: "subject\n\n\(signature)\n")
    #expect(try #require(bytes.withUnsafeBytes { CommitParse.parse($0) }).signature == nil)
  }

  @Test(arguments: [
    "", "tree ", "tree \(tree)", "tree \(tree) \n", "Tree \(tree)\n", " tree \(tree)\n", "parent \(parent)\n",
  ])
  func `without a tree line there is nothing to read`(text: String) {
    #expect(Array(text.utf8).withUnsafeBytes { CommitParse.parse($0) == nil })
  }

  @Test func `every beginning of a commit is read without harm`() {
    let bytes = commit("tree \(tree)", "parent \(parent)", author, committer, "x-note a\n b", signature)
    let end = bytes.count - "subject\n".utf8.count
    for length in 0..<end {
      let cut = Array(bytes[..<length])
      if let found = defect(cut) { #expect(found != nil, "cut at \(length)") }
    }
    for length in end...bytes.count { #expect(defect(Array(bytes[..<length])) == .some(.none)) }
  }

  static let subjects: [(String, Bool)] = [
    ("Adopt", true), ("adopt\n", true), ("ADOPT: x", true), ("aDoPt this", true), ("\n\nAdopt\n", true),
    ("adopt-this", true), ("Adopt.\n", true), ("adopt\tx", true), ("Adopt\r\n", true), ("adopt\nadopted\n", true),
    ("adopted", false), ("Adopts x", false), ("adopt1", false), ("adopt_x", false), ("adopt\u{E9}", false),
    ("adopt\u{2014}x", true), ("Adopt\u{2013} x", true), ("Adopt\u{2026}", true), ("adopt\u{A0}x", true),
    ("adopt\u{3000}x", true),
    ("adopt\u{1F44D}", true), ("adopt\u{AB}x\u{BB}", true), ("adopt\u{2028}x", true), ("adopt\u{301}", false),
    ("adopt\u{430}", false),
    ("adopt\u{660}", false), ("adopt\u{203F}x", false), ("adopt\u{200D}ed", false), ("adopt\u{AD}ed", false),
    ("adopt\u{FF3F}x", false),
    (" adopt", false), (" \nadopt", false), ("re-adopt", false), ("", false), ("adop", false), ("\n\n", false),
    ("x\nadopt\n", false), ("\u{2028}adopt", false),
  ]

  @Test(arguments: subjects)
  func `the word adopt begins the first line that is not empty`(message: String, expected: Bool) throws {
    let bytes = commit("tree \(tree)", author, committer, message: message)
    #expect(try #require(bytes.withUnsafeBytes { CommitParse.parse($0) }).subjectSaysAdopt == expected)
  }
}
