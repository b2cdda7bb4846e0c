import GitBridge
import OpenPGP
import Review
import Support

private let two = "version = 2\n"

private func guarded() throws -> Scene {
  try Scene(
    policy:
      """
      version = 1
      [groups]
      boot = ["cat"]
      [[path]]
      match = ["boot/**", "MAINTAINERS"]
      groups = ["boot"]

      """,
    files: ["boot/kernel": "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n"])
}

/// A step of the lead that changes the rules, signed by two: the attack's change or the twin's.
private func step(_ scene: Scene, _ twin: Bool, _ attack: Scene.Changes, _ honest: Scene.Changes? = nil) throws
  -> Attack.Push
{
  .init("main", try scene.work(on: "main", twin ? honest ?? scene.fresh() : attack))
}

private func lockOut(
  _ name: String, also further: Int? = nil, _ tries: String, _ twin: String,
  _ change: @escaping @Sendable (Scene, Bool) throws -> Scene.Changes,
  scene: @escaping @Sendable () throws -> Scene = { try Scene(policy: "version = 1\n") }
) -> Attack {
  Attack("rules/" + name, "lock-out", 38, further ?? 10, tries: tries, twin: twin, scene: scene) { scene, isTwin in
    .init("main", try scene.work(on: "main", try change(scene, isTwin)))
  }
}

/// One of the two who sign does not count; the twin's counts.
private func signer(
  _ name: String, _ code: String, _ sentence: Int, _ tries: String, _ twin: String,
  _ change: @escaping @Sendable (inout Scene.Person) -> Void,
  policy: String? = nil
) -> Attack {
  Attack(
    "rules/" + name, code, sentence, 77, tries: tries, twin: twin,
    scene: {
      try Scene(policy: policy) {
        var dan = Scene.Person("dan")
        change(&dan)
        $0.append(dan)
      }
    }
  ) { scene, isTwin in .init("main", try scene.work(on: "main", by: (isTwin ? "cat" : "dan", "bob"))) }
}

let ruleAttacks: [Attack] = [
  lockOut("keys-deleted", "two maintainers delete keys/", "they delete a file beside it") { scene, twin in
    if twin { return ["a": nil] }
    var gone: Scene.Changes = [:]
    for person in scene.people { gone.updateValue(nil, forKey: "keys/\(person.fingerprint.hex).asc") }
    return gone
  },
  lockOut("keys-a-link", "keys/ becomes a symbolic link", "another folder does") { scene, twin in
    if twin { return ["other": .link(to: "a")] }
    var gone: Scene.Changes = ["keys": .link(to: "a")]
    for person in scene.people { gone.updateValue(nil, forKey: "keys/\(person.fingerprint.hex).asc") }
    return gone
  },
  lockOut("certificates-garbage", "the certificates of all but one become garbage", "one does, and two are left") {
    scene, twin in
    var changes: Scene.Changes = [:]
    for id in twin ? ["bob"] : ["bob", "cat"] { changes["keys/\(scene[id].fingerprint.hex).asc"] = .file("garbage\n") }
    return changes
  },
  lockOut("one-maintainer-left", "two agree that one is left", "that two are left") { scene, twin in
    scene.listing(scene.people.filter { $0.id == "ann" || twin && $0.id == "bob" })
  },
  lockOut("lead-above-its-followers", "the policy names a lead above what it protects", "one beside that") { _, twin in
    let lead = twin ? "releases" : "release"
    return [
      "review.toml": .file(
        "version = 2\nlead = \"\(lead)\"\n[[branch]]\nname = \"main\"\n[[branch]]\nname = \"release/*\"\n")
    ]
  },
  lockOut("threshold-nine", "the policy asks for nine", "for three") { _, twin in
    ["review.toml": .file("version = 2\nthreshold = \(twin ? 3 : 9)\n")]
  },
  lockOut("branch-threshold-nine", "the policy asks for nine on one branch", "for three") { _, twin in
    [
      "review.toml": .file(
        "version = 2\n[[branch]]\nname = \"main\"\n[[branch]]\nname = \"release/*\"\nthreshold = \(twin ? 3 : 9)\n")
    ]
  },
  lockOut("path-threshold-nine", "a path rule asks for nine", "for three") { _, twin in
    ["review.toml": .file("version = 2\n[[path]]\nmatch = [\"review.toml\"]\nthreshold = \(twin ? 3 : 9)\n")]
  },
  lockOut("group-of-nobody", "a path rule names a group of people who do not exist", "of one who does") { _, twin in
    [
      "review.toml": .file(
        """
        version = 2
        [groups]
        g = ["\(twin ? "ann" : "nobody")"]
        [[path]]
        match = ["review.toml"]
        groups = ["g"]

        """)
    ]
  },
  lockOut("maintainers-unreadable", "MAINTAINERS becomes something that is no TOML", "it stays so") { scene, twin in
    twin ? scene.listing(scene.people).merging(scene.fresh()) { $1 } : ["MAINTAINERS": .file("[people.ann\n")]
  },
  lockOut("maintainers-deleted", "MAINTAINERS is deleted", "another file is") { _, twin in
    twin ? ["a": nil] : ["MAINTAINERS": nil]
  },
  lockOut("policy-unreadable", "the policy has a key that is misspelt", "it has none") { _, twin in
    ["review.toml": .file(twin ? "version = 2\nthreshold = 2\n" : "version = 2\nthreshhold = 1\n")]
  },
  lockOut("policy-twice", "the policy says the version twice", "once") { _, twin in
    ["review.toml": .file(twin ? "version = 2\n" : "version = 2\nversion = 3\n")]
  },
  lockOut("one-key-of-two-people", also: 65, "two people list one key", "two keys") { scene, twin in
    var dan = Scene.Person("dan", seed: twin ? 77 : nil)
    if !twin { dan = Scene.Person("dan", label: "card", seed: nil); dan.certificate = scene["bob"].certificate }
    return scene.listing(scene.people + [dan])
  },
  lockOut(
    "one-subkey-of-two-people", also: 65, "somebody puts another's signing subkey into their own certificate",
    "their own subkey"
  ) { scene, twin in
    var dan = Scene.Person("dan")
    if !twin {
      dan.certificate = TestCertificate(primary: dan.certificate.primary)
      dan.certificate.addUser("dan <dan@example.org>", flags: 0x01)
      dan.certificate.addSubkey(scene["bob"].subkey)
    }
    return scene.listing(scene.people + [dan])
  },
  lockOut("short-key-id", also: 65, "an entry names a key by its short id", "by its fingerprint") { scene, twin in
    let text = String(decoding: Scene.registry(scene.people).entries["MAINTAINERS"]!.content, as: UTF8.self)
    let full = scene["cat"].fingerprint.hex
    return ["MAINTAINERS": .file(twin ? text + "# for certain\n" : text.replacing(full, with: String(full.suffix(16))))]
  },
  lockOut("person-without-key", also: 65, "a person without a key is listed", "with one") { scene, twin in
    var text = String(decoding: Scene.registry(scene.people).entries["MAINTAINERS"]!.content, as: UTF8.self)
    if !twin { text += "[people.dan]\n" }
    return ["MAINTAINERS": .file(text + "# end\n")]
  },
  Attack(
    "rules/version-goes-down", "policy-rollback", 36, tries: "an older policy that was agreed to once is merged again",
    twin: "with a higher version", scene: { try Scene(policy: "version = 5\n") }
  ) {
    scene, twin in
    try step(scene, twin, ["review.toml": .file("version = 4\n")], ["review.toml": .file("version = 6\n")])
  },
  Attack(
    "rules/version-stays", "policy-rollback", 36, tries: "the policy changes and its version does not",
    twin: "the version goes up", scene: { try Scene(policy: "version = 5\n") }
  ) {
    scene, twin in
    try step(
      scene, twin, ["review.toml": .file("version = 5\nthreshold = 3\n")],
      ["review.toml": .file("version = 6\nthreshold = 3\n")])
  },
  Attack(
    "rules/version-jumps", "policy-rollback", 36, tries: "the version jumps so far that no later one is left",
    twin: "by a thousand", scene: { try Scene(policy: "version = 5\n") }
  ) {
    scene, twin in
    try step(scene, twin, ["review.toml": .file("version = 1006\n")], ["review.toml": .file("version = 1005\n")])
  },
  Attack(
    "rules/policy-deleted", "policy-rollback", 36, tries: "the policy is deleted, so that the defaults hold",
    twin: "its threshold goes up", scene: { try Scene(policy: "version = 1\nthreshold = 2\n") }
  ) {
    scene, twin in try step(scene, twin, ["review.toml": nil], ["review.toml": .file("version = 2\nthreshold = 3\n")])
  },
  Attack(
    "rules/kind-changes", "policy-rollback", 36,
    tries: "the source becomes a repository of signatures, where one maintainer suffices", twin: "it stays what it is",
    scene: { try Scene(policy: "version = 1\n") }
  ) {
    scene, twin in
    try step(scene, twin, ["review.toml": .file("version = 2\nkind = \"signatures\"\n")], ["review.toml": .file(two)])
  },
  signer("machine-key", "machine-key", 66, "a machine's key is one of the two", "a person's is") {
    $0.lines.append("machine = true")
  },
  signer("shared-key", "machine-key", 66, "a key that several people share is one of the two", "a person's own is") {
    $0.lines.append("shared = true")
  },
  signer(
    "not-on-a-card", "key-not-on-card", 68, "a key of which no card is declared is one of the two", "one with a card is"
  ) { $0.lines = [] },
  signer(
    "declared-is-not-witnessed", "key-not-on-card", 69, "the policy asks for witnesses, and the entry only declares",
    "nobody asks", { _ in }, policy: "version = 1\nevidence = \"witnessed\"\n"
  ).declaredTwin,
  signer(
    "certificate-missing", "too-few-endorsers", 67, "the certificate of one of the two is no certificate", "it is one"
  ) { $0.file = Array("none\n".utf8) },
  Attack(
    "rules/two-keys-of-one-person", "too-few-endorsers", 64, tries: "one person signs with two keys",
    twin: "two people sign", scene: { try Scene { $0.append(Scene.Person("ann", label: "spare")) } }
  ) {
    scene, twin in
    let spare = scene.people[3].subkey
    let head = try scene.commit(
      scene.root, by: twin ? "cat" : nil, sign: twin ? nil : { spare.sign($0, at: Scene.now - 60) })
    return .init("main", try scene.merge([scene.root, head], by: "ann"))
  },
  Attack(
    "rules/guarded-path", "path-needs-more", 99, 100,
    tries: "two maintainers outside the group change a guarded folder", twin: "one of the group takes part",
    scene: guarded
  ) {
    scene, twin in
    .init("main", try scene.work(on: "main", ["boot/kernel": "evil\n"], by: ("ann", twin ? "cat" : "bob")))
  },
  Attack(
    "rules/guarded-path-other-case", "path-needs-more", 101, tries: "they write Boot/kernel beside boot/kernel",
    twin: "one of the group does", scene: guarded
  ) {
    scene, twin in
    .init("main", try scene.work(on: "main", ["Boot/kernel": "evil\n"], by: ("ann", twin ? "cat" : "bob")))
  },
  Attack(
    "rules/guarded-path-other-unicode", "path-needs-more", 101,
    tries: "they write the guarded name in the other Unicode form", twin: "one of the group does",
    scene: {
      try Scene(policy: "version = 1\n[groups]\ng = [\"cat\"]\n[[path]]\nmatch = [\"é/**\"]\ngroups = [\"g\"]\n")
    }
  ) {
    scene, twin in
    .init("main", try scene.work(on: "main", ["e\u{301}/x": "evil\n"], by: ("ann", twin ? "cat" : "bob")))
  },
  Attack(
    "rules/guarded-registry-other-case", "path-needs-more", 101, tries: "they write maintainers beside MAINTAINERS",
    twin: "one of the group does", scene: guarded
  ) {
    scene, twin in
    .init("main", try scene.work(on: "main", ["maintainers": "evil\n"], by: ("ann", twin ? "cat" : "bob")))
  },
  Attack(
    "rules/guarded-mode", "path-needs-more", 100, tries: "they make a guarded file executable",
    twin: "one of the group does", scene: guarded
  ) { scene, twin in
    let content = scene.files(scene.root).entries["boot/kernel"]!.content
    let file = ScriptedFile(mode: FileMode.executable, content: content)
    return .init("main", try scene.work(on: "main", ["boot/kernel": file], by: ("ann", twin ? "cat" : "bob")))
  },
  Attack(
    "rules/guarded-and-taken-back", "path-needs-more", 93, 99,
    tries: "a guarded file is changed in one commit and back in the next", twin: "one of the group takes part",
    scene: guarded
  ) {
    scene, twin in
    let old = scene.files(scene.root).entries["boot/kernel"]!
    return .init(
      "main",
      try scene.work(
        on: "main", ["boot/kernel": old, "c": "c\n"], inside: [["boot/kernel": "evil\n"]],
        by: ("ann", twin ? "cat" : "bob")))
  },
  Attack(
    "rules/gitlink", "gitlink", 102, tries: "a submodule comes in", twin: "the policy allows it",
    scene: { try Scene(policy: "version = 1\n") }
  ) { scene, twin in
    if twin {
      try scene.land("main", try scene.work(on: "main", ["review.toml": .file("version = 2\ngitlinks = true\n")]))
    }
    return .init("main", try scene.work(on: "main", ["sub": .gitlink(scene.root)]))
  },
  Attack(
    "rules/unbound-adoption", "too-few-endorsers", 88, 91,
    tries: "where adoptions have to be bound, one without trailers counts", twin: "it has all three",
    scene: { try Scene(policy: "version = 1\nrepository = \"forge.example/x\"\nadoptions = \"bound\"\n") }
  ) { scene, twin in
    let bounds =
      "\nReviewed-Base: \(scene.root)\nReviewed-Target: refs/heads/main\nReviewed-Repository: forge.example/x\n"
    let head = try scene.adopt(try scene.commit(scene.root), by: "ann", message: "Adopt this\n" + (twin ? bounds : ""))
    return .init("main", try scene.merge([scene.root, head], by: "bob"))
  },
]

extension Attack {
  /// The twin of a case whose scene's policy asks too much: the same without the policy.
  fileprivate var declaredTwin: Attack {
    Attack(
      name, code, sentences[0], tries: tries, twin: twin, audit: .refuses, scene: { try Scene(policy: "version = 1\n") }
    ) { scene, isTwin in
      guard !isTwin else { return .init("main", try scene.work(on: "main")) }
      // The trust root itself asks for witnesses; nobody has any.
      let strict = try scene.write(
        scene.files(scene.root).with(["review.toml": .file("version = 2\nevidence = \"witnessed\"\n")]), [scene.root],
        by: nil)
      scene.settings.trustRoot = strict
      try scene.set("main", strict)
      return .init("main", try scene.work(on: "main"))
    }
  }
}
