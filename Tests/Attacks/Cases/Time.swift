import GitBridge
import OpenPGP
import Review
import Support

/// Bob's key expires ten days before all this.
private func lapsing() throws -> Scene { try Scene { $0[1] = Scene.Person("bob", lifetime: 90 * 86_400) } }

private func four() throws -> Scene { try Scene { $0.append(Scene.Person("dan")) } }

let timeAttacks: [Attack] = [
  Attack(
    "time/expired-key-dates-back", "expired-key", 26, 27, 29,
    tries: "a key that has expired signs with a date before that; the merge carries today's",
    twin: "the key still lives", scene: lapsing
  ) { scene, twin in
    let head = try scene.commit(scene.root, by: twin ? "cat" : "bob", at: Scene.now - 20 * Scene.day)
    return .init("main", try scene.merge([scene.root, head], by: "ann"))
  },
  Attack(
    "time/all-dated-back", "expired-key", 27, 52,
    tries: "an expired key and its helper date all back to when it lived; without a hook nobody could tell",
    twin: "the key still lives",
    audit: .cannotTell, scene: lapsing
  ) { scene, twin in
    let then = Scene.now - 20 * Scene.day
    let head = try scene.commit(scene.root, by: twin ? "cat" : "bob", at: then)
    return .init("main", try scene.merge([scene.root, head], by: "ann", at: then))
  },
  Attack(
    "time/expired-key-is-not-extended", "expired-key", 29, 30,
    tries: "an expired key signs the step that should extend it, and the new certificate is not in it",
    twin: "the step brings the certificate", scene: lapsing
  ) { scene, twin in
    var bob = scene["bob"]
    bob.certificate.bind(bob.subkey)
    var longer = Scene.Person("bob", lifetime: 90 * 86_400)
    longer.certificate = TestCertificate(primary: bob.certificate.primary)
    longer.certificate.addUser("bob <bob@example.org>", flags: 0x01, lifetime: 90 * 86_400)
    longer.certificate.certifyUser("bob <bob@example.org>", flags: 0x01, lifetime: 900 * 86_400) {
      $0.created = Scene.now - 7200
    }
    longer.certificate.addSubkey(bob.subkey)
    let changes = twin ? scene.listing([scene["ann"], longer, scene["cat"]]) : scene.fresh()
    return .init("main", try scene.work(on: "main", changes))
  },
  Attack(
    "time/revoked-in-the-same-push", "revoked-key", 32,
    tries: "a key signs a step, and a later step of the push reveals that it was stolen",
    twin: "the later step only retires it", scene: four
  ) { scene, twin in
    let first = try scene.work(on: "main", at: Scene.now - 5 * Scene.day)
    let bob = scene["bob"].revoked(twin ? 3 : 2)
    let people = scene.people.map { $0.id == "bob" ? bob : $0 }
    let head = try scene.adopt(try scene.commit(first, by: nil, scene.listing(people)), by: "cat")
    return .init("main", try scene.merge([first, head], by: "dan"))
  },
  Attack(
    "time/revoked-entry-deleted", "revoked-key", 32, 34,
    tries: "the stolen key's entry leaves MAINTAINERS, so that the revocation under keys/ would be forgotten",
    twin: "it leaves without having been stolen", scene: four
  ) { scene, twin in
    let first = try scene.work(on: "main", at: Scene.now - 5 * Scene.day)
    let bob = scene["bob"]
    var changes = scene.listing(scene.people.filter { $0.id != "bob" })
    let file = twin ? bob.certificate.armored : bob.revoked(nil).certificate.armored
    changes["keys/\(bob.fingerprint.hex).asc"] = ScriptedFile(content: file)
    let head = try scene.adopt(try scene.commit(first, by: nil, changes), by: "cat")
    return .init("main", try scene.merge([first, head], by: "dan"))
  },
  Attack(
    "time/revocation-under-another-name", "revoked-key", 34,
    tries: "a stolen key signs on; its revocation lies under keys/ in a file of another name",
    twin: "what lies there revokes nothing", scene: four
  ) { scene, twin in
    let bob = scene["bob"]
    let file = ScriptedFile(content: twin ? bob.certificate.armored : bob.revoked(2).certificate.armored)
    try scene.land("main", try scene.work(on: "main", ["keys/old.asc": file], by: ("ann", "cat")))
    return .init("main", try scene.work(on: "main", by: ("bob", "dan")))
  },
  Attack(
    "time/retired-key-signs-on", "revoked-key", 33, tries: "a key that was retired signs on",
    twin: "before that it may", scene: four
  ) { scene, twin in
    if !twin {
      scene["bob"] = scene["bob"].revoked(3)
      try scene.land("main", try scene.work(on: "main", scene.listing(scene.people), by: ("ann", "cat")))
    }
    return .init("main", try scene.work(on: "main", by: ("bob", "dan")))
  },
  Attack(
    "time/revocation-taken-out", "revocation-lost", 35,
    tries: "two maintainers take a revoked certificate out of keys/", twin: "they take one out that is not revoked",
    scene: four
  ) { scene, twin in
    let bob = scene["bob"]
    if !twin { scene["bob"] = bob.revoked(3) }
    let rest = scene.people.filter { $0.id != "bob" }
    try scene.land(
      "main", try scene.work(on: "main", scene.listing(scene.people).merging(scene.fresh()) { $1 }, by: ("ann", "cat")))
    return .init("main", try scene.work(on: "main", scene.listing(rest, forgetting: [bob]), by: ("ann", "cat")))
  },
  Attack(
    "time/revocation-overwritten", "revocation-lost", 35,
    tries: "the revoked certificate is replaced by one from before the revocation", twin: "the file stays",
    scene: four
  ) { scene, twin in
    let bob = scene["bob"]
    scene["bob"] = bob.revoked(3)
    try scene.land("main", try scene.work(on: "main", scene.listing(scene.people), by: ("ann", "cat")))
    if !twin { scene["bob"] = bob }
    return .init(
      "main", try scene.work(on: "main", scene.listing(scene.people).merging(scene.fresh()) { $1 }, by: ("ann", "cat")))
  },
  Attack(
    "time/revocations-that-cannot-be-read", "registry-invalid", 34,
    tries: "the trust root's keys/ holds more than is looked at, so that what is revoked in it is not known",
    twin: "it holds as much as is looked at", audit: .undecided
  ) { scene, twin in
    // Such a root was never pushed through a hook.
    let big = ScriptedFile(content: [UInt8](repeating: 10, count: (1 << 20) + (twin ? 0 : 1)))
    let root = try scene.write(scene.files(scene.root).with(["keys/more": big]), [], by: nil, message: "start\n")
    scene.settings.trustRoot = root
    for branch in ["main", "staging"] { try scene.set(branch, root) }
    return .init("main", try scene.work(on: "main"))
  },
  Attack(
    "time/revocation-under-forgeries", "lock-out", 38, 34,
    tries:
      """
      revocations in a maintainer's name are forged by the hundred, so that a true one would not be looked at any more
      """,
    twin: "there are a few of them", audit: .cannotTell
  ) { scene, twin in
    let victim = scene["bob"].certificate
    let forged = (0..<(twin ? 50 : 300)).flatMap { number in
      var signature = TestSignature(by: TestKey.ed25519(seed: 77_001), at: Scene.now - Scene.day)
      signature.type = 0x20
      signature.issuerKeyID = victim.primary.fingerprint.keyID
      signature.issuerFingerprint = nil
      signature.hashed += OpenPGPEncoding.subpacket(100, OpenPGPEncoding.number(number, octets: 4))
      return signature.packet(over: victim.primary.hashed)
    }
    return .init("main", try scene.work(on: "main", ["keys/more": ScriptedFile(content: forged)]))
  },
  Attack(
    "time/revocation-under-another-entry", "revoked-key", 34,
    tries:
      """
      the step that brings a revocation brings a symbolic link of the same id too, \
      which is passed over and the file with it
      """,
    twin: "the step brings neither", scene: four
  ) { scene, twin in
    let bob = scene["bob"]
    var revocation = TestSignature(by: bob.certificate.primary, at: Scene.now - Scene.day)
    revocation.type = 0x20
    let file = ScriptedFile(content: revocation.packet(over: bob.certificate.primary.hashed))
    if !twin {
      let link = ScriptedFile(mode: FileMode.symbolicLink, content: file.content)
      try scene.land("main", try scene.work(on: "main", ["keys/z": file, "keys/a": link], by: ("ann", "cat")))
    }
    return .init("main", try scene.work(on: "main"))
  },
  Attack(
    "time/merge-from-next-year", "future-signature", 28,
    tries: "a lead state is signed with next year's date, to move the time of all later steps",
    twin: "half an hour ahead"
  ) { scene, twin in
    let head = try scene.adopt(try scene.commit(scene.root), by: "ann")
    return .init(
      "main", try scene.merge([scene.root, head], by: "bob", at: Scene.now + (twin ? 1800 : 365 * Scene.day)))
  },
  Attack(
    "time/adoption-from-tomorrow", "future-signature", 73, tries: "an adoption is signed with tomorrow's date",
    twin: "with half an hour ahead"
  ) { scene, twin in
    let head = try scene.adopt(try scene.commit(scene.root), by: "ann", at: Scene.now + (twin ? 1800 : Scene.day))
    return .init("main", try scene.merge([scene.root, head], by: "bob"))
  },
  Attack(
    "time/before-the-key", "unusable-key", 73, tries: "a signature is older than the key that made it",
    twin: "as old as the key"
  ) { scene, twin in
    let head = try scene.adopt(try scene.commit(scene.root), by: "ann", at: TestKey.defaultCreation - (twin ? 0 : 1))
    return .init("main", try scene.merge([scene.root, head], by: "bob"))
  },
  Attack(
    "time/newcomer-signs-their-own-entry", "too-few-endorsers", 24,
    tries: "somebody signs the very step that lists them", twin: "the step after it"
  ) { scene, twin in
    let dan = Scene.Person("dan")
    let listing = scene.listing(scene.people + [dan])
    scene.people.append(dan)
    if twin { try scene.land("main", try scene.work(on: "main", listing)) }
    return .init("main", try scene.work(on: "main", twin ? nil : listing, by: ("ann", "dan")))
  },
  Attack(
    "time/threshold-lowers-itself", "too-few-endorsers", 24, tries: "one signature brings the policy that asks for one",
    twin: "two bring it", scene: { try Scene(policy: "version = 1\n") }
  ) {
    scene, twin in
    let policy: Scene.Changes = ["review.toml": .file("version = 2\nthreshold = 1\n")]
    return .init("main", twin ? try scene.work(on: "main", policy) : try scene.commit(scene.root, by: "ann", policy))
  },
  Attack(
    "time/removed-person-dates-back", "too-few-endorsers", 29,
    tries: "somebody who was removed signs with a date before that", twin: "they were listed again", scene: four
  ) {
    scene, twin in
    let dan = scene["dan"]
    try scene.land("main", try scene.work(on: "main", scene.listing(scene.people.filter { $0.id != "dan" })))
    if twin { try scene.land("main", try scene.work(on: "main", scene.listing(scene.people))) }
    scene["dan"] = dan
    let head = try scene.commit(try scene.tip("main"), by: "dan", at: Scene.now - 50 * Scene.day)
    return .init("main", try scene.merge([try scene.tip("main"), head], by: "ann"))
  },
]
