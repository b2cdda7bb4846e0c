internal import GitBridge
internal import OpenPGP

/// Who signed what, with one place for each maker however its signatures name it.
struct SurveyMakers {
  typealias Node = SurveyHistory.Node

  struct Counted {
    let claim: SignatureClaim
    let machine: Survey.MachineReason?
    var commits = 0
    var reviewed = 0
    var endorsed = 0
    var newest: Node?
  }

  private let entries: [SignerTable.Entry]
  private let machines: [Survey.MachineReason?]
  private let claimed: [Int32]
  /// For each commit the person that signed it; -1 for nobody and for machines.
  let people: [Int32]

  init(_ scan: SurveyScan) {
    let entries = scan.signers.entries
    // A key that some signatures name by its id alone is the one that has this id, if there is one only.
    var owners: [KeyID: [Int32]] = [:]
    for (place, entry) in entries.enumerated() {
      if case .fingerprint(let fingerprint) = entry.claim.maker {
        owners[fingerprint.keyID, default: []].append(Int32(place))
      }
    }
    let canonical = entries.enumerated().map { place, entry in
      guard case .keyID(let id) = entry.claim.maker, let owner = owners[id], owner.count == 1 else {
        return Int32(place)
      }
      return owner[0]
    }
    var onlyByForge = entries.map(\.onlyByForge)
    for (place, owner) in canonical.enumerated() where !entries[place].onlyByForge { onlyByForge[Int(owner)] = false }
    let machines = entries.indices.map { place -> Survey.MachineReason? in
      let claim = entries[place].claim
      if scan.scope.machines.contains(claim) { return .listed }
      if claim.namesMachine { return .workflow }
      return onlyByForge[place] && claim.maker != .nobody ? .committer : nil
    }
    let claimed = scan.history.claimed.map { $0 < 0 ? -1 : canonical[Int($0)] }
    people = claimed.map { place in
      place < 0 || machines[Int(place)] != nil || entries[Int(place)].claim.maker == .nobody ? -1 : place
    }
    self.entries = entries
    self.machines = machines
    self.claimed = claimed
  }

  func format(of node: Node) -> String? {
    let place = claimed[Int(node)]
    return place < 0 ? nil : entries[Int(place)].claim.format.name
  }

  func machine(of node: Node) -> Survey.MachineReason? {
    let place = claimed[Int(node)]
    return place < 0 ? nil : machines[Int(place)]
  }

  func signers(of period: [Node], in history: SurveyHistory) -> [Counted] {
    var counted = zip(entries, machines).map { Counted(claim: $0.claim, machine: $1) }
    for node in period {
      let place = claimed[Int(node)]
      guard place >= 0 else { continue }
      counted[Int(place)].commits += 1
      if let known = counted[Int(place)].newest,
        (history.times[Int(known)], history.ids[Int(known)]) > (history.times[Int(node)], history.ids[Int(node)])
      {
        continue
      }
      counted[Int(place)].newest = node
    }
    return counted
  }
}
