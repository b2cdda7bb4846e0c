import GitBridge
import OpenPGP
import Review
import Support
import Testing

/// What an audit finds in the cache must say the same as the repository.
@Suite struct AuditCacheTests {
  /// Attack: a link with the bytes of the file whose place it takes has the file's id. What reads the tree without
  /// our care then follows it to somewhere else.
  @Test(arguments: ["MAINTAINERS", "review.toml"], [FileMode.symbolicLink, FileMode.executable])
  func `a file of the rules that became a link is refused by a second audit, too`(_ path: String, _ mode: UInt32) throws
  {
    let world = try World(policy: "version = 1\n")
    var file = try #require(world.files(of: world.root).entries[path])
    file.mode = mode
    let change = try world.commit(on: world.root, by: "ann", [path: file])
    let merge = try world.merge(world.root, change, by: "bob")
    let code = RefusalCode.lockOut
    let expected: Set<Finding> = mode == FileMode.symbolicLink ? [Finding(code, merge)] : []
    #expect(world.push("main", merge).findings == expected)
    for _ in 0..<2 {
      let found = try world.audit(tip: merge).map(\.findings)
      #expect(found == [expected])
    }
  }

  /// Attack: the folder of the certificates becomes a submodule that has the folder's id. Nobody's key can be read
  /// from then on.
  @Test(arguments: [FileMode.gitlink, FileMode.folder])
  func `a folder of certificates that became something else holds none`(_ mode: UInt32) throws {
    let world = try World(policy: "version = 1\ngitlinks = true\n")
    let tree = try world.repository.tree(world.repository.treeOfCommit(world.root)).map { entry in
      entry.name == Array("keys".utf8) ? TreeEntry(mode: mode, name: entry.name, id: entry.id) : entry
    }
    var bytes: [UInt8] = []
    for entry in tree {
      bytes += Array(String(entry.mode, radix: 8).utf8)
      bytes += [0x20]
      bytes += entry.name
      bytes += [0]
      bytes += entry.id.bytes
    }
    let changed = try world.repository.write(.tree, bytes)
    func write(_ parents: [ObjectID], _ person: String) throws -> ObjectID {
      let id = try world.git.commit(tree: changed, parents: parents, signedBy: world.signature(of: person))
      world.know(id, world.files(of: world.root))
      return id
    }
    let merge = try write([world.root, write([world.root], "ann")], "bob")
    let next = try write([merge, write([merge], "ann")], "bob")
    for _ in 0..<2 {
      let verdicts = try world.audit(tip: next)
      let isFolder = mode == FileMode.folder
      #expect(verdicts.map(\.outcome) == (isFolder ? [.accepted, .accepted] : [.refused, .refused]))
      #expect(world.push("main", merge).findings == (isFolder ? [] : [Finding(.lockOut, merge)]))
    }
  }
}
