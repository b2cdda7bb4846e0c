internal import GitBridge
internal import OpenPGP

/// Turns what was read of a history into figures.
struct SurveyCount {
  typealias Node = SurveyHistory.Node

  private let scan: SurveyScan
  private let repository: Repository
  private let workers: Workers
  private let settings: ReviewSettings
  private let history: SurveyHistory
  private let steps: SurveySteps
  private let makers: SurveyMakers

  init(scan: SurveyScan, repository: Repository, workers: Workers, settings: ReviewSettings) {
    self.scan = scan
    self.repository = repository
    self.workers = workers
    self.settings = settings
    history = scan.history
    // The walk begins with the tip.
    steps = SurveySteps(scan.history, tip: 0)
    makers = SurveyMakers(scan)
  }

  func result() throws(ReviewProblem) -> Survey {
    let period = steps.order.filter { isInPeriod($0) }
    let merges = period.filter { history.isMerge($0) && !isMalformed($0) }
    let skipped = scan.scope.redoesAllMerges ? [] : Set(merges.filter(isByForge))
    let found = try SurveyMerges(
      history: history, steps: steps, repository: repository, workers: workers, settings: settings
    )
    .find(merges, skipping: skipped)

    var survey = Survey(name: scan.scope.name, ref: scan.scope.ref, tip: scan.scope.tip, since: scan.scope.since)
    survey.certificates = scan.scope.keyring?.certificates.count
    survey.merges = Survey.Merges(found)
    survey.commits = period.count
    survey.malformed = period.count(where: isMalformed)
    survey.oldest = period.lazy.map { self.history.times[Int($0)] }.min()
    survey.newest = period.lazy.map { self.history.times[Int($0)] }.max()
    for node in period {
      survey.formats[makers.format(of: node) ?? (isMalformed(node) ? "malformed" : "none"), default: 0] += 1
    }

    var signers = makers.signers(of: period, in: history)
    let endorsers = SurveyEndorsers(history: history, steps: steps)
    var checkedCounts: [UInt32] = []
    if scan.scope.keyring != nil {
      checkedCounts = [UInt32](repeating: 0, count: history.count)
      endorsers.forEach(signers: scan.checked) { node, people in checkedCounts[Int(node)] = UInt32(people.count) }
    }
    endorsers.forEach(signers: makers.people) { node, people in
      guard isInPeriod(node) else { return }
      let isContentMerge = found.kinds[node] == .content
      if history.isMerge(node), !isContentMerge, !isMalformed(node) { return }
      if history.isAdoption(node) {
        survey.adoptions += 1
        return
      }
      let own = makers.people[Int(node)]
      for person in people {
        signers[Int(person)].endorsed += 1
        if person != own { signers[Int(person)].reviewed += 1 }
      }
      survey.changes.append(
        Survey.Change(
          commit: history.ids[Int(node)], time: history.times[Int(node)], isContentMerge: isContentMerge,
          isByBot: history.marks[Int(node)].contains(.bot), arrival: arrival(node), own: own < 0 ? nil : Int(own),
          claimed: people, checked: checkedCounts.isEmpty ? nil : Int(checkedCounts[Int(node)])))
    }
    survey.changes.sort { $0.time != $1.time ? $0.time > $1.time : $0.commit < $1.commit }
    return rank(survey, signers)
  }

  private func isInPeriod(_ node: Node) -> Bool { scan.scope.since.map { history.times[Int(node)] >= $0 } ?? true }

  private func isMalformed(_ node: Node) -> Bool { history.marks[Int(node)].contains(.malformed) }

  private func isByForge(_ node: Node) -> Bool {
    history.marks[Int(node)].contains(.byForge) || makers.machine(of: node) == .listed
  }

  private func arrival(_ node: Node) -> Survey.Arrival {
    let head = steps.line[Int(steps.step[Int(node)])]
    if history.isMerge(head) { return isByForge(head) ? .button : .hand }
    return isByForge(head) ? .browser : .straight
  }

  /// Puts the signers into an order that does not depend on which thread met them first, and the changes' numbers with
  /// them.
  private func rank(_ survey: Survey, _ signers: [SurveyMakers.Counted]) -> Survey {
    var survey = survey
    let kept = signers.indices.filter { signers[$0].commits > 0 || signers[$0].endorsed > 0 }
    let keys = Dictionary(uniqueKeysWithValues: kept.map { ($0, signers[$0].claim.key) })
    let order = kept.sorted { a, b in
      let (x, y) = (signers[a], signers[b])
      if (x.machine == nil) != (y.machine == nil) { return x.machine == nil }
      if x.endorsed != y.endorsed { return x.endorsed > y.endorsed }
      if x.commits != y.commits { return x.commits > y.commits }
      return keys[a, default: ""] < keys[b, default: ""]
    }
    var places = [Int32](repeating: -1, count: signers.count)
    for (place, signer) in order.enumerated() { places[signer] = Int32(place) }
    survey.signers = order.enumerated().map { place, index in
      let signer = signers[index]
      return Survey.Signer(
        claim: signer.claim, machine: signer.machine, label: place < Self.mostLabels ? label(signer.newest) : "",
        commits: signer.commits, reviewed: signer.reviewed, endorsed: signer.endorsed)
    }
    survey.changes = survey.changes.map { change in
      Survey.Change(
        commit: change.commit, time: change.time, isContentMerge: change.isContentMerge, isByBot: change.isByBot,
        arrival: change.arrival, own: change.own.map { Int(places[$0]) },
        claimed: change.claimed.map { places[Int($0)] }.sorted(), checked: change.checked)
    }
    return survey
  }

  /// Each costs the reading of a commit.
  private static let mostLabels = 1000

  /// The committer's name.
  private func label(_ node: Node?) -> String {
    guard let node, let (commit, bytes) = try? repository.readCommit(history.ids[Int(node)]) else { return "" }
    let identity = bytes[commit.committer]
    let name = identity.prefix { $0 != UInt8(ascii: "<") }
    return String(decoding: name.last == UInt8(ascii: " ") ? name.dropLast() : name, as: UTF8.self)
  }
}

extension Survey.Merges {
  init(_ found: SurveyMerges.Found) {
    byIDs = found.byIDs
    byTrees = found.byTrees
    byMerging = found.byMerging
    for kind in found.kinds.values {
      switch kind {
      case .clean: clean += 1
      case .content: content += 1
      case .takenForClean: takenForClean += 1
      case .unknown: unknown += 1
      }
    }
  }
}
