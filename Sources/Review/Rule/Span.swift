/// 256 yes-or-no answers, one for each merge, adoption or co-signature of a block.
typealias Bits = SIMD4<UInt64>

extension SIMD4<UInt64> {
  static let width = 256

  init(bit: Int) {
    self = .zero
    self[bit >> 6] = 1 << UInt64(bit & 63)
  }

  var isEmpty: Bool { self == .zero }

  /// The lowest set bit; nil when none is.
  var lowest: Int? {
    for word in 0..<4 where self[word] != 0 { return word * 64 + self[word].trailingZeroBitCount }
    return nil
  }
}

/// A set of commits given by its ends: `reach(from) - reach(without)`, within the graph.
struct Span {
  var from: [Int]
  var without: [Int]
}

/// Tells, for blocks of 256 spans at a time, which commits lie in which span.
///
/// One pass over the graph a block, whatever the spans hold: their sets are never enumerated, so
/// that a history with many long-lived branches (or one made to be slow) stays close to linear.
///
/// - Parameter visit: Called for each commit that lies in any span of the block, with the number of
///   the block's first span and the answers.
func forEachCommit(
  in spans: [Span], of graph: ChangeGraph, visit: (_ place: Int, _ firstSpan: Int, _ inside: Bits) -> Void
) {
  for first in stride(from: 0, to: spans.count, by: Bits.width) {
    var inside = [Bits](repeating: .zero, count: graph.count)
    var outside = inside
    for (bit, span) in spans[first...].prefix(Bits.width).enumerated() {
      for place in span.from { inside[place] |= Bits(bit: bit) }
      for place in span.without { outside[place] |= Bits(bit: bit) }
    }
    for place in stride(from: graph.count - 1, through: 0, by: -1) {
      let (reached, excluded) = (inside[place], outside[place])
      if reached.isEmpty && excluded.isEmpty { continue }
      for parent in graph.parents(of: place) where parent >= 0 {
        inside[Int(parent)] |= reached
        outside[Int(parent)] |= excluded
      }
      let answer = reached & ~excluded
      if !answer.isEmpty { visit(place, first, answer) }
    }
  }
}

/// What one adoption covers: the ancestors of `a` that no limit reaches. A limit is the first parent
/// of an innermost merge that introduces `a`.
///
/// Innermost: no other merge that introduces `a` is an ancestor of it. Where there are several, all limit.
// R85
func adoptionSpans(of adoptions: [Int], in graph: ChangeGraph) -> [Span] {
  var spans = adoptions.map { Span(from: graph.parents(of: $0).filter { $0 >= 0 }.map(Int.init), without: []) }
  for first in stride(from: 0, to: adoptions.count, by: Bits.width) {
    // descends[c]: the adoptions that c reaches. introduced[c]: those that c or an ancestor of it introduces.
    var descends = [Bits](repeating: .zero, count: graph.count)
    var introduced = descends
    for (bit, place) in adoptions[first...].prefix(Bits.width).enumerated() { descends[place] |= Bits(bit: bit) }
    for place in 0..<graph.count {
      let parents = graph.parents(of: place)
      var fromSides = Bits.zero
      var before = Bits.zero
      for (index, parent) in parents.enumerated() where parent >= 0 {
        if index > 0 { fromSides |= descends[Int(parent)] }
        descends[place] |= descends[Int(parent)]
        before |= introduced[Int(parent)]
      }
      introduced[place] = before
      guard parents.count >= 2, !fromSides.isEmpty, let firstParent = parents.first else { continue }
      let here = firstParent >= 0 ? fromSides & ~descends[Int(firstParent)] : fromSides
      introduced[place] |= here
      // A first parent outside the graph is old: it limits nothing that is new.
      guard firstParent >= 0 else { continue }
      var innermost = here & ~before
      while let bit = innermost.lowest {
        spans[first + bit].without.append(Int(firstParent))
        innermost &= ~Bits(bit: bit)
      }
    }
  }
  return spans
}
