import GitBridge
import OpenPGP
import Review
import Support

/// Two more maintainers, so that two can go.
private func five(policy: String? = nil, lead: String? = nil) throws -> Scene {
  try Scene(policy: policy, lead: lead) { $0 += [Scene.Person("dan"), Scene.Person("eve")] }
}

/// A request whose inner commit changes the rules and takes it back, adopted and merged. The inner commit.
private func hidden(_ scene: Scene, _ rules: Scene.Changes) throws -> ObjectID {
  let inner = try scene.commit(scene.root, rules)
  let back = try scene.write(scene.files(scene.root), [inner], by: nil)
  let head = try scene.adopt(try scene.commit(back), by: "ann")
  try scene.land("main", try scene.merge([scene.root, head], by: "bob"))
  return inner
}

private func outsiders(_ scene: Scene) -> Scene.Changes {
  scene.listing(scene.people + [Scene.Person("mallory"), Scene.Person("friend")])
}

/// On a commit, work that two outsiders sign.
private func strangersWork(_ scene: Scene, on base: ObjectID) throws -> ObjectID {
  let (mallory, friend) = (Scene.Person("mallory").subkey, Scene.Person("friend").subkey)
  let head = try scene.commit(base) { mallory.sign($0, at: Scene.now - 60) }
  return try scene.merge([base, head], by: nil) { friend.sign($0, at: Scene.now - 60) }
}

extension Scene {
  fileprivate func commit(_ parent: ObjectID, _ sign: @escaping Sign) throws -> ObjectID {
    try commit(parent, by: nil, nil, sign: sign)
  }
  fileprivate func merge(_ parents: [ObjectID], by id: String?, _ sign: @escaping Sign) throws -> ObjectID {
    try merge(parents, by: id, [:], sign: sign)
  }
  fileprivate func commit(_ parent: ObjectID, _ changes: Changes) throws -> ObjectID {
    try commit(parent, by: nil, changes)
  }
}

let branchAttacks: [Attack] = [
  Attack(
    "branches/release-at-inner-commit", "too-few-endorsers", 9, 11, 18,
    tries: "a release branch begins at the inner commit of a merged request that lists outsiders in MAINTAINERS",
    twin: "it begins at the lead's tip"
  ) { scene, twin in
    let inner = try hidden(scene, outsiders(scene))
    return .init("release/9", twin ? try scene.tip("main") : inner)
  },
  Attack(
    "branches/release-on-inner-commit", "rules-elsewhere", 11, 43,
    tries: "two outsiders sign a release branch on the inner commit that lists them",
    twin: "two maintainers sign it on the lead's tip"
  ) { scene, twin in
    let inner = try hidden(scene, outsiders(scene))
    guard twin else { return .init("release/9", try strangersWork(scene, on: inner)) }
    try scene.set("release/9", try scene.tip("main"))
    return .init("release/9", try scene.work(on: "release/9"))
  },
  Attack(
    "branches/weak-policy-on-inner-commit", "too-few-endorsers", 10, 11, 41,
    tries: "one maintainer signs a release branch on an inner commit whose policy asks for one",
    twin: "two sign it at the lead's tip",
    scene: { try Scene(policy: "version = 1\n") }
  ) { scene, twin in
    let inner = try hidden(scene, ["review.toml": .file("version = 2\nthreshold = 1\n")])
    guard twin else { return .init("release/9", try scene.commit(inner, by: "cat")) }
    try scene.set("release/9", try scene.tip("main"))
    return .init("release/9", try scene.work(on: "release/9"))
  },
  Attack(
    "branches/release-below-trust-root", "unrelated-history", 6, 9, 21,
    tries: "a release branch begins below the trust root, where an outsider was a maintainer",
    twin: "it begins at the trust root",
    scene: { try five() }
  ) { scene, twin in
    let old = scene.root
    let gone = scene.people.filter { !["dan", "eve"].contains($0.id) }
    let root = try scene.land("main", try scene.work(on: "main", scene.listing(gone)))
    try scene.land("staging", try scene.merge([old, root], by: "cat"))
    scene.settings.trustRoot = root
    let base = twin ? root : old
    let head = try scene.adopt(try scene.commit(base), by: twin ? "ann" : "dan")
    return .init([("release/9", try scene.merge([base, head], by: twin ? "bob" : "eve"))])
  },
  Attack(
    "branches/release-by-revoked-keys", "revoked-key", 32, 41,
    tries: "two keys revoked as compromised create a release branch from a state before the revocation",
    twin: "two others do", scene: { try five() }
  ) { scene, twin in
    scene.people = scene.people.map { ["dan", "eve"].contains($0.id) ? $0.revoked(2) : $0 }
    try scene.land("main", try scene.work(on: "main", scene.listing(scene.people)))
    let head = try scene.commit(scene.root, by: twin ? "ann" : "dan", at: Scene.now - 50 * Scene.day)
    return .init(
      "release/1", try scene.merge([scene.root, head], by: twin ? "cat" : "eve", at: Scene.now - 50 * Scene.day))
  },
  Attack(
    "branches/lagging-release-by-revoked-keys", "revoked-key", 32, 41,
    tries: "two keys revoked as compromised push to a release branch that has lagged behind",
    twin: "they were not revoked", scene: { try five() }
  ) { scene, twin in
    try scene.land("release/1", scene.root)
    try scene.land("release/1", try scene.work(on: "release/1"))
    if !twin { scene.people = scene.people.map { ["dan", "eve"].contains($0.id) ? $0.revoked(nil) : $0 } }
    try scene.land("main", try scene.work(on: "main", scene.listing(scene.people).merging(scene.fresh()) { $1 }))
    return .init("release/1", try scene.work(on: "release/1", by: ("dan", "eve")))
  },
  Attack(
    "branches/removed-people-on-old-release", "too-few-endorsers", 41,
    tries: "two people who were removed sign a hotfix on a release that was cut when they were listed",
    twin: "people of today sign it",
    audit: .undecided, scene: { try five() }
  ) { scene, twin in
    try scene.land("release/1", scene.root)
    let rest = scene.people.filter { !["dan", "eve"].contains($0.id) }
    try scene.land("main", try scene.work(on: "main", scene.listing(rest)))
    return .init("release/1", try scene.work(on: "release/1", by: twin ? ("ann", "cat") : ("dan", "eve")))
  },
  Attack(
    "branches/main-takes-unjudged-release", "too-few-endorsers", 40, 47,
    tries: "with `from`, main takes by one signature what stands on a release branch and nobody signed",
    twin: "the release has its signatures",
    scene: { try Scene(policy: policy(ofMainFrom: ["staging", "release/*"])) }
  ) { scene, twin in
    try scene.land("release/1", scene.root)
    let fix = twin ? try scene.work(on: "release/1") : try scene.commit(scene.root)
    try scene.set("release/1", fix)
    return .init("main", try scene.merge([scene.root, fix], by: "cat"))
  },
  Attack(
    "branches/main-takes-inner-commit", "too-few-endorsers", 40,
    tries: "main merges, by one signature, an inner commit that the lead has reached but that is no state",
    twin: "it merges the lead's state",
    scene: { try Scene(lead: "staging") }
  ) { scene, twin in
    let inner = try scene.commit(scene.root, ["evil": "evil\n"])
    let back = try scene.write(scene.files(scene.root), [inner], by: nil)
    let head = try scene.adopt(try scene.commit(back), by: "ann")
    let state = try scene.land("staging", try scene.merge([scene.root, head], by: "bob"))
    return .init("main", try scene.merge([scene.root, twin ? state : inner], by: "cat"))
  },
  Attack(
    "branches/other-branch-empties-audit", "too-few-endorsers", 25,
    tries: "unsigned work on the lead is covered by a release branch cut from it in the same push",
    twin: "the work is signed"
  ) { scene, twin in
    let tip = twin ? try scene.work(on: "main") : try scene.commit(scene.root)
    return .init([("main", tip), ("release/1", tip)])
  },
  Attack(
    "branches/two-lean-on-each-other", "too-few-endorsers", 2, 25, 40,
    tries: "one push moves two protected branches to one unsigned commit",
    twin: "main moves to signed work, staging takes it"
  ) { scene, twin in
    let tip = twin ? try scene.work(on: "main") : try scene.commit(scene.root)
    return .init([("staging", try scene.merge([scene.root, tip], by: "cat")), ("main", tip)], audited: "main")
  },
]
