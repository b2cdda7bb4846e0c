/// What honest people do. Each returns whether there was anything to do.
extension Story {
  /// A person's certificate as it lies on the lead.
  func certificate(_ key: Key) -> Certificate? {
    if case .certificate(let certificate) = tree["keys/" + key] { certificate } else { nil }
  }

  var registry: [Key: Entry] { if case .registry(let entries) = tree["MAINTAINERS"] { entries } else { [:] } }
  var policy: Policy { if case .policy(let policy) = tree["review.toml"] { policy } else { Policy() } }

  /// Signs work by as many as are asked for, in any of the ways, and merges it.
  ///
  /// - Parameter hidden: what the request holds inside and takes back again.
  mutating func bring(
    _ change: Tree, without gone: [String] = [], to ref: String, onto base: CommitID, of head: CommitID? = nil,
    signers: [Key]? = nil, hidden: Tree? = nil
  ) -> Bool {
    let isLead = ref == lead.name
    let wanted = isLead ? policy.highestThreshold : policy.rule(for: ref)?.threshold ?? policy.threshold
    var keys = (signers ?? goodKeys()).shuffled(using: &random)
    // The group of the path rule goes first.
    keys = keys.filter { ["ann", "bob"].contains(owner($0)) }.prefix(1) + keys
    var people: [Key] = []
    for key in keys where !people.contains(where: { owner($0) == owner(key) }) { people.append(key) }
    guard people.count >= wanted else { return false }
    let start = head ?? base
    var tip = start
    if let hidden {
      tip = write([tip], history[tip].tree.merging(hidden) { $1 }, by: nil)
      inner.append(tip)
      tip = write([tip], history[start].tree, by: nil)
      inner.append(tip)
    }
    var next = history[start].tree.merging(change) { $1 }
    for path in gone { next[path] = nil }
    let merger = people.remove(at: min(wanted - 1, people.count - 1))
    var endorsers = Array(people.prefix(wanted - 1))
    let isOwn = hidden == nil && head == nil && chance(2) && !endorsers.isEmpty
    if next != history[tip].tree {
      tip = write([tip], next, by: isOwn ? endorsers.removeLast() : nil)
      see(tip)
    }
    for key in endorsers {
      // Who joins in this very push cannot co-sign in it: co-signatures come before the lead.
      if chance(4), model.countingKeys()[key] != nil {
        cosign(key, base: history.mergeBases(history.reach(base), history.reach(tip))[0], head: tip, target: ref)
      } else {
        let isBound = chance(3)
        tip = write([tip], history[tip].tree, by: key, adopt: true, bounds: isBound ? [.base(base), .target(ref)] : [])
      }
      see(tip)
    }
    let (merged, conflicts) = history.mergeAgain([base, tip])
    guard conflicts.isEmpty else { return false }
    let merge = write([base, tip], merged, by: merger)
    see(merge)
    refs[ref] = merge
    return true
  }

  mutating func cosign(_ key: Key, base: CommitID, head: CommitID, target: String) {
    let statement = Statement(Signature(key, model.clock), target: target, base: base, head: head)
    let before = refs[Model.coSignatures]
    var tree = before.map { history[$0].tree } ?? [:]
    tree["\(head)/\(key)"] = .statement(statement)
    refs[Model.coSignatures] = history.add(Commit(before.map { [$0] } ?? [], tree, made: model.clock))
  }

  /// A request of one to two files, some inside a guarded folder.
  mutating func feature(hidden: Bool = false) -> Bool {
    let path = pick(["a", "b", "c", "boot", "d\(Int.random(in: 0..<4, using: &random))"])
    let evil: Tree? = hidden ? pick(evilTrees()) : nil
    return bring([path: .text(fresh())], to: lead.name, onto: tip, hidden: evil)
  }

  /// main takes what the lead holds, by one signature.
  mutating func take() -> Bool {
    guard lead.name != "main", !lead.former.contains("main"), policy.rule(for: "main") != nil else { return false }
    guard let key = goodKeys().randomElement(using: &random) else { return false }
    guard let base = refs["main"] else {
      refs["main"] = tip
      return true
    }
    let lead = self.lead
    let state = chance(3) ? pick(lead.states) : tip
    guard !history.reach(base).contains(state) else { return false }
    let (merged, conflicts) = history.mergeAgain([base, state])
    if let from = policy.rule(for: "main")?.from, !from.isEmpty, !from.contains(lead.name) { return false }
    guard conflicts.isEmpty else {
      broken.append("a take conflicts")
      return false
    }
    let merge = write([base, state], merged, by: key)
    see(merge)
    refs["main"] = merge
    return true
  }

  /// A release branch begins at a state of the lead, with a hotfix at once or later.
  mutating func release() -> Bool {
    guard policy.rule(for: "release/1") != nil else { return false }
    let name = "release/\(Int.random(in: 1..<4, using: &random))"
    let lead = self.lead
    if let tip = refs[name], !lead.isState(tip) {
      return bring(["hot": .text(fresh())], to: name, onto: tip)
    }
    // Somebody may have taken the name: they can have done nothing with it.
    if refs[name] != nil {
      flush()
      refs[name] = nil
      if !flush().isEmpty { return false }
    }
    let state = pick(lead.states)
    refs[name] = state
    return chance(2) ? true : bring(["hot": .text(fresh())], to: name, onto: state)
  }

  /// What a release has goes back to the lead, signed anew by people who count today.
  mutating func backMerge() -> Bool {
    guard let name = refs.keys.filter({ $0.hasPrefix("release/") }).sorted().randomElement(using: &random),
      let head = refs[name],
      !history.reach(tip).contains(head), history.mergeAgain([tip, head]).conflicts.isEmpty,
      // A release from before the last change of rules would bring the old ones back, were it not merged three-way.
      differences(history.mergeAgain([tip, head]).tree, tree).allSatisfy({ !isRuleFile($0) })
    else { return false }
    let base = history.mergeBases(history.reach(tip), history.reach(head))
    guard base.count == 1 else { return false }
    return bring([:], to: lead.name, onto: tip, of: head)
  }

  mutating func tag() -> Bool {
    guard policy.protectsTags, let key = goodKeys().randomElement(using: &random) else { return false }
    let lead = self.lead
    let branch = pick(refs.keys.filter { truth.isProtected($0, lead) }.sorted() + [lead.name])
    let states = truth.states(branch, refs, lead)
    guard !states.isEmpty else { return false }
    let name = "\(fresh()).0"
    let target = pick(states)
    refs["tags/" + name] = history.add(Tag(name, target, by: Signature(key, model.clock)))
    guard policy.tagThreshold > 1 else { return true }
    guard let other = goodKeys().first(where: { owner($0) != owner(key) }) else {
      refs["tags/" + name] = nil
      return false
    }
    let beside = "\(name)+\(owner(other))"
    refs["tags/" + beside] = history.add(Tag(beside, target, by: Signature(other, model.clock)))
    return true
  }

  /// A release that is not out yet is made anew on a newer state.
  mutating func rebase() -> Bool {
    flush()
    let lead = self.lead
    guard policy.rule(for: "release/1")?.mayRewind ?? false,
      let name = refs.keys.filter({ $0.hasPrefix("release/") && policy.rule(for: $0)?.mayRewind ?? false }).sorted()
        .randomElement(using: &random),
      let old = refs[name], !lead.isState(old), !truth.isPublished(name, old, lead, refs)
    else { return false }
    return bring(["hot": .text(fresh())], to: name, onto: tip)
  }

  // MARK: Rules that change

  mutating func changeRules(_ change: Tree, without gone: [String] = [], signers: [Key]? = nil) -> Bool {
    bring(change, without: gone, to: lead.name, onto: tip, signers: signers)
  }

  mutating func newcomer() -> Bool {
    var entries = registry
    let key = "new\(fresh())/1"
    entries[key] = Entry(owner(key))
    let certificate = Certificate(
      key, created: model.clock - Story.day, expires: chance(2) && lapses ? model.clock + 30 * Story.day : nil)
    return changeRules(["MAINTAINERS": .registry(entries), "keys/" + key: .certificate(certificate)])
  }

  /// A new key for the old person; the old one goes, or stays listed and is taken back.
  mutating func rotate() -> Bool {
    guard let old = goodKeys().randomElement(using: &random),
      !goodKeys().contains(where: { $0 != old && owner($0) == owner(old) }),
      var certificate = certificate(old)
    else { return false }
    flush()
    var entries = registry
    let key = "\(owner(old))/\(fresh())"
    entries[key] = Entry(owner(old))
    var change: Tree = ["keys/" + key: .certificate(Certificate(key, created: model.clock - Story.day))]
    if chance(2) {
      certificate.revocations.insert(Revocation(date: model.clock, isHard: false))
      change["keys/" + old] = .certificate(certificate)
    } else {
      entries[old] = nil
    }
    change["MAINTAINERS"] = .registry(entries)
    return changeRules(change)
  }

  /// In one of four ways; never so that too few are left.
  mutating func leave(_ person: Person? = nil, way: Int? = nil) -> Bool {
    let keys = goodKeys(anybody: true).filter { person == nil ? owner($0) != "mal" : owner($0) == person! }
    guard person != nil || goodKeys().count > policy.highestThreshold + 2, let key = keys.randomElement(using: &random),
      var certificate = certificate(key),
      person != nil || !["ann", "bob"].contains(owner(key))
    else { return false }
    flush()
    var entries = registry
    switch way ?? Int.random(in: 0..<4, using: &random) {
    case 0:
      entries[key] = nil
      return changeRules(["MAINTAINERS": .registry(entries)], signers: goodKeys().filter { $0 != key })
    case 1:
      entries[key] = nil
      return changeRules(["MAINTAINERS": .registry(entries)], without: ["keys/" + key])
    case 2:
      certificate.revocations.insert(Revocation(date: model.clock, isHard: false))
      return changeRules(["keys/" + key: .certificate(certificate)])
    default:
      // Stolen. Whoever comes to know it looks through what the key signed before; here it signed nothing of late.
      certificate.revocations.insert(Revocation(date: model.clock, isHard: true))
      entries[key] = nil
      return changeRules(
        ["keys/" + key: .certificate(certificate), "MAINTAINERS": .registry(entries)],
        signers: goodKeys().filter { $0 != key })
    }
  }

  /// Everybody's key lives longer, also where it has expired already.
  mutating func extend() -> Bool {
    var change: Tree = [:]
    for key in registry.keys where Story.honest.contains(owner(key)) || owner(key).hasPrefix("new") {
      guard var certificate = certificate(key), certificate.revocations.isEmpty else { continue }
      guard certificate.selfSignatures.contains(where: { $0.expires != nil }) else { continue }
      certificate.selfSignatures.insert(SelfSignature(date: model.clock, expires: model.clock + 60 * Story.day))
      change["keys/" + key] = .certificate(certificate)
    }
    guard !change.isEmpty else { return false }
    return changeRules(change, signers: goodKeys() + change.keys.map { String($0.dropFirst(5)) }.sorted())
  }

  mutating func changeThreshold() -> Bool {
    var next = policy
    next.threshold = next.threshold == 2 ? 3 : 2
    next.paths = next.paths.map { PathRule($0.path, threshold: next.threshold, group: $0.group) }
    next.version += Int.random(in: 1...3, using: &random)
    guard Set(goodKeys().map(owner)).count > next.threshold else { return false }
    flush()
    return changeRules(["review.toml": .policy(next)])
  }

  mutating func changeLead() -> Bool {
    var next = policy
    next.lead = "trunk\(fresh())"
    for place in next.branches.indices { next.branches[place].threshold = nil }
    next.version += 1
    if chance(2), next.rule(for: lead.name) == nil { next.branches.append(BranchRule(lead.name)) }
    if chance(3) { next.branches.removeAll { $0.name == lead.name } }
    guard !next.branches.isEmpty else { return false }
    if next.branches.contains(where: { !$0.from.isEmpty }) { next.branches[0].from.append(next.lead!) }
    flush()
    let done = changeRules(["review.toml": .policy(next)])
    if done, chance(2) { refs[next.lead!] = tip }
    return done
  }

  /// One thing that honest people do, chosen at random.
  mutating func honestly() -> (name: String, done: Bool) {
    switch Int.random(in: 0..<(policy.branches.contains(where: \.mayRewind) ? 26 : 24), using: &random) {
    case 0..<6: ("feature", feature())
    case 6..<9: ("take", take())
    case 9..<12: ("release", release())
    case 12: ("back-merge", backMerge())
    case 13, 14: ("tag", tag())
    case 15: ("newcomer", newcomer())
    case 16: ("rotate", rotate())
    case 17: ("leave", leave())
    case 18, 19: ("extend", extend())
    case 20: ("threshold", changeThreshold())
    case 21 where chance(3): ("lead", changeLead())
    case 24, 25: ("rebase", rebase())
    default:
      (
        "wait",
        {
          flush(); wait(Int.random(in: 1...6, using: &random) * Story.day); return true
        }()
      )
    }
  }

  /// Liveness: nothing of this is ever refused, and the audit says the same.
  package mutating func liveHonestly(_ length: Int) {
    for _ in 0..<length {
      let (name, _) = honestly()
      if name == "wait" || chance(2) {
        let before = refs
        let codes = flush()
        if !codes.isEmpty {
          broken.append("refused honest work (\(name)): \(codes.sorted()) \(before) \(pushes.last!.updates)")
        }
      }
      wait(Int.random(in: 60...7200, using: &random))
    }
    let codes = flush()
    if !codes.isEmpty { broken.append("refused honest work: \(codes.sorted())") }
  }
}
