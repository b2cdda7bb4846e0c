/// What somebody does who has one key that counts, and all that do not count any more.
extension Story {
  /// Before the story: one is removed, one revoked as stolen, one retires, one expires.
  mutating func everybodyGoes() {
    for (way, person) in Story.gone.enumerated() where person != "hal" {
      _ = feature()
      _ = leave(person, way: [0, 3, 2][way])
      flush()
      wait(Story.day)
    }
    wait(20 * Story.day)
    // Sometimes the lead has rested since the last key expired.
    if chance(2) { return }
    _ = extend()
    _ = feature()
    flush()
  }

  static let keysOfMal: [Key] = ["mal/1", "mal/2", "eve/1", "fay/1", "gus/1", "hal/1", "bot/1", "out/1", "out/2"]

  /// Rule files and others that nobody would agree to.
  mutating func evilTrees() -> [Tree] {
    var entries = registry
    entries["out/1"] = Entry("out1")
    entries["out/2"] = Entry("out2")
    let made = Story.beginning - Story.day
    var weak = policy
    weak.threshold = 1
    weak.version += 1
    var jump = policy
    jump.version += 1_000_000
    var stolen = policy
    stolen.lead = "evil"
    stolen.version += 1
    return [
      ["evil": .text(-1)], ["evil": .text(-1)], ["boot": .text(-fresh())],
      [
        "MAINTAINERS": .registry(entries), "keys/out/1": .certificate(Certificate("out/1", created: made)),
        "keys/out/2": .certificate(Certificate("out/2", created: made)),
      ],
      ["review.toml": .policy(weak)], ["review.toml": .policy(jump)], ["review.toml": .policy(stolen)],
      ["MAINTAINERS": .garbage],
    ]
  }

  mutating func anyCommit() -> CommitID {
    switch Int.random(in: 0..<6, using: &random) {
    case 0, 1:
      refs.filter { !$0.key.hasPrefix("tags/") && $0.key != Model.coSignatures }.values.sorted().randomElement(
        using: &random)!
    case 2: inner.randomElement(using: &random) ?? tip
    case 3: pick(pool)
    case 4: pick(lead.states)
    default: pick(Array(pool.suffix(6)))
    }
  }

  mutating func anyDate() -> Time {
    switch Int.random(in: 0..<5, using: &random) {
    case 0: model.clock - Int.random(in: 0..<60 * Story.day, using: &random)
    case 1: model.clock + 1800
    case 2: model.clock + Int.random(in: 1...400, using: &random) * Story.day
    default: model.clock
    }
  }

  /// Any commit that they could write.
  mutating func craft() -> CommitID {
    let key = chance(5) ? nil : chance(2) ? "mal/1" : pick(Story.keysOfMal)
    let first = anyCommit()
    var parents = [first]
    if chance(2) {
      for _ in 0..<(chance(6) ? 2 : 1) {
        let other = anyCommit()
        if !parents.contains(other) { parents.append(other) }
      }
    }
    let date = anyDate()
    if parents.count > 1 {
      var tree = history.mergeAgain(parents, fromEach: !chance(3)).tree
      if chance(4) { tree = history[pick(parents)].tree }
      if chance(8) { tree.merge(pick(evilTrees())) { $1 } }
      return write(parents, tree, by: key, date: date)
    }
    switch Int.random(in: 0..<5, using: &random) {
    case 0, 1: return write(parents, history[first].tree, by: key, date: date, adopt: true)
    case 2: return write(parents, history[anyCommit()].tree, by: key, date: date)
    default: return write(parents, history[first].tree.merging(pick(evilTrees())) { $1 }, by: key, date: date)
    }
  }

  /// Takes their own work, endorsed by keys that do not count, to a branch by a merge of its own.
  mutating func smuggle() -> Update {
    let ref = pick(
      refs.keys.filter { !$0.hasPrefix("tags/") && $0 != Model.coSignatures }.sorted() + ["release/7", "release/8"])
    let base = refs[ref] ?? anyCommit()
    var head = anyCommit()
    for _ in 0..<Int.random(in: 0..<3, using: &random) {
      head =
        chance(2)
        ? write(
          [head], history[head].tree.merging(pick(evilTrees())) { $1 }, by: pick(Story.keysOfMal), date: anyDate())
        : write([head], history[head].tree, by: pick(Story.keysOfMal), date: anyDate(), adopt: true)
    }
    if chance(4) { return Update(ref, refs[ref], head) }
    let again = history.mergeAgain([base, head], fromEach: false)
    return Update(
      ref, refs[ref], write([base, head], again.tree, by: pick(["mal/1", "mal/1", "fay/1", "eve/1"]), date: anyDate()))
  }

  /// Three clean merges over two commits inside requests (attack 19).
  mutating func crissCross() -> Update {
    let one = inner.randomElement(using: &random) ?? tip
    let other = inner.randomElement(using: &random) ?? tip
    let ref = pick(["main", "staging", lead.name].filter { refs[$0] != nil })
    var head = one
    if one != other {
      head = write([one, other], history.mergeAgain([one, other], fromEach: false).tree, by: "mal/1")
    }
    let base = refs[ref]!
    return Update(ref, base, write([base, head], history.mergeAgain([base, head], fromEach: false).tree, by: "mal/1"))
  }

  /// An expired or removed key and the one that counts, all dated back to when both did.
  mutating func thief() -> Update {
    let ref = pick(refs.keys.filter { !$0.hasPrefix("tags/") && $0 != Model.coSignatures }.sorted() + ["release/7"])
    let base = refs[ref] ?? pick(lead.states)
    let date =
      chance(2) ? Story.beginning + 10 * Story.day : model.clock - Int.random(in: 1..<30, using: &random) * Story.day
    let key = pick(["hal/1", "hal/1", "eve/1", "gus/1", "fay/1", "bot/1", "mal/2"])
    let head = write([base], history[base].tree.merging(pick(evilTrees())) { $1 }, by: key, date: date)
    return Update(ref, refs[ref], write([base, head], history[head].tree, by: "mal/1", date: date))
  }

  /// A forge that shows somebody honest less than what their adoption is then taken for: by a false base, or by a
  /// request
  /// on top of another request.
  mutating func shownLess() -> Update? {
    guard let key = goodKeys().randomElement(using: &random) else { return nil }
    let base = tip
    let evil = write([base], history[base].tree.merging(pick(evilTrees())) { $1 }, by: nil)
    let number = fresh()
    let good = write([evil], history[evil].tree.merging(["c": .text(number)]) { $1 }, by: nil)
    seen["c", default: []].insert(.text(number))
    let falseBase = chance(2)
    let head = write(
      [good], history[good].tree, by: key, adopt: true, bounds: falseBase ? [.base(evil), .target(lead.name)] : [])
    // On top of another request, it is that request's branch that the honest merge would go to.
    let inner = falseBase ? head : write([evil, head], history[head].tree, by: "mal/1")
    return Update(lead.name, refs[lead.name], write([base, inner], history[inner].tree, by: "mal/1"))
  }

  mutating func anyStatements() -> Update {
    let before = refs[Model.coSignatures]
    var tree = before.map { history[$0].tree } ?? [:]
    if chance(2), let path = tree.keys.sorted().randomElement(using: &random) {
      tree[path] = nil
    } else {
      let key = pick(Story.keysOfMal)
      let head = anyCommit()
      tree["\(head)/\(key)"] = .statement(
        Statement(Signature(key, anyDate()), target: lead.name, base: model.root, head: head))
    }
    return Update(Model.coSignatures, before, history.add(Commit(before.map { [$0] } ?? [], tree, made: model.clock)))
  }

  mutating func anyUpdate() -> Update {
    if chance(4) { return smuggle() }
    if chance(6) { return thief() }
    if chance(8), let update = shownLess() { return update }
    if chance(8) { return anyStatements() }
    if chance(5) { return crissCross() }
    if chance(6) {
      let name = "\(fresh()).6"
      let tag = history.add(
        Tag(name, anyCommit(), by: Signature(chance(2) ? "mal/1" : pick(Story.keysOfMal), anyDate())))
      let old = refs.keys.filter { $0.hasPrefix("tags/") }.sorted().randomElement(using: &random)
      if chance(4), let old { return Update(old, refs[old], chance(2) ? tag : nil) }
      return Update("tags/" + name, nil, tag)
    }
    let ref = pick(
      refs.keys.filter { !$0.hasPrefix("tags/") && $0 != Model.coSignatures }.sorted() + [
        "release/1", "release/9", "evil", "topic",
      ])
    if chance(8), refs[ref] != nil { return Update(ref, refs[ref], nil) }
    return Update(ref, refs[ref], chance(2) ? craft() : anyCommit())
  }

  /// A key that counts, and some that do not, sign a follower's line ahead of a name.
  mutating func attack() {
    for _ in 0..<Int.random(in: 0..<3, using: &random) { _ = craft() }
    var updates: [Update] = []
    for _ in 0..<(chance(4) ? 2 : 1) {
      let next = anyUpdate()
      if !updates.contains(where: { $0.ref == next.ref }), next.old != next.new { updates.append(next) }
    }
    if !updates.isEmpty { push(updates) }
  }

  /// Safety: honest work and attacks in turn; what was promised is checked after every push that passed.
  package mutating func liveUnderAttack(_ length: Int) {
    for _ in 0..<length {
      if chance(3) {
        var careless = false
        switch Int.random(in: 0..<5, using: &random) {
        case 0, 1: _ = feature(hidden: true)
        case 2:
          flush()
          carelessly()
          careless = true
        default: _ = honestly()
        }
        let codes = flush()
        if !codes.isEmpty, !careless { broken.append("refused honest work: \(codes.sorted())") }
        wait(Int.random(in: 60...Story.day, using: &random))
      } else {
        attack()
      }
      if !broken.isEmpty { return }
    }
    stillWorks()
  }

  /// Nobody is locked out, and no name is taken.
  mutating func stillWorks() {
    wait(2 * 3600)
    _ = extend()
    for work in ["extend", "feature", "take", "release", "release", "release", "tag"] {
      let done: Bool =
        switch work {
        case "feature": feature()
        case "take": take()
        case "release": release()
        case "tag": tag()
        default: true
        }
      let codes = flush()
      if !codes.isEmpty { broken.append("after the attacks \(work) is refused: \(codes.sorted())") }
      if work == "feature", !done { broken.append("after the attacks nobody can work any more") }
    }
  }
}
