import GitBridge
import OpenPGP
import Review
import Testing

/// The rule on many small random histories, held against the sentences of the specification taken word by word.
@Suite struct PropertyTests {
  /// A reproducible source of numbers (SplitMix64).
  struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  static let people = ["ann", "bob", "cid"]

  static func id(_ number: Int) -> ObjectID {
    let digits = String(number, radix: 16)
    return ObjectID(hexString: String(repeating: "0", count: 40 - digits.count) + digits)!
  }

  static func signed(_ person: String) -> SignatureFact {
    .good(Signer(person: person, key: .unknown, subkey: .unknown, time: 0))
  }

  /// A random history on top of one old commit; commit numbers grow from parents to children.
  static func history(_ seed: UInt64) -> [ChangeFacts] {
    var random = Numbers(state: seed)
    let old = id(1)
    var ids = [old]
    var changes: [ChangeFacts] = []
    for number in 2...(2 + Int.random(in: 1...12, using: &random)) {
      var parents: [ObjectID] = []
      for _ in 0..<[1, 1, 1, 2, 2, 3].randomElement(using: &random)! {
        let parent = ids.suffix(6).randomElement(using: &random)!
        if !parents.contains(parent) { parents.append(parent) }
      }
      let signature: SignatureFact = Bool.random(using: &random) ? signed(people.randomElement(using: &random)!) : .none
      let isMerge = parents.count > 1
      changes.append(
        ChangeFacts(
          commit: id(number), parents: parents, isAdoption: !isMerge && Int.random(in: 0..<4, using: &random) == 0,
          signature: signature,
          merge: isMerge ? (Int.random(in: 0..<4, using: &random) == 0 ? .content(paths: []) : .clean) : nil))
      ids.append(id(number))
    }
    return changes
  }

  static func step(_ changes: [ChangeFacts], coSignatures: [CoSignatureFact] = []) -> StepFacts {
    StepFacts(
      ref: "refs/heads/main", old: id(1), new: changes[changes.count - 1].commit, policy: .standard, threshold: 2,
      maintainers: people, changes: changes, coSignatures: coSignatures)
  }

  /// Who endorses what, by sets, as the specification says it.
  static func oracle(_ changes: [ChangeFacts], _ coSignatures: [CoSignatureFact]) -> [ObjectID: Set<String>] {
    let byID = Dictionary(uniqueKeysWithValues: changes.map { ($0.commit, $0) })
    func reach(_ ids: some Sequence<ObjectID>) -> Set<ObjectID> {
      var seen: Set<ObjectID> = []
      var waiting = Array(ids)
      while let next = waiting.popLast() {
        if seen.insert(next).inserted { waiting += byID[next]?.parents ?? [] }
      }
      return seen
    }
    let new = Set(byID.keys)
    func introduced(_ merge: ChangeFacts) -> Set<ObjectID> {
      reach(merge.parents.dropFirst()).subtracting(reach(merge.parents.prefix(1)))
    }
    let merges = changes.filter { $0.parents.count > 1 }
    var result: [ObjectID: Set<String>] = [:]
    func endorse(_ ids: Set<ObjectID>, _ person: String, _ way: String) {
      for id in ids.intersection(new) { result[id, default: []].insert("\(person) \(way)") }
    }
    for change in changes {
      guard let person = change.signature.signer?.person else { continue }
      endorse([change.commit], person, "own")
      if change.parents.count > 1 { endorse(introduced(change), person, "merge") }
      if change.kind == .adopt {
        let around = merges.filter { introduced($0).contains(change.commit) }
        let innermost = around.filter { merge in
          !around.contains { $0.commit != merge.commit && reach([merge.commit]).contains($0.commit) }
        }
        var covered = reach(change.parents)
        for merge in innermost { covered.subtract(reach(merge.parents.prefix(1))) }
        endorse(covered, person, "adopt")
      }
    }
    for statement in coSignatures {
      guard let person = statement.signature.signer?.person else { continue }
      endorse(reach([statement.head]).subtracting(reach([statement.base])), person, "co-signature")
    }
    return result
  }

  static func coSignatures(_ changes: [ChangeFacts], _ seed: UInt64) -> [CoSignatureFact] {
    var random = Numbers(state: seed ^ 0xC0)
    guard Bool.random(using: &random) else { return [] }
    let head = changes.randomElement(using: &random)!
    return [
      CoSignatureFact(
        statement: id(9999), base: head.parents.randomElement(using: &random)!, head: head.commit,
        signature: signed(people.randomElement(using: &random)!))
    ]
  }

  @Test func `endorsements are those of the specification`() {
    for seed in 0..<1500 as Range<UInt64> {
      let changes = Self.history(seed)
      let statements = Self.coSignatures(changes, seed)
      let expected = Self.oracle(changes, statements)
      for change in judge(Self.step(changes.shuffled(), coSignatures: statements)).updates[0].changes {
        let found = Set(change.endorsers.map { "\($0.person) \($0.via.rawValue)" })
        #expect(found == expected[change.commit] ?? [], "seed \(seed), commit \(change.commit)")
      }
    }
  }

  @Test func `one more endorsement never turns accepted into refused, and names do not matter`() {
    var accepted = 0
    for seed in 0..<1500 as Range<UInt64> {
      let changes = Self.history(seed)
      let before = judge(Self.step(changes))
      var random = Numbers(state: seed ^ 0xADD)
      let chosen = changes.indices.randomElement(using: &random)!
      var more = changes
      if changes[chosen].signature == .none {
        let old = changes[chosen]
        more[chosen] = ChangeFacts(
          commit: old.commit, parents: old.parents, isAdoption: old.isAdoption,
          signature: Self.signed(Self.people.randomElement(using: &random)!), merge: old.merge)
      }
      let after = judge(Self.step(more))
      for (one, other) in zip(before.updates[0].changes, after.updates[0].changes) where one.outcome == .accepted {
        accepted += 1
        #expect(other.outcome == .accepted, "seed \(seed), commit \(one.commit)")
      }
      let renamed = changes.map { change in
        ChangeFacts(
          commit: change.commit, parents: change.parents, isAdoption: change.isAdoption,
          signature: change.signature.signer.map { Self.signed(String($0.person.reversed())) } ?? .none,
          merge: change.merge)
      }
      let other = judge(Self.step(renamed))
      #expect(
        other.refusals.map(\.code) == before.refusals.map(\.code) && other.outcome == before.outcome, "seed \(seed)")
    }
    // The histories are not so poor that nothing is ever accepted.
    #expect(accepted > 1000)
  }
}
