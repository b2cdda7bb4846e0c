import GitBridge
import Support
import Testing

@Test func `a scripted repository reads back what was written`() throws {
  let scripted = try ScriptedRepository()
  let root = try scripted.commit(files: ["a": "1", "folder/b": .executable("2")])
  let next = try scripted.commit(files: ["a": "3", "folder/b": .executable("2")], parents: [root], message: "Adopt\n")
  try scripted.setRef("refs/heads/main", to: next)
  let repository = try scripted.reopened()
  #expect(try repository.resolve(ref: "refs/heads/main") == next)
  #expect(try repository.resolve(revision: "main~1") == root)
  let (commit, _) = try repository.readCommit(next)
  #expect(commit.defect == nil && commit.parents == [root] && commit.subjectSaysAdopt)
  let changes = try repository.changes(
    from: repository.treeOfCommit(root), to: repository.treeOfCommit(next))
  #expect(changes.map { String(decoding: $0.path, as: UTF8.self) } == ["a"])
  var seen: [ObjectID] = []
  try repository.walk(from: [next], hiding: [], exact: true) { id, _, _ in seen.append(id) }
  #expect(Set(seen) == [root, next] && seen.count == 2)
  #expect(try repository.isAncestor(root, of: next))
  #expect(try !repository.isAncestor(next, of: root))
}

@Test func `merging again gives the tree without writing it`() throws {
  let scripted = try ScriptedRepository()
  let base = try scripted.commit(files: ["a": "1\n2\n3\n4\n5\n", "b": "x\n"])
  let left = try scripted.commit(files: ["a": "one\n2\n3\n4\n5\n", "b": "x\n"], parents: [base])
  let right = try scripted.commit(files: ["a": "1\n2\n3\n4\nfive\n", "b": "x\n"], parents: [base])
  let repository = try scripted.reopened()
  let result = try repository.mergeAgain(parents: [left, right])
  guard case .clean(let tree) = result else {
    Issue.record("conflict")
    return
  }
  #expect(try repository.kind(of: tree) == nil)
  #expect(try scripted.tree(["a": "one\n2\n3\n4\nfive\n", "b": "x\n"]) == tree)
}
