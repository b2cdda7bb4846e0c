internal import GitBridge

/// That a signature stands behind a change in one way.
struct Endorsement: Equatable {
  let signer: Signer
  let via: Way
  let by: ObjectID
}

/// Who endorses which of a step's changes, by the four ways and no other. Mergetags, notes,
/// approvals on the forge, author and committer names never get here.
///
/// - Parameters:
///   - changes: The step's, in the graph's order.
///   - signer: The signer of a signature if it is to count. Judging asks for the good ones; explaining
///     asks what the others would have done.
/// - Returns: For each change the endorsements, one per person and way, the oldest commit or statement first.
// R92
func endorsements(
  of changes: [ChangeFacts], in graph: ChangeGraph, of step: StepFacts, signer: (SignatureFact) -> Signer?
) -> [[Endorsement]] {
  let ways = step.policy.ways
  let signers = changes.map { signer($0.signature) }
  var result = [[Endorsement]](repeating: [], count: changes.count)

  // R82
  // own: the commit carries the signature.
  if ways.contains(.own) {
    for (place, signer) in signers.enumerated() {
      if let signer { result[place].append(Endorsement(signer: signer, via: .own, by: changes[place].commit)) }
    }
  }

  // R83
  // merge: what a signed merge introduced, reach(parents 2..n) - reach(parent 1).
  if ways.contains(.merge) {
    var spans: [Span] = []
    var sources: [Endorsement] = []
    for (place, signer) in signers.enumerated() where graph.isMerge(place) {
      guard let signer, changes[place].mayEndorseOthers(in: step) else { continue }
      let parents = graph.parents(of: place)
      let beyond = changes[place].beyondBounds.compactMap(graph.place(of:))
      spans.append(
        Span(
          from: parents.dropFirst().filter { $0 >= 0 }.map(Int.init),
          without: parents.prefix(1).filter { $0 >= 0 }.map(Int.init) + beyond))
      sources.append(Endorsement(signer: signer, via: .merge, by: changes[place].commit))
    }
    spread(sources, over: spans, in: graph, into: &result)
  }

  // adopt: an empty signed commit on top of somebody else's work.
  if ways.contains(.adopt) {
    let places = signers.indices.filter {
      signers[$0] != nil && changes[$0].kind == .adopt && changes[$0].mayEndorseOthers(in: step)
    }
    let sources = places.compactMap { place in
      signers[place].map { Endorsement(signer: $0, via: .adopt, by: changes[place].commit) }
    }
    var spans = adoptionSpans(of: places, in: graph)
    for (index, place) in places.enumerated() {
      spans[index].without += changes[place].beyondBounds.compactMap(graph.place(of:))
    }
    spread(sources, over: spans, in: graph, into: &result)
  }

  // R86
  // co-signature: a signed statement about base, head and tree. Its base need not be new: what is
  // old is not in the graph.
  if ways.contains(.coSignature) {
    var spans: [Span] = []
    var sources: [Endorsement] = []
    for statement in step.coSignatures.sorted(by: { ($0.time, $0.statement) < ($1.time, $1.statement) }) {
      guard let signer = signer(statement.signature),
        let head = statement.isAbove ? graph.place(of: step.new) : graph.place(of: statement.head)
      else { continue }
      let without = ([statement.base] + statement.excluded).compactMap(graph.place(of:))
      spans.append(Span(from: [head], without: without))
      sources.append(Endorsement(signer: signer, via: .coSignature, by: statement.statement))
    }
    spread(sources, over: spans, in: graph, into: &result)
  }
  return result
}

extension CoSignatureFact {
  /// When it was signed, in seconds since 1970; statements that do not count come first.
  fileprivate var time: Int64 { signature.signer?.time ?? .min }
}

/// Gives each span's commits its endorsement, the first of each person only.
private func spread(
  _ sources: [Endorsement], over spans: [Span], in graph: ChangeGraph, into result: inout [[Endorsement]]
) {
  guard !sources.isEmpty else { return }
  let people = Array(Set(sources.map(\.signer.person)))
  var masks: [Int: [Bits]] = [:]
  for first in stride(from: 0, to: sources.count, by: Bits.width) {
    var mask = [Bits](repeating: .zero, count: people.count)
    for (bit, source) in sources[first...].prefix(Bits.width).enumerated() {
      for (person, name) in people.enumerated() where name == source.signer.person { mask[person] |= Bits(bit: bit) }
    }
    masks[first] = mask
  }
  let via = sources[0].via
  forEachCommit(in: spans, of: graph) { place, first, inside in
    for (person, mask) in (masks[first] ?? []).enumerated() {
      guard let bit = (inside & mask).lowest else { continue }
      let known = result[place].contains { $0.via == via && $0.signer.person == people[person] }
      if !known { result[place].append(sources[first + bit]) }
    }
  }
}
