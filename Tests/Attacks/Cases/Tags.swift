import GitBridge
import Review
import Support

private func five() throws -> Scene { try Scene { $0 += [Scene.Person("dan"), Scene.Person("eve")] } }

let tagAttacks: [Attack] = [
  Attack(
    "tags/by-revoked-key-on-old-release", "tag-unsigned", 32, 107,
    tries: "a stolen key tags a state of a release branch that was cut when it was listed",
    twin: "today's maintainer tags it", audit: .cannotTell, scene: five
  ) {
    scene, twin in
    scene["dan"] = scene["dan"].revoked(2)
    try scene.land("main", try scene.work(on: "main", scene.listing(scene.people)))
    try scene.land("release/1", scene.root)
    return .init("tags/1.0", try scene.tag("1.0", scene.root, by: twin ? "ann" : "dan", at: Scene.now - 50 * Scene.day))
  },
  Attack(
    "tags/by-removed-person", "tag-unsigned", 107,
    tries: "somebody who was removed tags the release branch of their time", twin: "somebody who is listed",
    audit: .cannotTell, scene: five
  ) {
    scene, twin in
    try scene.land("main", try scene.work(on: "main", scene.listing(scene.people.filter { $0.id != "dan" })))
    try scene.land("release/a", scene.root)
    return .init("tags/1.0", try scene.tag("1.0", scene.root, by: twin ? "ann" : "dan"))
  },
  Attack(
    "tags/on-inner-commit", "tag-target-unprotected", 9, 108,
    tries: "a maintainer's tag on an inner commit of a merged request", twin: "on the merge", audit: .cannotTell
  ) { scene, twin in
    let inner = try scene.commit(scene.root, by: nil, ["evil": "evil\n"])
    let head = try scene.adopt(try scene.commit(inner, by: nil, ["evil": nil]), by: "ann")
    let state = try scene.land("main", try scene.merge([scene.root, head], by: "bob"))
    return .init("tags/9.0", try scene.tag("9.0", twin ? state : inner, by: "ann"))
  },
  Attack(
    "tags/on-unprotected-branch", "tag-target-unprotected", 108, tries: "on a branch that nobody judges",
    twin: "on the lead", audit: .cannotTell
  ) { scene, twin in
    try scene.set("topic", try scene.work(on: "main"))
    return .init("tags/9.0", try scene.tag("9.0", twin ? scene.root : try scene.tip("topic"), by: "ann"))
  },
  Attack(
    "tags/below-trust-root", "tag-target-unprotected", 6, 108, tries: "on a commit below the trust root",
    twin: "on the trust root", audit: .cannotTell
  ) { scene, twin in
    let old = scene.root
    let root = try scene.land("main", try scene.work(on: "main"))
    scene.settings.trustRoot = root
    return .init("tags/9.0", try scene.tag("9.0", twin ? root : old, by: "ann"))
  },
  Attack(
    "tags/under-another-name", "tag-name-mismatch", 106,
    tries: "the signed tag of one version under the name of another", twin: "under its own", audit: .cannotTell
  ) { scene, twin in
    .init("tags/9.1", try scene.tag("9.1", scene.root, by: "ann", inner: twin ? "9.1" : "9.0"))
  },
  Attack(
    "tags/moved", "tag-moved", 109, tries: "a tag moves to a newer state",
    twin: "the newer state gets a tag of its own", audit: .cannotTell
  ) { scene, twin in
    try scene.land("tags/9.0", try scene.tag("9.0", scene.root, by: "ann"))
    let state = try scene.land("main", try scene.work(on: "main"))
    let name = twin ? "9.1" : "9.0"
    return .init("tags/" + name, try scene.tag(name, state, by: "ann"))
  },
  Attack(
    "tags/deleted", "deletion", 109, tries: "a tag is deleted", twin: "one that nobody protects is", audit: .cannotTell
  ) { scene, twin in
    let name = twin ? "snapshot" : "9.0"
    try scene.set("tags/" + name, try scene.tag(name, scene.root, by: "ann"))
    return .init("tags/" + name, .zero)
  },
  Attack(
    "tags/not-annotated", "tag-unsigned", 106, tries: "a lightweight tag on a state", twin: "an annotated one",
    audit: .cannotTell
  ) { scene, twin in
    .init("tags/9.0", twin ? try scene.tag("9.0", scene.root, by: "ann") : scene.root)
  },
  Attack(
    "tags/word-for-a-word", "tag-name-mismatch", 122, 106,
    tries: "a tag of a release that needs two, by one alone, under a name that reads as if two stood behind it",
    twin: "their word for the release", audit: .cannotTell,
    scene: { try Scene(policy: "version = 1\n[[tag]]\nname = \"[0-9]*\"\nthreshold = 2\n") }
  ) { scene, twin in
    let name = twin ? "9.0+bob" : "9.0+ann+bob"
    return .init("tags/" + name, try scene.tag(name, scene.root, by: "bob"))
  },
  Attack(
    "tags/newcomer-in-the-same-push", "too-few-endorsers", 2, 107,
    tries: "a person whom a request would list tags what the push brings, and the request lacks a signature",
    twin: "the request has both", audit: .cannotTell
  ) {
    scene, twin in
    let dan = Scene.Person("dan")
    let rules = scene.listing(scene.people + [dan])
    scene.people.append(dan)
    let state =
      twin
      ? try scene.work(on: "main", rules)
      : try scene.merge([scene.root, try scene.commit(scene.root, by: nil, rules)], by: "bob")
    return .init([("main", state), ("tags/9.0", try scene.tag("9.0", state, by: "dan"))])
  },
]
