/// A reproducible source of numbers (SplitMix64).
package struct Numbers: RandomNumberGenerator, Sendable {
  private var state: UInt64
  package init(seed: UInt64) { state = seed &* 0x2545_F491_4F6C_DD1D }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// People who work on a repository, push by push, as the model judges it. What went otherwise than promised is kept.
package struct Story {
  package struct Push: Sendable {
    package var clock: Time
    package var updates: [Update]
    package var codes: Codes
  }

  package var model: Model
  package var random: Numbers
  package private(set) var pushes: [Push] = []
  /// Promises that did not hold.
  package var broken: [String] = []
  /// Refs as they will stand once what is waiting has been pushed.
  package var refs: [String: Int] = [:]

  package static let beginning: Time = 1_700_000_000
  package static let day = 86_400
  /// Keys are called as their owners, and a number.
  package static let honest = ["ann", "bob", "cat", "dan"]
  /// Those who have left, one in each way; and `mal`, who has one key that counts.
  package static let gone = ["eve", "fay", "gus", "hal"]

  /// What somebody honest has seen in a tree that they signed; nil: that it is gone.
  var seen: [String: Set<Content?>] = [:]
  /// Commits that hold what nobody has seen, inside requests that were merged.
  var inner: [CommitID] = []
  var pool: [CommitID] = []
  var stood: Set<CommitID> = []
  private var counter = 0

  /// Whether keys of honest people expire: not where the program judges by its own clock, years later.
  let lapses: Bool

  /// - Parameter leaves: whether `gone` go before the story begins.
  package init(seed: UInt64, without: Set<Clause> = [], leaves: Bool, lapses: Bool = true) {
    random = Numbers(seed: seed)
    self.lapses = lapses
    let history = History()
    var policy = Policy(version: 1)
    let lead = ["main", "staging"].randomElement(using: &random)!
    let setting = Bool.random(using: &random)
    if !setting { policy.lead = lead }
    // R47 is asked of followers: main takes from its lead and the releases.
    if Int.random(in: 0..<3, using: &random) == 0, lead == "staging" {
      policy.branches[0].from = ["staging", "release/*"]
    }
    // R37: no branch may ask for less of the lead.
    if Int.random(in: 0..<3, using: &random) == 0 { policy.branches[lead == "main" ? 0 : 1].threshold = 1 }
    if Int.random(in: 0..<3, using: &random) == 0 {
      policy.paths = [PathRule("boot", threshold: policy.threshold, group: ["ann", "bob"])]
    }
    // R121, R122: in every fifth story.
    if seed % 5 == 0 {
      policy.branches[2].mayRewind = true
      policy.tagThreshold = 2
    }
    var tree: Tree = ["review.toml": .policy(policy), "boot": .text(0), "a": .text(1)]
    var registry: [Key: Entry] = [:]
    for person in Story.honest + ["mal"] + Story.gone {
      let key = person + "/1"
      registry[key] = Entry(person)
      let expires = person == "hal" || person == "dan" && Bool.random(using: &random) && lapses
      tree["keys/" + key] = .certificate(
        Certificate(
          key, created: Story.beginning - 400 * Story.day, expires: expires ? Story.beginning + 20 * Story.day : nil))
    }
    registry["bot/1"] = Entry("robot", isMachine: true)
    registry["mal/2"] = Entry("mal")
    tree["keys/mal/2"] = .certificate(Certificate("mal/2", created: Story.beginning - 400 * Story.day))
    tree["keys/bot/1"] = .certificate(Certificate("bot/1", created: Story.beginning - 400 * Story.day))
    tree["MAINTAINERS"] = .registry(registry)
    let older = history.add(
      Commit(
        [], ["MAINTAINERS": .registry(["mal/1": Entry("mal"), "fay/1": Entry("fay")])], made: Story.beginning - 10))
    let root = history.add(Commit([older], tree, made: Story.beginning))
    model = Model(history, root: root, clock: Story.beginning + Story.day)
    model.without = without
    if setting { model.leadSetting = lead }
    model.refs = ["main": root, "staging": root]
    refs = model.refs
    pool = [older, root]
    see(root)
    stood = [root]
    if leaves { everybodyGoes() }
  }

  var history: History { model.history }

  /// The story as it will stand: the model that nothing was taken out of, over the refs to come.
  var truth: Model {
    var truth = model
    truth.refs = refs
    truth.without = []
    return truth
  }

  var lead: Lead { truth.lead(refs)! }
  var tip: CommitID { lead.tip }
  var tree: Tree { history[tip].tree }

  mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }
  mutating func pick<Element>(_ from: [Element]) -> Element { from[Int.random(in: 0..<from.count, using: &random)] }

  mutating func fresh() -> Int {
    counter += 1
    return counter + 1
  }

  /// Keys that count today, and tomorrow when the push comes, of people with whom nothing is wrong.
  func goodKeys(anybody: Bool = false) -> [Key] {
    var tomorrow = truth
    tomorrow.clock += Story.day
    let later = tomorrow.countingKeys()
    return truth.countingKeys().filter { later[$0.key] != nil }.filter { key, person in
      anybody || Story.honest.contains(person) || person.hasPrefix("new")
    }.keys.sorted()
  }

  func owner(_ key: Key) -> Person { String(key.prefix { $0 != "/" }) }

  // MARK: Writing

  mutating func write(
    _ parents: [CommitID], _ tree: Tree, by key: Key?, date: Time? = nil, adopt: Bool = false, bounds: [Bound] = []
  ) -> CommitID {
    var commit = Commit(parents, tree, by: key.map { Signature($0, date ?? model.clock) }, made: date ?? model.clock)
    commit.saysAdopt = adopt
    commit.bounds = bounds
    let id = history.add(commit)
    pool.append(id)
    return id
  }

  /// Somebody honest signs this tree, so they have looked at it.
  mutating func see(_ id: CommitID) {
    for (path, content) in history[id].tree { seen[path, default: []].insert(content) }
    let before = history[id].parents.first.map { history[$0].tree } ?? [:]
    for path in before.keys where history[id].tree[path] == nil { seen[path, default: []].insert(nil) }
  }

  // MARK: Pushing

  mutating func wait(_ time: Time) { model.clock += time }

  /// Pushes all that is waiting, at once.
  @discardableResult
  mutating func flush() -> Codes {
    var updates: [Update] = []
    for ref in Set(refs.keys).union(model.refs.keys).sorted() where refs[ref] != model.refs[ref] {
      updates.append(Update(ref, model.refs[ref], refs[ref]))
    }
    guard !updates.isEmpty else { return [] }
    return push(updates)
  }

  @discardableResult
  mutating func push(_ updates: [Update]) -> Codes {
    let before = model
    let codes = model.push(updates)
    pushes.append(Push(clock: model.clock, updates: updates, codes: codes))
    refs = model.refs
    if codes.isEmpty { check(before, updates) }
    return codes
  }
}

extension Model {
  /// Whose signature of today counts.
  package func countingKeys() -> [Key: Person] {
    guard let lead = lead(refs), let terms = terms(lead) else { return [:] }
    var keys: [Key: Person] = [:]
    for key in terms.rules.registry.keys { keys[key] = terms.signer(Signature(key, clock)) }
    return keys
  }
}
