import Foundation
import GitBridge
import Review
import Support
import Testing

/// rule.md, "A commit is well formed if…": what git, libgit2 and forges would each read in their own way.
@Suite struct MalformedCommitTests {
  let world: World
  var root: ObjectID { world.root }

  init() throws { world = try World() }

  /// A well-formed and rightly signed commit in which one text was replaced by another afterwards.
  private func spoilt(_ old: String, _ new: String) throws -> ObjectID {
    try world.commitRaw(on: [root], by: "bob") { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      precondition(text.contains(old))
      let range = text.range(of: old)!
      return Array(text.replacingCharacters(in: range, with: new).utf8)
    }
  }

  private func expectMalformed(_ change: ObjectID, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let inner = try world.merge(root, change, by: "ann")
    let outer = try world.merge(root, inner, by: "cat")
    // Two maintainers merged it: the form refuses all the same.
    #expect(world.push("main", outer).findings == [Finding(.malformedCommit, change)], sourceLocation: sourceLocation)
  }

  @Test func `the same commit unspoilt is accepted`() throws {
    let change = try world.commitRaw(on: [root], by: "bob") { $0 }
    #expect(world.push("main", try world.merge(root, change, by: "ann")).findings == [])
  }

  @Test(arguments: [
    ("\nauthor ", "\nauthor A <a@b> 1 +0000\nauthor "),
    ("\ncommitter ", "\ncommitter A <a@b> 1 +0000\ncommitter "),
    ("\ngpgsig ", "\ntree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\ngpgsig "),
    ("\ngpgsig ", "\nparent 4b825dc642cb6eb9a060e54bf8d69288fbee4904\ngpgsig "),
    ("\ngpgsig ", "\ngpgsig-sha256 x\ngpgsig "),
    ("\ngpgsig ", "\ngpgsig x\ngpgsig "),
    ("\ngpgsig ", "\nnothing\ngpgsig "),
    ("\nauthor A Person <", "\nauthor A Person "),
    (" +0000\ncommitter", " UTC\ncommitter"),
    ("\n\nchange", "\n\nchange\0hidden"),
  ])
  func `malformed-commit: spoilt in one place`(_ old: String, _ new: String) throws {
    try expectMalformed(try spoilt(old, new))
  }

  @Test func `malformed-commit: two tree lines at the start`() throws {
    let tree = try world.git.tree(world.files(of: root).with(["backdoor": "evil"]))
    let change = try world.commitRaw(on: [root], by: "bob") { Array("tree \(tree)\n".utf8) + $0 }
    world.know(change, world.files(of: root).with(["backdoor": "evil"]))
    let outer = try world.merge(root, change, by: "ann")
    #expect(world.push("main", outer).findings.contains(Finding(.malformedCommit, change)))
  }

  /// Attack: libgit2 takes a signature block out of the message, GPGME says good, git says unsigned.
  @Test func `too-few-endorsers: a signature in the message is no signature`() throws {
    let payload = world.git.commitBytes(
      tree: try world.git.tree(world.files(of: root).with(["a": "b"])), parents: [root], message: "change\n")
    let text = String(decoding: payload, as: UTF8.self)
    let block = String(
      decoding: ScriptedRepository.folded("gpgsig", world.signature(of: "bob")(payload)), as: UTF8.self)
    let change = try world.git.commit(raw: Array((text + "\n" + block).utf8))
    world.know(change, world.files(of: root).with(["a": "b"]))
    #expect(
      world.push("main", try world.merge(root, change, by: "ann")).findings == [Finding(.tooFewEndorsers, change)])
  }

  @Test func `bad-signature: text added to the message after signing`() throws {
    let change = try spoilt("\n\nchange", "\n\nchange more")
    let verdict = world.push("main", try world.merge(root, change, by: "ann"))
    #expect(verdict.findings == [Finding(.badSignature, change), Finding(.tooFewEndorsers, change)])
  }

  @Test(arguments: [
    "encoding ISO-8859-1", "change-id zkmopqrs", "HG:rename old:new", "mergetag object 1\n type commit",
  ])
  func `further headers are no defect`(_ header: String) throws {
    let parts = header.split(separator: " ", maxSplits: 1).map(String.init)
    let tree = world.files(of: root).with(["a": "b"])
    let change = try world.git.commit(
      files: tree, parents: [root], extraHeaders: [(parts[0], parts[1].replacingOccurrences(of: "\n ", with: "\n"))],
      signedBy: world.signature(of: "bob"))
    world.know(change, tree)
    #expect(world.push("main", try world.merge(root, change, by: "ann")).findings == [])
  }
}
