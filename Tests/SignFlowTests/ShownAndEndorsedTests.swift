import GitBridge
import OpenPGP
import Review
import SignFlow
import Support
import Testing

/// For a request of any shape: what `cosign` shows is what the gate says that this person then endorses, no more and no
/// less.
struct ShownAndEndorsedTests {
  @Test(arguments: 0..<24)
  func `What was shown is what is endorsed`(seed: Int) async throws {
    let found = try await aside { try RandomRequest(seed: UInt64(seed)).compared() }
    for difference in found.differences { Issue.record("seed \(seed): \(difference)") }
    #expect(found.signatures > 0, "seed \(seed): nothing could be signed")
  }

  // Without its trailers an adoption says nothing of how far it reaches: the comparison must see that.
  @Test func `A signature that reaches further than the screen is found`() async throws {
    var found = 0
    for seed in 0..<48 as Range<UInt64> where found == 0 {
      found += try await aside { try RandomRequest(seed: seed).compared(unbound: true).differences.count }
    }
    #expect(found > 0)
  }
}

/// A request on a lead or on a branch that follows it, made by chance: merges either way round, the base taken in,
/// others' signatures and adoptions, bounds that somebody wrote into messages.
private final class RandomRequest {
  private static let policy = """
    version = 2
    repository = "forge.example/stagex/stagex"
    [[branch]]
    name = "release/*"

    """
  private static let people = ["ann", "bob", "cat"]
  private static let keys = people.enumerated().map { TestCertificate.usual(seed: 7300 + $0.offset) }

  private let git: ScriptedRepository
  private var chance: SeededChance
  private var files: [ObjectID: Files] = [:]
  private var counter = 0
  private var settings = ReviewSettings(clock: TestKey.defaultCreation + 86_400, threads: 1)

  init(seed: UInt64) throws {
    git = try ScriptedRepository()
    chance = SeededChance(seed: seed)
    settings.engines = .native
    settings.lead = "staging"
    settings.remote = "origin"
  }

  struct Found: Sendable {
    var signatures = 0
    var differences: [String] = []
  }

  // MARK: histories

  private func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &chance) }
  private func person() -> Int? { below(2) == 0 ? nil : below(Self.people.count) }

  private func commit(
    _ parents: [ObjectID], by person: Int?, adding: Bool = true, message: String = "change\n"
  ) throws -> ObjectID {
    var entries = parents.first.flatMap { files[$0] }?.entries ?? [:]
    for parent in parents.dropFirst() { entries.merge(files[parent]?.entries ?? [:]) { ours, _ in ours } }
    counter += 1
    if adding { entries["p\(counter)"] = .file("\(counter)\n") }
    let key = person.map { Self.keys[$0].subkey }
    let id = try git.commit(
      files: Files(entries), parents: parents, message: message,
      signedBy: key.map { key in { TestSignature(by: key).armored(over: $0) } })
    files[id] = Files(entries)
    return id
  }

  private func start() throws -> ObjectID {
    var entries: [String: ScriptedFile] = ["review.toml": .file(Self.policy)]
    var text = ""
    for (name, key) in zip(Self.people, Self.keys) {
      let fingerprint = key.certificate.primary.fingerprint.hex
      text += "[people.\(name)]\n[keys.\(name).card]\nid = \"\(fingerprint)\"\ndevices = [\"YubiKey 5\"]\n"
      entries["keys/\(fingerprint).asc"] = ScriptedFile(content: key.certificate.armored)
    }
    entries["MAINTAINERS"] = .file(text)
    let root = try git.commit(files: Files(entries), message: "start\n")
    files[root] = Files(entries)
    settings.trustRoot = root
    return root
  }

  /// A lawful step: what one did, another merges.
  private func step(_ state: ObjectID) throws -> ObjectID {
    let author = below(3)
    return try commit(
      [state, try commit([state], by: author)], by: (author + 1) % 3, adding: false, message: "Merge\n")
  }

  /// Random commits, some of them on what stands below. Returns the head.
  private func request(on states: [ObjectID]) throws -> ObjectID {
    var tips = [states[below(states.count)]]
    for _ in 0..<below(7) + 2 {
      let tip = tips[below(tips.count)]
      switch below(10) {
      case 0, 1:
        tips.append(
          try commit([tip, tips[below(tips.count)]].distinct, by: person(), adding: below(4) == 0, message: "Merge\n"))
      case 2:
        tips.append(
          try commit(
            [tip, states[below(states.count)]].distinct, by: person(), adding: false, message: "Take staging in\n"))
      case 3:
        tips.append(
          try commit(
            [states[below(states.count)], tip].distinct, by: person(), adding: false, message: "The wrong way round\n"))
      case 4: tips.append(try commit([tip], by: person(), adding: false, message: "Adopt\n"))
      case 5:
        let bound = [tips[0], states[below(states.count)], tip][below(3)]
        let target = ["refs/heads/staging", "refs/heads/release/1", "refs/heads/other"][below(3)]
        tips.append(
          try commit(
            [tip], by: person(), adding: false,
            message: "Adopt\n\nReviewed-Base: \(bound)\nReviewed-Target: \(target)\n"))
      default: tips.append(try commit([tip], by: person()))
      }
    }
    // Something new on top, so that there is a request at all.
    return try commit([tips[tips.count - 1], tips[below(tips.count)]].distinct, by: person())
  }

  // MARK: the comparison

  func compared(unbound: Bool = false) throws -> Found {
    let root = try start()
    var states = [root]
    for _ in 0..<below(3) { states.append(try step(states[states.count - 1])) }
    let isLead = below(3) > 0
    let branch = isLead ? "staging" : "release/1"
    try git.setRef("refs/remotes/origin/staging", to: states[states.count - 1])
    let base = isLead ? states[states.count - 1] : states[below(states.count)]
    try git.setRef("refs/remotes/origin/\(branch)", to: base)
    let head = try request(on: states)
    let reviewer = Reviewer(git.repository, settings)
    guard try !git.repository.isAncestor(head, of: base) else { return Found(signatures: 1) }

    let runner = GitRunner(gitDirectory: git.path, environment: Tool.bareEnvironment, mayPrompt: false)
    let pull = PullRequestFacts(
      name: "PR-1", number: 1, headRef: "refs/pull/1/head", base: branch, home: .here(ref: "refs/pull/1/head"))
    let cosigner = Cosigner(reviewer, git: runner, remote: "origin", pull: pull)
    cosigner.identityOfRepository = "forge.example/stagex/stagex"
    let commits = cosigner.answer(head, onto: base).verdict.updates.flatMap(\.changes).map(\.commit)
    let state = try ReviewedState(head: head, base: base, commits: Set(commits), in: git.repository)
    let bases = try git.repository.mergeBases(base, head)
    let survey = try ChangeSurvey(
      from: git.repository.treeOfCommit(bases.first ?? base), to: git.repository.treeOfCommit(head), commits: commits,
      registry: reviewer.registry(at: root), repository: git.repository, git: runner)
    let shown = Set(survey.commits.map(\.id))

    var found = Found()
    for number in Self.people.indices {
      var signer: any MaintainerSigner = KeySigner(person: Self.people[number], Self.keys[number])
      for way in ["adopt", "merge"] {
        guard let made = try sign(way, cosigner, state, &signer, unbound, by: number) else { continue }
        found.signatures += 1
        let endorsed = try endorsed(by: Self.people[number], made, way, branch, base, reviewer)
        if endorsed != shown {
          let more = endorsed.subtracting(shown).map(\.short), less = shown.subtracting(endorsed).map(\.short)
          found.differences.append(
            "\(way) by \(Self.people[number]) on \(branch): not shown \(more), not endorsed \(less)")
        }
        // Carried to another branch it endorses nothing there.
        let other = isLead ? "release/1" : "staging"
        let elsewhere = try through(made, carriedTo: other, on: states[0], reviewer)
        if !elsewhere.isEmpty {
          found.differences.append("\(way) by \(Self.people[number]) counts on \(other) for \(elsewhere.map(\.short))")
        }
      }
    }
    return found
  }

  /// The commit that `cosign` makes; nil where it makes none.
  private func sign(
    _ way: String, _ cosigner: Cosigner, _ state: ReviewedState, _ signer: inout any MaintainerSigner, _ unbound: Bool,
    by number: Int
  ) throws -> ObjectID? {
    if unbound { return way == "adopt" ? try commit([state.head], by: number, adding: false, message: "Adopt\n") : nil }
    do throws(CosignError) {
      return way == "adopt" ? try cosigner.adopt(state, &signer) : try cosigner.merge(state, &signer)
    } catch {
      switch error {
      case .ruleRefuses, .conflicts, .mergesDiffer: return nil
      default: throw error
      }
    }
  }

  /// What the gate says of the person, besides the new commit itself.
  private func endorsed(
    by person: String, _ made: ObjectID, _ way: String, _ branch: String, _ base: ObjectID, _ reviewer: Reviewer
  ) throws -> Set<ObjectID> {
    let update = RefUpdate(ref: Array("refs/heads/\(branch)".utf8), old: base, new: made)
    let verdict =
      way == "adopt" ? reviewer.judge(pullRequest: made, onto: update).verdict : reviewer.judge(inThought: [update])
    return Set(
      verdict.updates.flatMap(\.changes).filter { $0.endorsers.contains { $0.person == person } }.map(\.commit)
    ).subtracting([made])
  }

  /// What a signature endorses besides itself where somebody else carries it.
  private func through(_ made: ObjectID, carriedTo branch: String, on base: ObjectID, _ reviewer: Reviewer) throws
    -> Set<ObjectID>
  {
    let update = RefUpdate(ref: Array("refs/heads/\(branch)".utf8), old: base, new: made)
    let changes = reviewer.judge(pullRequest: made, onto: update).verdict.updates.flatMap(\.changes)
    return Set(changes.filter { $0.endorsers.contains { $0.by == made } }.map(\.commit)).subtracting([made])
  }
}

extension [ObjectID] {
  /// A merge of one with itself is none.
  fileprivate var distinct: [ObjectID] { count == 2 && self[0] == self[1] ? [self[0]] : self }
}

/// Signs with a key of the test's.
private struct KeySigner: MaintainerSigner {
  let identity: SignerIdentity
  private let key: TestKey

  init(person: String, _ keys: (certificate: TestCertificate, subkey: TestKey)) {
    key = keys.subkey
    identity = SignerIdentity(
      person: person, primary: keys.certificate.primary.fingerprint, signing: keys.subkey.fingerprint, card: nil)
  }

  func detachedSignature(over payload: [UInt8]) throws(SigningError) -> [UInt8] {
    TestSignature(by: key).armored(over: payload)
  }
  func signedMessage(over content: [UInt8]) throws(SigningError) -> [UInt8] { TestMessage(content, by: key).bytes }
}
