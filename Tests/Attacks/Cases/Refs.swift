import GitBridge
import OpenPGP
import Review
import Support

private func name(_ title: String, _ code: String, _ sentence: Int, _ ref: String, _ tries: String) -> Attack {
  Attack("refs/" + title, code, sentence, tries: tries, twin: "`refs/heads/topic`", audit: .cannotTell) { scene, twin in
    .init([(twin ? "refs/heads/topic" : ref, scene.root)])
  }
}

private let identity = "version = 1\nrepository = \"forge.example/x\"\n"

/// A co-signature by cat, and what it is about.
private struct Statement {
  var repository = "forge.example/x"
  var target = "refs/heads/main"
  var person = "cat"
  var base: ObjectID?
  var digest: [UInt8]?
  var path: String?
  var date = Scene.now - 60
}

/// A request with one signature, whose second is a co-signature.
private func coSigned(
  _ title: String, _ tries: String, _ twin: String, code: String = "too-few-endorsers",
  _ spoil: @escaping @Sendable (Scene, inout Statement) throws -> Void
) -> Attack {
  Attack("co-signatures/" + title, code, 86, tries: tries, twin: twin, scene: { try Scene(policy: identity) }) {
    scene, isTwin in
    let change = try scene.commit(scene.root)
    var statement = Statement()
    if !isTwin { try spoil(scene, &statement) }
    try scene.set("cosignatures", try write(scene, statement, change))
    return .init("main", try scene.merge([scene.root, change], by: "bob"))
  }
}

private func write(
  _ scene: Scene, _ statement: Statement, _ head: ObjectID, onto files: Files = Files(), _ parents: [ObjectID] = []
) throws -> ObjectID {
  let digest = try statement.digest ?? scene.git.repository.treeDigestSHA512(scene.git.repository.treeOfCommit(head))
  let bytes = CoSignatureStatement(
    repository: statement.repository, target: statement.target, base: statement.base ?? scene.root, head: head,
    treeDigest: digest, created: nil,
    creator: nil, pullRequest: nil
  ).bytes
  let person = scene[statement.person]
  let path = statement.path ?? "\(head.hex.prefix(2))/\(head.hex)/\(person.fingerprint.hex)"
  let message = TestMessage(bytes, by: person.subkey, at: statement.date).bytes
  return try scene.write(files.with([path: ScriptedFile(content: message)]), parents, by: nil)
}

let refAttacks: [Attack] = [
  name(
    "replace", "replace-ref", 111, "refs/replace/\(String(repeating: "1", count: 40))",
    "a replacement ref shows another object in place of one"),
  name("other-case", "confusable-ref", 112, "refs/heads/Main", "a branch that is main where case does not matter"),
  name("other-unicode", "confusable-ref", 112, "refs/heads/relea\u{17F}e/1", "a branch that folds to a release's name"),
  name(
    "below-a-protected-name", "confusable-ref", 112, "refs/heads/main/x",
    "a branch below main, so that main cannot be made"),
  name(
    "above-a-protected-name", "confusable-ref", 112, "refs/heads/release",
    "a branch release, so that no release/1 can be made"),
  name(
    "below-the-co-signatures", "confusable-ref", 112, "refs/heads/cosignatures/x",
    "a branch in the way of co-signatures"),
  name(
    "short-name", "confusable-ref", 112, "refs/heads/refs/heads/main",
    "a branch that git reads as main by its short name"),
  name(
    "short-name-top", "confusable-ref", 112, "refs/heads/heads/main",
    "a branch called heads/main, which git's short names reach before main"),
  Attack(
    "refs/branch-of-a-tags-name", "confusable-ref", 112,
    tries: "a branch with the name of a release's tag, which `git clone --branch` takes before the tag",
    twin: "a name that no tag has", audit: .cannotTell
  ) { scene, twin in
    try scene.land("tags/9.0", try scene.tag("9.0", scene.root, by: "ann"))
    return .init([(twin ? "refs/heads/9.1" : "refs/heads/9.0", try scene.commit(scene.root, by: nil))])
  },
  coSigned("other-repository", "a co-signature for another repository", "for this one") {
    $1.repository = "forge.example/y"
  },
  coSigned("other-target", "a co-signature for another branch", "for this one") { $1.target = "refs/heads/staging" },
  coSigned("other-tree", "a co-signature whose digest is another tree's", "this tree's") {
    $1.digest = [UInt8](repeating: 7, count: 64)
  },
  coSigned("base-beside", "a base that is no ancestor of the head", "one that is") { scene, statement in
    statement.base = try scene.commit(scene.root)
  },
  coSigned("by-the-merger", "by the person who merges", "by another") { _, statement in statement.person = "bob" },
  Attack(
    "co-signatures/below-the-base", "too-few-endorsers", 86,
    tries: "a co-signature of the last commit is taken for those below its base", twin: "its base is the branch's",
    scene: { try Scene(policy: identity) }
  ) { scene, twin in
    let first = try scene.commit(scene.root)
    let second = try scene.commit(first)
    var statement = Statement()
    if !twin { statement.base = first }
    try scene.set("cosignatures", try write(scene, statement, second))
    return .init("main", try scene.merge([scene.root, second], by: "bob"))
  },
  Attack(
    "co-signatures/commit-on-top", "too-few-endorsers", 86,
    tries: "after the co-signature another commit is put on top", twin: "none is",
    scene: { try Scene(policy: identity) }
  ) {
    scene, twin in
    let change = try scene.commit(scene.root)
    try scene.set("cosignatures", try write(scene, Statement(), change))
    return .init("main", try scene.merge([scene.root, twin ? change : try scene.commit(change)], by: "bob"))
  },
  Attack(
    "co-signatures/strangers-settle-themselves", "too-few-endorsers", 87,
    tries: "two strangers list themselves in a last commit and co-sign it from the trust root on; the server is empty",
    twin: "two maintainers co-sign it", scene: { try Scene(policy: identity) }
  ) { scene, twin in
    for ref in ["main", "staging"] { try scene.set(ref, .zero) }
    let (one, two) = (Scene.Person("mallory"), Scene.Person("friend"))
    let rules = scene.listing(scene.people + [one, two])
    scene.people += [one, two]
    let tip = try scene.commit(scene.root, by: twin ? "ann" : "mallory", rules)
    var files = Files()
    var top: ObjectID?
    for person in twin ? ["bob", "cat"] : ["mallory", "friend"] {
      var statement = Statement()
      statement.person = person
      top = try write(scene, statement, tip, onto: files, top.map { [$0] } ?? [])
      files = scene.files(top!)
    }
    return .init([("main", tip), ("cosignatures", top!)])
  },
  Attack(
    "co-signatures/file-removed", "co-signature-removed", 113, tries: "a co-signature is taken back",
    twin: "another one is added", audit: .cannotTell, scene: { try Scene(policy: identity) }
  ) { scene, twin in
    let change = try scene.commit(scene.root)
    let first = try scene.land("cosignatures", try write(scene, Statement(), change))
    var more = Statement()
    more.person = "ann"
    return .init(
      "cosignatures",
      twin
        ? try write(scene, more, change, onto: scene.files(first), [first]) : try scene.write(Files(), [first], by: nil)
    )
  },
  Attack(
    "co-signatures/strangers-file", "co-signature-invalid", 113, tries: "a stranger adds a statement",
    twin: "a maintainer does", audit: .cannotTell, scene: { try Scene(policy: identity) }
  ) { scene, twin in
    let change = try scene.commit(scene.root)
    var statement = Statement()
    if !twin {
      scene.people.append(Scene.Person("mallory"))
      statement.person = "mallory"
    }
    return .init("cosignatures", try write(scene, statement, change))
  },
  Attack(
    "co-signatures/under-anothers-name", "co-signature-invalid", 113,
    tries: "a statement under another maintainer's fingerprint", twin: "under the maker's", audit: .cannotTell,
    scene: { try Scene(policy: identity) }
  ) {
    scene, twin in
    let change = try scene.commit(scene.root)
    var statement = Statement()
    if !twin { statement.path = "\(change.hex.prefix(2))/\(change.hex)/\(scene["ann"].fingerprint.hex)" }
    return .init("cosignatures", try write(scene, statement, change))
  },
  Attack(
    "co-signatures/ref-deleted", "co-signature-removed", 113, tries: "the ref of the co-signatures is deleted",
    twin: "another is", audit: .cannotTell, scene: { try Scene(policy: identity) }
  ) { scene, twin in
    let change = try scene.commit(scene.root)
    try scene.land("cosignatures", try write(scene, Statement(), change))
    try scene.set("topic", scene.root)
    return .init(twin ? "topic" : "cosignatures", .zero)
  },
]
