/// A sentence that can be left out, to see that the search notices.
package enum Clause: String, CaseIterable, Sendable {
  case stepsOfLead_R25, clock_R27, future_R28, twoQuestions_R30, hardForever_R32, softCounts_R33, revocationKept_R35
  case version_R36, highestThreshold_R37, lockOut_R38, wholeStates_R40, rulesOfToday_R41, clock_R42, ruleFiles_R43
  case mergeOfItsOwn_R44, anothersState_R46, from_R47, freeName_R49, newlyProtected_R5, former_R15
  case handover_R16, line_R18, rewind_R19, foxtrot_R20, unrelated_R22, takesOnly_R56, everyPerson_R64, machine_R66,
    dateAhead_R73
  case merge_R83, adoptionBoundary_R85, coSigner_R87, base_R88, target_R89, threshold_R93, contentMerge_R96,
    eachBase_R95
  case ownSignature_R97, paths_R99, tagSigner_R107, tagTarget_R108, tagMoved_R109, statementsStay_R113
  case madeAnew_R121, published_R121, vouchers_R122, ownVoucher_R122
}

package typealias Codes = Set<String>

/// A repository, and what is configured outside it.
package struct Model {
  package var history: History
  /// Branches by their short names, tags (`tags/9.0`) by their number.
  package var refs: [String: Int] = [:]
  /// R6.
  package var root: CommitID
  /// R8: `maint.lead`.
  package var leadSetting: String?
  /// R7.
  package var starts: [String: CommitID] = [:]
  package var clock: Time
  /// R57: moves that a hook took: `ref old new`.
  package var ledger: Set<String> = []
  /// For mutants.
  package var without: Set<Clause> = []
  /// R120 answers the small histories of R40 and R95 too; to see that these are needed by themselves it can be left
  /// out.
  package var asksForBringing = true

  package static let coSignatures = "cosignatures"
  package static let hour = 3600

  package init(_ history: History, root: CommitID, clock: Time) {
    self.history = history
    self.root = root
    self.clock = clock
  }

  func holds(_ clause: Clause) -> Bool { !without.contains(clause) }
}

/// R10, R70: what one tree says. R34: revocations are found whatever their file is called.
struct Rules {
  var registry: [Key: Entry]
  var certificates: [Key: Certificate]
  var revocations: [Key: Set<Revocation>]
  var policy: Policy

  /// Nil where they cannot be read.
  init?(_ tree: Tree) {
    guard case .registry(let registry) = tree["MAINTAINERS"] else { return nil }
    self.registry = registry
    switch tree["review.toml"] {
    case nil: policy = Policy()
    case .policy(let written): policy = written
    default: return nil
    }
    certificates = [:]
    revocations = [:]
    for (path, content) in tree where path.hasPrefix("keys/") {
      guard case .certificate(let certificate) = content else { continue }
      if path == "keys/" + certificate.key { certificates[certificate.key] = certificate }
      revocations[certificate.key, default: []].formUnion(certificate.revocations)
    }
  }
}

/// R8, R9, R13, R14: the line of states, across changes of the lead.
package struct Lead {
  package var name: String
  package var states: [CommitID]
  /// R15: branches that have handed over.
  package var former: [String] = []

  package var tip: CommitID { states[states.count - 1] }
  package func isState(_ id: CommitID) -> Bool { states.contains(id) }
}

extension Model {
  func rules(_ state: CommitID) -> Rules? { Rules(history[state].tree) }

  var firstLead: String { leadSetting ?? rules(root)?.policy.lead ?? "main" }

  /// Nil: there is no lead here (R60).
  package func lead(_ refs: [String: Int]) -> Lead? {
    var lead = Lead(name: firstLead, states: [root])
    guard refs[lead.name] != nil else { return nil }
    while let tip = refs[lead.name] {
      let line = history.line(tip)
      guard let place = line.firstIndex(of: lead.tip) else { return lead.former.isEmpty ? nil : lead }
      let name = lead.name
      for state in line[..<place].reversed() where lead.name == name {
        let before = rules(lead.tip)?.policy.lead
        lead.states.append(state)
        // R13: the name has to be new in the policy, else maint.lead and an old policy would take turns.
        if let next = rules(state)?.policy.lead, next != name, next != before {
          lead.former = (lead.former + [name]).filter { $0 != next }
          lead.name = next
        }
      }
      if lead.name == name { return lead }
    }
    return lead
  }

  /// R26: the step's time, from what the states up to this one carry.
  func stepTime(_ lead: Lead, _ index: Int) -> Time {
    var time = history[root].made
    for place in 0..<index {
      if let date = goodDate(lead.states[place + 1], above: lead.states[place]) { time = max(time, date) }
    }
    return time
  }

  private func goodDate(_ state: CommitID, above below: CommitID) -> Time? {
    guard let signature = history[state].signature, let rules = rules(below), rules.registry[signature.key] != nil,
      signature.date <= clock + Model.hour, let own = rules.certificates[signature.key], own.created <= signature.date
    else { return nil }
    let here = self.rules(state)
    let revocations = (rules.revocations[signature.key] ?? []).union(here?.revocations[signature.key] ?? [])
    guard !own.with(here?.certificates[signature.key]).isExpired(at: signature.date),
      !revocations.contains(where: { $0.isHard || $0.date <= signature.date })
    else { return nil }
    return signature.date
  }

  /// R42: what a follower is judged at.
  func today(_ lead: Lead) -> Time {
    guard holds(.clock_R42) else { return stepTime(lead, lead.states.count - 1) }
    var time = clock
    for (below, state) in zip(lead.states, lead.states.dropFirst()) {
      if let signature = history[state].signature, rules(below)?.registry[signature.key] != nil,
        signature.date <= clock + Model.hour
      {
        time = max(time, signature.date)
      }
    }
    return time
  }
}

/// By what a step's signatures are judged.
struct Terms {
  var rules: Rules
  var time: Time
  /// R30: certificates whose newer self-signatures may be added, one at a time after the first.
  var newer: [[Key: Certificate]] = [[:]]
  /// R32.
  var hard: Set<Key>
  var latest: Time
  var clauses: Set<Clause> = []

  /// R29, R73, R33, R66, R67: whose good signature this is.
  func signer(_ signature: Signature?) -> Person? {
    guard let signature, let certificate = rules.certificates[signature.key], certificate.created <= signature.date,
      signature.date <= latest || clauses.contains(.dateAhead_R73)
    else { return nil }
    return person(signature.key)
  }

  /// R29: whose key this is, if it counts.
  func person(_ key: Key) -> Person? {
    guard let entry = rules.registry[key], !entry.isMachine || clauses.contains(.machine_R66),
      let certificate = rules.certificates[key]
    else { return nil }
    let soft = rules.revocations[key, default: []].contains { !$0.isHard && $0.date <= time }
    guard !hard.contains(key), !soft || clauses.contains(.softCounts_R33) else { return nil }
    var merged = certificate
    for extra in newer {
      merged = merged.with(extra[key])
      if !merged.isExpired(at: time) { return clauses.contains(.everyPerson_R64) ? key : entry.person }
    }
    return nil
  }

  var people: Set<Person> { Set(rules.registry.keys.compactMap(person)) }
}

extension Model {
  /// R32: revoked as compromised at any of these states.
  func hardRevoked(_ states: some Sequence<CommitID>) -> Set<Key> {
    var keys: Set<Key> = []
    for state in states {
      for (key, revocations) in rules(state)?.revocations ?? [:] where revocations.contains(where: \.isHard) {
        keys.insert(key)
      }
    }
    return keys
  }

  /// R24, R27, R29, R30: the terms of the step of the lead that ends in this state. `now` is nil in an audit.
  func terms(_ lead: Lead, step index: Int, now: Time?) -> Terms? {
    guard let rules = rules(lead.states[index - 1]) else { return nil }
    let own = stepTime(lead, index)
    let here = self.rules(lead.states[index])?.certificates ?? [:]
    let tip = holds(.twoQuestions_R30) ? self.rules(lead.tip)?.certificates ?? [:] : [:]
    let states = holds(.hardForever_R32) ? lead.states : [lead.states[index - 1]]
    return Terms(
      rules: rules, time: holds(.clock_R27) ? max(own, now ?? own) : own, newer: [here, tip], hard: hardRevoked(states),
      latest: clock + Model.hour, clauses: without)
  }

  /// R41, R42: today's terms, for followers and tags. R54: or those of another state, at that state's time.
  func terms(_ lead: Lead, of state: Int? = nil) -> Terms? {
    let index = state ?? lead.states.count - 1
    guard let rules = rules(lead.states[index]) else { return nil }
    let states = holds(.hardForever_R32) ? lead.states : [lead.states[index]]
    return Terms(
      rules: rules, time: state.map { stepTime(lead, $0) } ?? today(lead), hard: hardRevoked(states),
      latest: clock + Model.hour, clauses: without)
  }
}
