/// Small histories, one for a sentence each, that the rule answers rightly and would not without that sentence. What
/// random
/// stories seldom come upon stands here.
package struct Sketch {
  package var model: Model
  /// When dan's key expires.
  static let expiry = Story.beginning + 20 * Story.day
  private var counter = 10

  init(_ without: Set<Clause>, _ change: (inout Policy) -> Void = { _ in }) {
    let history = History()
    var policy = Policy(version: 1)
    change(&policy)
    var tree: Tree = ["review.toml": .policy(policy), "a": .text(1)]
    var registry: [Key: Entry] = [:]
    for person in ["ann", "bob", "cat", "dan", "eve"] {
      registry[person + "/1"] = Entry(person)
      tree["keys/\(person)/1"] = .certificate(
        Certificate(person + "/1", created: Story.beginning - Story.day, expires: person == "dan" ? Sketch.expiry : nil)
      )
    }
    for (key, entry) in [("ann/2", Entry("ann")), ("bot/1", Entry("bot", isMachine: true))] {
      registry[key] = entry
      tree["keys/" + key] = .certificate(Certificate(key, created: Story.beginning - Story.day))
    }
    tree["MAINTAINERS"] = .registry(registry)
    let root = history.add(Commit([], tree, made: Story.beginning))
    model = Model(history, root: root, clock: Story.beginning + Story.day)
    model.without = without
    model.asksForBringing = false  // It stops some of these histories twice; each is to need its own sentence.
    model.refs = ["main": root, "staging": root]
  }

  var root: CommitID { model.root }

  mutating func commit(
    _ parents: [CommitID], _ change: Tree? = nil, by person: Person? = nil, at date: Time? = nil, adopt: Bool = false,
    bounds: [Bound] = []
  ) -> CommitID {
    counter += 1
    let fresh: Tree = adopt || parents.count > 1 ? [:] : ["f\(counter)": .text(counter)]
    let start =
      parents.count > 1 ? model.history.mergeAgain(parents, fromEach: false).tree : model.history[parents[0]].tree
    var commit = Commit(
      parents, start.merging(change ?? fresh) { $1 },
      by: person.map { Signature($0.contains("/") ? $0 : $0 + "/1", date ?? model.clock) }, made: date ?? model.clock)
    commit.saysAdopt = adopt
    commit.bounds = bounds
    return model.history.add(commit)
  }

  /// Work of two, merged by the second.
  mutating func work(
    _ base: CommitID, _ change: Tree? = nil, by first: Person = "ann", _ second: Person = "bob", at date: Time? = nil
  ) -> CommitID {
    let head = commit([base], change, by: first, at: date)
    return commit([base, head], by: second, at: date)
  }

  mutating func cosign(_ people: [Person], base: CommitID, head: CommitID, target: String = "main") {
    var tree = model.refs[Model.coSignatures].map { model.history[$0].tree } ?? [:]
    for person in people {
      tree["\(head)/\(person)/1"] = .statement(
        Statement(Signature(person + "/1", model.clock), target: target, base: base, head: head))
    }
    model.refs[Model.coSignatures] = model.history.add(
      Commit(model.refs[Model.coSignatures].map { [$0] } ?? [], tree, made: model.clock))
  }

  func passes(_ ref: String, _ new: CommitID) -> Bool { model.judge(push: [Update(ref, model.refs[ref], new)]).isEmpty }

  /// What the rule without these sentences says of the sentence's own history: whether it comes out as the rule has it.
  package static func holds(_ clause: Clause, without: Set<Clause>) -> Bool? {
    var sketch = Sketch(without)
    let root = sketch.root
    switch clause {
    case .clock_R27:
      // Everything dated back to when dan's key lived; the lead has rested since.
      sketch.model.clock = expiry + Story.day
      return !sketch.passes("main", sketch.work(root, by: "dan", at: Story.beginning + 60))
    case .clock_R42:
      sketch.model.clock = expiry + Story.day
      return !sketch.passes("release/1", sketch.work(root, by: "dan", at: Story.beginning + 60))
    case .future_R28:
      // Others answer for the merge, whose own signature is from next year.
      let head = sketch.commit([root], by: "ann")
      let merge = sketch.commit([root, head], by: "bob", at: sketch.model.clock + 365 * Story.day)
      sketch.cosign(["cat", "eve"], base: root, head: merge)
      return !sketch.passes("main", merge)
    case .twoQuestions_R30:
      // dan signs in time, and the certificate that lives longer comes later in the same push.
      let first = sketch.work(root, by: "dan")
      var longer = Certificate("dan/1", created: Story.beginning - Story.day, expires: expiry)
      longer.selfSignatures.insert(SelfSignature(date: expiry, expires: nil))
      sketch.model.clock = expiry + Story.day
      return sketch.passes("main", sketch.work(first, ["keys/dan/1": .certificate(longer)]))
    case .highestThreshold_R37:
      sketch = Sketch(without) { $0.branches[0].threshold = 1 }
      return !sketch.passes("main", sketch.commit([root], by: "ann"))
    case .ruleFiles_R43:
      var policy = Policy(version: 2)
      policy.threshold = 1
      return !sketch.passes("release/1", sketch.work(root, ["review.toml": .policy(policy)]))
    case .from_R47:
      sketch = Sketch(without) {
        $0.lead = "staging"; $0.branches[0].from = ["staging"]
      }
      return !sketch.passes("main", sketch.work(root))
    case .takesOnly_R56:
      // dan and eve signed a hotfix in their time and left; somebody who counts goes on above it.
      let fix = sketch.work(root, by: "dan", "eve")
      let later = sketch.work(fix)
      guard case .registry(var entries) = sketch.model.history[root].tree["MAINTAINERS"] else { return nil }
      entries["eve/1"] = nil
      entries["dan/1"] = nil
      sketch.model.refs["main"] = sketch.work(root, ["MAINTAINERS": .registry(entries)])
      sketch.model.refs["release/1"] = later
      return sketch.model.auditFollower("release/1")?.first { $0.new == fix }?.answer == .unsettled
    case .adoptionBoundary_R85:
      let evil = sketch.commit([root])
      let head = sketch.commit([sketch.commit([evil])], by: "ann", adopt: true)
      let inner = sketch.commit([evil, head], by: "bob")
      return !sketch.passes("main", sketch.commit([root, inner], by: "bob"))
    case .coSigner_R87:
      // Two strangers list themselves and co-sign it, on an empty server.
      guard case .registry(var entries) = sketch.model.history[root].tree["MAINTAINERS"] else { return nil }
      var change: Tree = [:]
      for person in ["out1", "out2"] {
        entries[person + "/1"] = Entry(person)
        change["keys/\(person)/1"] = .certificate(Certificate(person + "/1", created: Story.beginning - Story.day))
      }
      change["MAINTAINERS"] = .registry(entries)
      let tip = sketch.commit([root], change)
      sketch.model.refs = [:]
      sketch.cosign(["out1", "out2"], base: root, head: tip)
      let statements = sketch.model.refs[Model.coSignatures]
      sketch.model.refs = [:]
      return !sketch.model.judge(push: [Update("main", nil, tip), Update(Model.coSignatures, nil, statements)]).isEmpty
    case .base_R88:
      let evil = sketch.commit([root])
      let head = sketch.commit([sketch.commit([evil])], by: "ann", adopt: true, bounds: [.base(evil)])
      return !sketch.passes("main", sketch.commit([root, head], by: "bob"))
    case .target_R89:
      let head = sketch.commit([sketch.commit([root])], by: "ann", adopt: true, bounds: [.target("release/1")])
      return !sketch.passes("main", sketch.commit([root, head], by: "bob"))
    case .dateAhead_R73:
      let head = sketch.commit([sketch.commit([root])], by: "ann", at: sketch.model.clock + Story.day, adopt: true)
      return !sketch.passes("main", sketch.commit([root, head], by: "bob"))
    case .eachBase_R95:
      return crissCross(without)
    case .freeName_R49:
      sketch.model.refs["release/1"] = root
      return sketch.model.judge(push: [Update("release/1", root, nil)]).isEmpty
    case .statementsStay_R113:
      sketch.cosign(["ann"], base: root, head: root)
      let empty = sketch.model.history.add(
        Commit([sketch.model.refs[Model.coSignatures]!], [:], made: sketch.model.clock))
      return !sketch.passes(Model.coSignatures, empty)
    default: return stepsHold(clause, without) ?? refsHold(clause, without)
    }
  }

  private func file(_ path: String) -> Content { model.history[root].tree[path]! }

  private func registry(without gone: Person) -> Tree {
    guard case .registry(var entries) = file("MAINTAINERS") else { return [:] }
    entries[gone + "/1"] = nil
    return ["MAINTAINERS": .registry(entries)]
  }

  private func revoked(_ person: Person, isHard: Bool) -> Tree {
    guard case .certificate(var certificate) = file("keys/\(person)/1") else { return [:] }
    certificate.revocations = [Revocation(date: model.clock - 60, isHard: isHard)]
    return ["keys/\(person)/1": .certificate(certificate)]
  }

  private static func policy(_ version: Int, _ change: (inout Policy) -> Void = { _ in }) -> Tree {
    var policy = Policy(version: version)
    change(&policy)
    return ["review.toml": .policy(policy)]
  }

  /// A request whose inner commit adds a file that its next commit takes back, merged. The inner commit, and the state.
  private mutating func hidden() -> (inner: CommitID, state: CommitID) {
    let inner = commit([root], ["evil": .text(-1)])
    let back = model.history.add(
      Commit([inner], model.history[root].tree, by: Signature("ann/1", model.clock), made: model.clock))
    return (inner, commit([root, commit([back], by: "cat", adopt: true)], by: "bob"))
  }

  /// What the commits of a step need, and by which rules.
  private static func stepsHold(_ clause: Clause, _ without: Set<Clause>) -> Bool? {
    var sketch = Sketch(without)
    let root = sketch.root
    switch clause {
    case .stepsOfLead_R25:
      // On a server without a hook: unsigned work, and a branch cut from it.
      let evil = sketch.commit([root])
      sketch.model.refs["main"] = evil
      sketch.model.refs["release/1"] = evil
      return sketch.model.auditLead()?.last?.answer != .accepted
    case .hardForever_R32:
      let first = sketch.work(root)
      return !sketch.passes("main", sketch.work(first, sketch.revoked("bob", isHard: true), by: "ann", "cat"))
    case .softCounts_R33:
      sketch.model.refs["main"] = sketch.work(root, sketch.revoked("bob", isHard: false), by: "ann", "cat")
      return !sketch.passes("main", sketch.work(sketch.model.refs["main"]!))
    case .revocationKept_R35:
      let lost = sketch.file("keys/bob/1")
      sketch.model.refs["main"] = sketch.work(root, sketch.revoked("bob", isHard: false), by: "ann", "cat")
      return !sketch.passes("main", sketch.work(sketch.model.refs["main"]!, ["keys/bob/1": lost], by: "ann", "cat"))
    case .version_R36: return !sketch.passes("main", sketch.work(root, policy(0)))
    case .lockOut_R38: return !sketch.passes("main", sketch.work(root, policy(2) { $0.threshold = 9 }))
    case .wholeStates_R40:
      sketch = Sketch(without) { $0.lead = "staging" }
      let (inner, state) = sketch.hidden()
      sketch.model.refs["staging"] = state
      return !sketch.passes("main", sketch.commit([root, inner], by: "cat"))
    case .rulesOfToday_R41:
      sketch.model.refs["main"] = sketch.work(root, sketch.registry(without: "eve"))
      return !sketch.passes("release/1", sketch.work(root, by: "ann", "eve"))
    case .unrelated_R22:
      let foreign = sketch.model.history.add(
        Commit([], ["x": .text(1)], by: Signature("ann/1", sketch.model.clock), made: 0))
      let head = sketch.commit([foreign], by: "cat", adopt: true)
      let merge = sketch.commit([root, head], sketch.model.history[root].tree, by: "bob")
      sketch.cosign(["ann", "cat"], base: root, head: merge)
      return !sketch.passes("main", merge)
    case .everyPerson_R64: return !sketch.passes("main", sketch.work(root, by: "ann", "ann/2"))
    case .machine_R66: return !sketch.passes("main", sketch.work(root, by: "bot", "ann"))
    case .merge_R83: return sketch.passes("main", sketch.work(root))
    case .threshold_R93: return !sketch.passes("main", sketch.commit([root], by: "ann"))
    case .contentMerge_R96:
      let head = sketch.commit([sketch.commit([root], by: "ann")], by: "cat", adopt: true)
      return !sketch.passes("main", sketch.commit([root, head], ["evil": .text(-1)], by: "bob"))
    case .ownSignature_R97:
      let head = sketch.commit([sketch.commit([root], by: "ann")], by: "cat", adopt: true)
      return !sketch.passes("main", sketch.commit([root, head]))
    case .paths_R99:
      sketch = Sketch(without) { $0.paths = [PathRule("boot", threshold: 2, group: ["cat"])] }
      return !sketch.passes("main", sketch.work(root, ["boot": .text(5)]))
    default: return nil
    }
  }

  /// Where refs may go.
  private static func refsHold(_ clause: Clause, _ without: Set<Clause>) -> Bool? {
    var sketch = Sketch(without)
    let root = sketch.root
    switch clause {
    case .mergeOfItsOwn_R44:
      sketch = Sketch(without) { $0.lead = "staging" }
      sketch.model.refs["staging"] = sketch.work(root)
      return !sketch.passes("main", sketch.model.refs["staging"]!)
    case .anothersState_R46:
      sketch.model.refs["release/1"] = sketch.work(root)
      return !sketch.passes("release/2", sketch.model.refs["release/1"]!)
    case .newlyProtected_R5:
      sketch.model.refs["topic"] = sketch.commit([root])
      return !sketch.passes("main", sketch.work(root, policy(2) { $0.branches.append(BranchRule("topic")) }))
    case .former_R15:
      sketch.model.refs["main"] = sketch.work(
        root,
        policy(2) {
          $0.lead = "trunk"; $0.branches = [BranchRule("release/*")]
        })
      return !sketch.passes("main", sketch.commit([sketch.model.refs["main"]!]))
    case .handover_R16:
      sketch.model.refs["topic"] = sketch.commit([root])
      return !sketch.passes("main", sketch.work(root, policy(2) { $0.lead = "topic" }))
    case .line_R18:
      let (inner, state) = sketch.hidden()
      sketch.model.refs["main"] = state
      return !sketch.passes("release/9", inner)
    case .rewind_R19:
      sketch.model.refs["release/1"] = sketch.work(root)
      return !sketch.passes("release/1", root)
    case .foxtrot_R20:
      sketch = Sketch(without) { $0.lead = "staging" }
      let one = sketch.work(root)
      let took = sketch.commit([root, one], by: "cat")
      sketch.model.refs["main"] = took
      sketch.model.refs["staging"] = sketch.work(one)
      return !sketch.passes("main", sketch.commit([sketch.model.refs["staging"]!, took], by: "cat"))
    case .tagSigner_R107:
      sketch.model.refs["main"] = sketch.work(root, sketch.registry(without: "eve"))
      return !sketch.passes(
        "tags/1", sketch.model.history.add(Tag("1", root, by: Signature("eve/1", sketch.model.clock))))
    case .tagTarget_R108:
      let (inner, state) = sketch.hidden()
      sketch.model.refs["main"] = state
      return !sketch.passes(
        "tags/1", sketch.model.history.add(Tag("1", inner, by: Signature("ann/1", sketch.model.clock))))
    case .tagMoved_R109:
      sketch.model.refs["tags/1"] = sketch.model.history.add(Tag("1", root, by: Signature("ann/1", sketch.model.clock)))
      return !sketch.passes(
        "tags/1", sketch.model.history.add(Tag("1", root, by: Signature("bob/1", sketch.model.clock))))
    case .madeAnew_R121, .published_R121:
      sketch = Sketch(without) { $0.branches[2].mayRewind = true }
      let old = sketch.work(root)
      sketch.model.refs["release/1"] = old
      sketch.model.refs["main"] = sketch.work(root)
      let anew = sketch.work(sketch.model.refs["main"]!)
      guard clause == .published_R121 else { return sketch.passes("release/1", anew) }
      sketch.model.refs["tags/1"] = sketch.model.history.add(Tag("1", old, by: Signature("ann/1", sketch.model.clock)))
      return !sketch.passes("release/1", anew)
    case .vouchers_R122, .ownVoucher_R122:
      sketch = Sketch(without) { $0.tagThreshold = 2 }
      let date = sketch.model.clock
      let tag = sketch.model.history.add(Tag("1", root, by: Signature("ann/1", date)))
      guard clause == .ownVoucher_R122 else { return !sketch.passes("tags/1", tag) }
      // In the name of somebody who never signed.
      let voucher = sketch.model.history.add(Tag("1+bob", root, by: Signature("ann/1", date)))
      return !sketch.model.judge(push: [Update("tags/1", nil, tag), Update("tags/1+bob", nil, voucher)]).isEmpty
    default: return nil
    }
  }

  /// Attack 19 of the issue: three clean merges over what was inside two merged requests.
  private static func crissCross(_ without: Set<Clause>) -> Bool {
    var sketch = Sketch(without)
    var inner: [CommitID] = []
    var ends: [CommitID] = []
    for number in 1...2 {
      let add = sketch.commit([sketch.root], ["evil": .text(-1), "n\(number)": .text(number)])
      var tree = sketch.model.history[add].tree
      tree["evil"] = nil
      let back = sketch.model.history.add(Commit([add], tree, made: sketch.model.clock))
      let head = sketch.commit([back], by: "ann", adopt: true)
      sketch.model.refs["main"] = sketch.commit([sketch.model.refs["main"]!, head], by: "bob")
      inner.append(add)
      ends.append(back)
    }
    // Whichever merge base is taken first, one of the two brings the file back.
    let tip = sketch.model.refs["main"]!
    for (one, other) in [(inner[0], ends[1]), (inner[1], ends[0])] {
      let cross = sketch.commit([one, other], by: "cat")
      let merge = sketch.commit([tip, cross], by: "cat")
      if sketch.model.history[merge].tree["evil"] != nil, sketch.passes("main", merge) { return false }
    }
    return true
  }
}
