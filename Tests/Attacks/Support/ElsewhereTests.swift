import Foundation
import GitBridge
import Review
import Support
import Testing

/// What cannot be told as a push and its twin: remotes, dates, clones, pins, several engines.
@Suite struct ElsewhereTests {
  private func outcomes(_ scene: Scene, _ ref: String, _ change: (inout AuditScope) -> Void = { _ in }) throws
    -> [Outcome]
  {
    var found: [Outcome] = []
    var scope = AuditScope(ref: scene.full(ref), tip: try scene.tip(ref), start: scene.root)
    change(&scope)
    do {
      _ = try scene.reviewer.audit(scope) { found.append($0.outcome) }
    } catch {
      found.append(.undecided)
    }
    return found
  }

  /// Attack: an unsigned commit dates itself back before `--since` (R59).
  @Test(arguments: [false, true]) func `a date hides nothing from an audit`(_ isTwin: Bool) throws {
    let scene = try Scene()
    try scene.set("main", try scene.work(on: "main"))
    let tip = try scene.tip("main")
    let back = Scene.now - 90 * Scene.day
    let evil = isTwin ? try scene.work(on: "main", at: Scene.now - 60) : try scene.commit(tip, at: back)
    try scene.set("main", evil)
    let found = try outcomes(scene, "main") { $0.since = Scene.now - Scene.day }
    #expect(found.contains(.refused) == !isTwin)
  }

  /// Attack: what was refused lies before the date, and all that is told is accepted (R59).
  @Test(arguments: ["main", "release/1"], [false, true])
  func `a date decides nothing`(_ ref: String, _ isTwin: Bool) throws {
    let scene = try Scene()
    try scene.set(ref, scene.root)
    try scene.set(
      ref,
      isTwin
        ? try scene.work(on: ref, at: Scene.now - 90 * Scene.day)
        : try scene.commit(scene.root, at: Scene.now - 90 * Scene.day))
    try scene.set(ref, try scene.work(on: ref))
    var scope = AuditScope(ref: scene.full(ref), tip: try scene.tip(ref), start: scene.root)
    scope.since = Scene.now - Scene.day
    var told: [Outcome] = []
    let summary = try scene.reviewer.audit(scope) { told.append($0.outcome) }
    #expect(told == [.accepted])
    #expect(summary.outcome == (isTwin ? .accepted : .refused))
    #expect(summary.notes.contains { $0.contains("before the date are not in order") } == !isTwin)
  }

  /// Attack: somebody asks of one commit, and is told of its step alone: the lead that it stands on is not in order.
  @Test(arguments: [false, true]) func `a step says nothing above its lead`(_ isTwin: Bool) throws {
    let scene = try Scene()
    try scene.set("main", isTwin ? try scene.work(on: "main") : try scene.commit(scene.root))
    try scene.set("release/1", scene.root)
    try scene.set("release/1", try scene.work(on: "release/1"))
    let tip = try scene.tip("release/1")
    let review = try scene.reviewer.review(of: tip, on: scene.full("release/1"), tip: tip)
    #expect(review.verdict.outcome == (isTwin ? .accepted : .refused))
  }

  /// Attack: a protected branch that shares nothing with the lead; nobody judged any step of it.
  @Test(arguments: [false, true]) func `a branch beside the lead is never accepted`(_ isTwin: Bool) throws {
    let scene = try Scene()
    let foreign = isTwin ? scene.root : try scene.write(scene.files(scene.root), [], by: nil, message: "other\n")
    try scene.set("release/1", foreign)
    try scene.set("release/1", try scene.work(on: "release/1"))
    let tip = try scene.tip("release/1")
    let asked = try scene.git.repository.commit(tip).parents[1]
    let review = try scene.reviewer.review(of: asked, on: scene.full("release/1"), tip: tip)
    #expect(review.verdict.outcome == (isTwin ? .accepted : .refused))
  }

  /// Attack: a machine's signature with next year's date, which endorses nothing and would date the lead all the same
  /// (R28).
  @Test(arguments: [false, true]) func `a machine dates nothing ahead`(_ isTwin: Bool) throws {
    let scene = try Scene { people in
      var machine = Scene.Person("ann", label: "builder")
      machine.lines = ["machine = true"]
      people.append(machine)
    }
    let machine = try #require(scene.people.first { $0.label == "builder" })
    let date = Scene.now + (isTwin ? 1800 : 365 * Scene.day)
    let step = try scene.commit(
      scene.root, by: nil, sign: { TestSignature(by: machine.subkey, at: date).armored(over: $0) })
    let codes = scene.push([("main", step)]).refusals.map(\.code)
    #expect(codes.contains(.futureSignature) == !isTwin, "\(codes)")
  }

  /// Attack: a check that has checked out a request's branch called release/7 takes it for the remote's (R4, R48).
  @Test(arguments: [false, true]) func `a local branch is no state of the remote`(_ isTwin: Bool) throws {
    let scene = try Scene(policy: policy(ofMainFrom: ["staging", "release/*"]))
    let work = try scene.work(on: "staging")
    for branch in ["main", "staging"] { try scene.set("refs/remotes/origin/" + branch, scene.root) }
    try scene.set(isTwin ? "refs/remotes/origin/release/7" : "refs/heads/release/7", work)
    scene.settings.remote = "origin"
    let target = RefUpdate(ref: Array("refs/heads/main".utf8), old: scene.root, new: scene.root)
    let answer = scene.reviewer.judge(pullRequest: work, onto: target)
    #expect(answer.mergers.isEmpty == !isTwin, "\(answer.verdict.refusals.map(\.message))")
  }

  /// R60: who has no lead cannot tell; whoever names a commit for it can.
  @Test func `without the lead nothing is said of a follower`() throws {
    let scene = try Scene()
    try scene.set("release/1", scene.root)
    try scene.set("release/1", try scene.work(on: "release/1"))
    try scene.set("main", .zero)
    #expect(try outcomes(scene, "release/1") == [.undecided])
    scene.settings.leadStandIn = scene.root
    #expect(try outcomes(scene, "release/1") == [.accepted])
  }

  /// R63: a registry that is pinned outside replaces the lead's, and the verdict says so; what is revoked stays
  /// revoked.
  @Test(arguments: [false, true]) func `a pinned registry does not bring back a stolen key`(_ isTwin: Bool) throws {
    let scene = try Scene { $0.append(Scene.Person("dan")) }
    let pinned = scene.root
    if !isTwin { scene["dan"] = scene["dan"].revoked(2) }
    try scene.set("main", try scene.work(on: "main", scene.listing(scene.people).merging(scene.fresh()) { $1 }))
    scene.settings.registry = .commit(pinned, name: "pinned")
    let verdict = scene.push([("main", try scene.work(on: "main", by: ("ann", "dan")))])
    #expect((verdict.outcome == .accepted) == isTwin, "\(verdict.refusals.map(\.message))")
    #expect(verdict.notes.contains { $0.contains("pinned") })
  }

  /// R110, R117: what nobody protects passes a hook, whatever it holds.
  @Test func `an unprotected branch passes`() throws {
    let scene = try Scene()
    #expect(scene.push([("topic", try scene.commit(scene.root))]).outcome == .accepted)
    #expect(scene.push([("refs/notes/review", try scene.commit(scene.root))]).outcome == .accepted)
  }

  /// R116: a shallow clone cannot tell, and that is never a yes.
  @Test func `a shallow repository is undecided`() throws {
    let scene = try Scene()
    let work = try scene.work(on: "main")
    #expect(scene.push([("main", work)]).outcome == .accepted)
    try scene.git.writeFile("shallow", "\(scene.root)\n")
    #expect(scene.push([("main", work)]).outcome == .undecided)
  }

  /// R61: a client whose copy of the lead has an unjudged step does not go by it.
  @Test(arguments: [false, true]) func `an unjudged lead decides nothing`(_ isTwin: Bool) throws {
    let scene = try Scene(policy: "version = 1\n")
    try scene.set("release/1", scene.root)
    let weak: Scene.Changes = ["review.toml": .file("version = 2\nthreshold = 1\n")]
    let step = isTwin ? try scene.work(on: "main", weak) : try scene.commit(scene.root, by: "ann", weak)
    for (branch, tip) in [("main", step), ("release/1", scene.root)] {
      try scene.set("refs/remotes/origin/" + branch, tip)
    }
    scene.settings.remote = "origin"
    let head = try scene.commit(scene.root)
    let target = RefUpdate(ref: Array("refs/heads/release/1".utf8), old: scene.root, new: scene.root)
    let answer = scene.reviewer.judge(pullRequest: head, onto: target)
    #expect(answer.mergers.isEmpty == !isTwin, "\(answer.mergers) \(answer.verdict.refusals.map(\.message))")
  }

  /// The attacks on signatures and certificates, asked of our own reading and of gpg at once (R76).
  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/gpg")),
    arguments: signatureAttacks + timeAttacks)
  func `both engines together say the same`(_ attack: Attack) throws {
    for isTwin in [false, true] {
      let scene = try attack.scene()
      let push = try attack.stage(scene, isTwin)
      scene.settings.engines = .both
      let verdict = scene.push(push.updates)
      #expect(
        (verdict.outcome == .accepted) == isTwin, "\(verdict.refusals.map { "\($0.code.rawValue): \($0.message)" })")
    }
  }
}
