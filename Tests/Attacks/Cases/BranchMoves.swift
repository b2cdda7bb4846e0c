import GitBridge
import Review
import Support

/// Names that are taken, protected or given up, and refs that move where they may not.
let branchMoves: [Attack] = [
  Attack(
    "branches/pattern-protects-unjudged", "unjudged-branch", 5,
    tries: "the policy comes to protect a branch that exists and that nobody has judged",
    twin: "that branch stands on a lead state", audit: .cannotTell,
    scene: { try Scene(policy: "version = 1\n") }
  ) { scene, twin in
    try scene.set("dev/x", twin ? scene.root : try scene.commit(scene.root))
    return .init(
      "main",
      try scene.work(
        on: "main", ["review.toml": .file("version = 2\n[[branch]]\nname = \"main\"\n[[branch]]\nname = \"dev/*\"\n")]))
  },
  Attack(
    "branches/protected-and-created-at-once", "unjudged-branch", 2, 5,
    tries: "the push that protects a branch also creates it, with unsigned work", twin: "it creates it at a lead state",
    audit: .cannotTell,
    scene: { try Scene(policy: "version = 1\n") }
  ) { scene, twin in
    let step = try scene.work(
      on: "main", ["review.toml": .file("version = 2\n[[branch]]\nname = \"main\"\n[[branch]]\nname = \"dev\"\n")])
    return .init([("main", step), ("dev", twin ? scene.root : try scene.commit(scene.root))])
  },
  Attack(
    "branches/comes-with-the-lead", "too-few-endorsers", 5, 62,
    tries:
      """
      the server is empty; the push that brings the lead brings a branch of unsigned work, \
      which only the policy at the lead's tip protects
      """,
    twin: "the branch is created at a lead state",
    scene: { try Scene(policy: "version = 1\n") }
  ) { scene, twin in
    let step = try scene.work(
      on: "main", ["review.toml": .file("version = 2\n[[branch]]\nname = \"main\"\n[[branch]]\nname = \"dev\"\n")])
    for ref in ["main", "staging"] { try scene.set(ref, .zero) }
    return .init([("dev", twin ? scene.root : try scene.commit(scene.root)), ("main", step)], audited: "dev")
  },
  Attack(
    "branches/there-before-the-lead", "unjudged-branch", 5, 62,
    tries: "a branch of unsigned work is pushed to an empty server, before the lead whose policy protects it",
    twin: "the branch stands on a lead state", audit: .cannotTell,
    scene: { try Scene(policy: "version = 1\n") }
  ) { scene, twin in
    let step = try scene.work(
      on: "main", ["review.toml": .file("version = 2\n[[branch]]\nname = \"main\"\n[[branch]]\nname = \"dev\"\n")])
    for ref in ["main", "staging"] { try scene.set(ref, .zero) }
    try scene.set("dev", twin ? scene.root : try scene.commit(scene.root))
    return .init("main", step)
  },
  Attack(
    "branches/tags-become-protected", "unjudged-branch", 5,
    tries: "the policy comes to protect tags of a kind that stand on what nobody has judged",
    twin: "they stand on lead states", audit: .cannotTell,
    scene: { try Scene(policy: "version = 1\n") }
  ) { scene, twin in
    try scene.set("refs/tags/v1", twin ? scene.root : try scene.commit(scene.root))
    return .init("main", try scene.work(on: "main", ["review.toml": .file("version = 2\n[[tag]]\nname = \"v*\"\n")]))
  },
  Attack(
    "branches/name-taken-along-another", "wrong-source-branch", 46,
    tries: "anybody moves the next release's name along the signed states of this release",
    twin: "the next release gets work of its own", audit: .cannotTell
  ) { scene, twin in
    try scene.land("release/8", scene.root)
    try scene.land("release/8", try scene.work(on: "release/8"))
    try scene.land("release/9", scene.root)
    return .init("release/9", twin ? try scene.work(on: "release/9") : try scene.tip("release/8"))
  },
  Attack(
    "branches/name-created-on-another", "wrong-source-branch", 46,
    tries: "anybody creates the next release's name at a state of this release", twin: "it is created at a lead state",
    audit: .cannotTell
  ) { scene, twin in
    try scene.land("release/8", scene.root)
    try scene.land("release/8", try scene.work(on: "release/8"))
    return .init("release/9", twin ? scene.root : try scene.tip("release/8"))
  },
  Attack(
    "branches/handover-to-taken-name", "lock-out", 16,
    tries: "the lead hands over to a branch that exists and stands on something else",
    twin: "to a branch that does not exist yet", audit: .cannotTell,
    scene: { try Scene(policy: "version = 1\n") }
  ) { scene, twin in
    if !twin { try scene.set("trunk", try scene.commit(scene.root)) }
    return .init("main", try scene.work(on: "main", ["review.toml": .file("version = 2\nlead = \"trunk\"\n")]))
  },
  Attack(
    "branches/former-lead-goes-on", "former-lead", 15,
    tries: "the lead that has handed over takes another step", twin: "its successor takes it", audit: .cannotTell,
    scene: { try Scene(policy: "version = 1\n") }
  ) { scene, twin in
    let policy = "version = 2\nlead = \"trunk\"\n[[branch]]\nname = \"release/*\"\n"
    let state = try scene.land("main", try scene.work(on: "main", ["review.toml": .file(policy)]))
    let head = try scene.adopt(try scene.commit(state), by: "ann")
    return .init(twin ? "trunk" : "main", try scene.merge([state, head], by: "bob"))
  },
  Attack(
    "branches/former-lead-is-deleted", "deletion", 15, 19,
    tries: "the lead that has handed over is deleted", twin: "a branch that nobody protects is", audit: .cannotTell,
    scene: { try Scene(policy: "version = 1\n") }
  ) { scene, twin in
    let policy = "version = 2\nlead = \"trunk\"\n[[branch]]\nname = \"release/*\"\n"
    try scene.land("main", try scene.work(on: "main", ["review.toml": .file(policy)]))
    try scene.set("topic", scene.root)
    return .init(twin ? "topic" : "main", .zero)
  },
  Attack(
    "branches/follower-moved-without-signature", "wrong-source-branch", 44,
    tries: "anybody moves main, a follower, to a state of the lead", twin: "a maintainer's merge takes that state",
    audit: .cannotTell,
    scene: { try Scene(lead: "staging") }
  ) { scene, twin in
    let state = try scene.land("staging", try scene.work(on: "staging"))
    return .init("main", twin ? try scene.merge([scene.root, state], by: "cat") : state)
  },
  Attack(
    "branches/rules-on-a-release", "rules-elsewhere", 10, 43,
    tries: "two maintainers change MAINTAINERS on a release branch", twin: "they change another file there"
  ) { scene, twin in
    try scene.land("release/1", scene.root)
    let rules = scene.listing(scene.people + [Scene.Person("dan")])
    return .init("release/1", try scene.work(on: "release/1", twin ? nil : rules))
  },
  Attack(
    "branches/mixed-rules-on-a-follower", "rules-elsewhere", 43,
    tries: "two maintainers put MAINTAINERS of one lead state beside the policy of another on main",
    twin: "main takes all of one state",
    scene: { try Scene(policy: "version = 1\n", lead: "staging") }
  ) { scene, twin in
    try scene.land("staging", try scene.work(on: "staging", scene.listing(scene.people + [Scene.Person("dan")])))
    let state = try scene.land("staging", try scene.work(on: "staging", ["review.toml": .file("version = 2\n")]))
    let mixed: Scene.Changes = twin ? [:] : ["review.toml": .file("version = 1\n")]
    let head = try scene.adopt(try scene.merge([scene.root, state], by: "ann", mixed), by: "bob")
    guard twin else { return .init("main", try scene.merge([scene.root, head], by: "cat")) }
    return .init("main", try scene.merge([scene.root, state], by: "cat"))
  },
  Attack(
    "branches/from-another-branch", "wrong-source-branch", 47,
    tries: "main takes a merge from a branch that `from` does not name, with two signatures",
    twin: "from staging, which it names",
    scene: { try Scene(policy: policy(ofMainFrom: ["staging"])) }
  ) { scene, twin in
    if twin { try scene.land("staging", try scene.work(on: "staging")) }
    return .init(
      "main", twin ? try scene.merge([scene.root, try scene.tip("staging")], by: "cat") : try scene.work(on: "main"))
  },
  Attack(
    "branches/rewind", "rewind", 19, tries: "the lead goes back to an older state", twin: "it goes on",
    audit: .cannotTell
  ) { scene, twin in
    try scene.land("main", try scene.work(on: "main"))
    return .init("main", twin ? try scene.work(on: "main") : scene.root)
  },
  Attack(
    "branches/aside", "rewind", 19, tries: "the lead moves aside to signed work on an older state",
    twin: "that work is on its tip", audit: .cannotTell
  ) {
    scene, twin in
    let aside = try scene.work(on: "main")
    if !twin { try scene.land("main", try scene.work(on: "main")) }
    return .init("main", aside)
  },
  Attack(
    "branches/deletion", "deletion", 19, tries: "the lead is deleted", twin: "an unprotected branch is",
    audit: .cannotTell
  ) { scene, twin in
    try scene.set("topic", scene.root)
    return .init(twin ? "topic" : "main", .zero)
  },
  Attack(
    "branches/release-with-work-deleted", "deletion", 49, tries: "a release branch with work of its own is deleted",
    twin: "one that holds nothing of its own is",
    audit: .cannotTell
  ) { scene, twin in
    try scene.land("release/1", scene.root)
    if !twin { try scene.land("release/1", try scene.work(on: "release/1")) }
    return .init("release/1", .zero)
  },
  Attack(
    "branches/lead-under-a-pattern-deleted", "deletion", 19, 49,
    tries: "the lead's name fits a pattern and its tip is a lead state, so somebody deletes it like an empty release",
    twin: "an empty release is deleted", audit: .cannotTell,
    scene: { try Scene(policy: "version = 1\nlead = \"release/dev\"\n[[branch]]\nname = \"release/*\"\n") }
  ) { scene, twin in
    try scene.set("release/dev", scene.root)
    try scene.set("release/1", scene.root)
    return .init(twin ? "release/1" : "release/dev", .zero)
  },
  Attack(
    "branches/lead-under-a-pattern-moved", "rewind", 19, 49,
    tries: "the same lead is moved back to an older state", twin: "an empty release is", audit: .cannotTell,
    scene: { try Scene(policy: "version = 1\nlead = \"release/dev\"\n[[branch]]\nname = \"release/*\"\n") }
  ) { scene, twin in
    try scene.set("release/dev", scene.root)
    let state = try scene.land("release/dev", try scene.work(on: "release/dev"))
    try scene.land("release/1", state)
    return .init(twin ? "release/1" : "release/dev", scene.root)
  },
  Attack(
    "branches/handover-taken-by-another-line", "foxtrot", 14,
    tries: "the new lead is created on a state below the one that handed over, signed by two",
    twin: "on the state that handed over", audit: .cannotTell,
    scene: { try Scene(policy: "version = 1\n") }
  ) { scene, twin in
    let state = try scene.land(
      "main", try scene.work(on: "main", ["review.toml": .file("version = 2\nlead = \"trunk\"\n")]))
    let base = twin ? state : scene.root
    let head = try scene.adopt(try scene.commit(base), by: "ann")
    return .init("trunk", try scene.merge([base, head], by: "bob"))
  },
  Attack(
    "branches/start-of-another-branch", "unrelated-history", 7, 21,
    tries: "a release branch begins at the start that is configured for main", twin: "main does",
    audit: .cannotTell,
    scene: {
      let scene = try Scene(lead: "staging")
      let old = try scene.write(["old": "old\n"], [], by: nil)
      scene.settings.starts = ["main": old]
      try scene.set("main", .zero)
      return scene
    }
  ) { scene, twin in .init(twin ? "main" : "release/1", scene.settings.starts["main"]!) },
  Attack(
    "branches/foxtrot", "foxtrot", 20,
    tries: "a merge made the wrong way round moves the lead's own line into second place", twin: "made the right way",
    audit: .cannotTell
  ) {
    scene, twin in
    let head = try scene.adopt(try scene.commit(scene.root), by: "ann")
    let tip = try scene.land("main", try scene.work(on: "main"))
    return .init("main", try scene.merge(twin ? [tip, head] : [head, tip], by: "bob"))
  },
  Attack(
    "branches/unrelated-history", "unrelated-history", 22,
    tries: "two maintainers merge a history with a root of its own", twin: "the same files, on the lead"
  ) {
    scene, twin in
    let other =
      twin ? try scene.commit(scene.root, by: "ann", ["z": "z\n"]) : try scene.write(["z": "z\n"], [], by: "ann")
    let head = try scene.adopt(other, by: "cat")
    return .init("main", try scene.write(scene.files(scene.root).with(["z": "z\n"]), [scene.root, head], by: "bob"))
  },
  Attack(
    "branches/unrelated-follower", "unrelated-history", 18, 21,
    tries: "a release branch begins at an old commit that main never was, signed by two", twin: "at a state"
  ) { scene, twin in
    let start = twin ? scene.root : try scene.write(scene.files(scene.root), [], by: nil)
    let head = try scene.adopt(try scene.commit(start), by: "ann")
    return .init("release/1", try scene.merge([start, head], by: "bob"))
  },
  Attack(
    "branches/weaker-threshold-decides", "too-few-endorsers", 37,
    tries: "the lead's own threshold is lowered beside a follower's that asks for two", twin: "two sign",
    scene: {
      try Scene(
        policy:
          """
          version = 1
          threshold = 1
          [[branch]]
          name = "main"
          threshold = 1
          [[branch]]
          name = "release/*"
          threshold = 2

          """)
    }
  ) { scene, twin in
    .init("main", twin ? try scene.work(on: "main") : try scene.commit(scene.root, by: "ann"))
  },
]
