internal import GitBridge

/// Who stands behind each commit, in the ways of our rule: its own signature, a signed merge that brought it in, a
/// signed adoption above it. As the rule has it, an endorsement reaches no further than its own step.
struct SurveyEndorsers {
  typealias Node = SurveyHistory.Node

  let history: SurveyHistory
  let steps: SurveySteps

  /// For each commit the people, as places in a table, sorted; -1 in `signers` is nobody.
  ///
  /// - Parameter visit: Called for each commit with its endorsers.
  func forEach(signers: [Int32], visit: (Node, _ endorsers: [Int32]) -> Void) {
    for index in steps.line.indices {
      let members = steps.members(index)
      if members.count == 1, let node = members.first {
        let signer = signers[Int(node)]
        visit(node, signer < 0 ? [] : [signer])
      } else {
        several(Array(members), signers, visit)
      }
    }
  }

  private func several(_ members: [Node], _ signers: [Int32], _ visit: (Node, [Int32]) -> Void) {
    var endorsers = members.map { node in signers[Int(node)] < 0 ? [] : [signers[Int(node)]] }
    let merges = members.indices.filter { history.isMerge(members[$0]) && signers[Int(members[$0])] >= 0 }
    let adoptions = members.indices.filter { signers[Int(members[$0])] >= 0 && history.isAdoption(members[$0]) }
    if !merges.isEmpty || !adoptions.isEmpty {
      let graph = ChangeGraph(
        members.map { node in
          (history.ids[Int(node)], history.parents(node).map { $0 < 0 ? .zero : history.ids[Int($0)] })
        })
      var places = [Int](repeating: 0, count: members.count)
      for (place, member) in graph.order.enumerated() { places[member] = place }
      let mergeSpans = merges.map { member in
        let parents = graph.parents(of: places[member])
        return Span(
          from: parents.dropFirst().filter { $0 >= 0 }.map(Int.init),
          without: parents.prefix(1).filter { $0 >= 0 }.map(Int.init))
      }
      spread(mergeSpans, merges.map { signers[Int(members[$0])] }, graph, &endorsers)
      let adoptionSpans = adoptionSpans(of: adoptions.map { places[$0] }, in: graph)
      spread(adoptionSpans, adoptions.map { signers[Int(members[$0])] }, graph, &endorsers)
    }
    for (member, node) in members.enumerated() { visit(node, endorsers[member].sorted()) }
  }

  private func spread(_ spans: [Span], _ signers: [Int32], _ graph: ChangeGraph, _ endorsers: inout [[Int32]]) {
    guard !spans.isEmpty else { return }
    forEachCommit(in: spans, of: graph) { place, first, inside in
      var rest = inside
      while let bit = rest.lowest {
        rest &= ~Bits(bit: bit)
        let signer = signers[first + bit]
        if !endorsers[graph.order[place]].contains(signer) { endorsers[graph.order[place]].append(signer) }
      }
    }
  }
}
