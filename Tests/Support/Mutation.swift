/// Chance that is the same in every run (SplitMix64).
package struct SeededChance: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}

/// Small damage, of the kinds that attackers and bad disks do.
package enum Mutation {
  /// `bytes` with one to three changes: a bit turned, an octet replaced, a run left out, doubled, moved, or the end cut
  /// off.
  package static func mutate(_ bytes: [UInt8], _ chance: inout SeededChance) -> [UInt8] {
    var changed = bytes
    for _ in 0..<Int.random(in: 1...3, using: &chance) where !changed.isEmpty {
      change(&changed, &chance)
    }
    return changed
  }

  private static func change(_ bytes: inout [UInt8], _ chance: inout SeededChance) {
    let place = Int.random(in: 0..<bytes.count, using: &chance)
    let run = place..<min(bytes.count, place + Int.random(in: 1...8, using: &chance))
    switch Int.random(in: 0..<12, using: &chance) {
    case 0..<5: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &chance)
    case 5..<7: bytes[place] = UInt8.random(in: 0...255, using: &chance)
    case 7: bytes.removeSubrange(run)
    case 8: bytes.insert(contentsOf: bytes[run], at: place)
    case 9:
      let moved = Array(bytes[run])
      bytes.removeSubrange(run)
      bytes.insert(contentsOf: moved, at: Int.random(in: 0...bytes.count, using: &chance))
    case 10: bytes.removeLast(bytes.count - place)
    default: bytes.insert(UInt8.random(in: 0...255, using: &chance), at: place)
    }
  }

  /// `packets` with whole packets doubled, left out, swapped, or one of them damaged inside.
  package static func mutate(packets: [[UInt8]], _ chance: inout SeededChance) -> [UInt8] {
    var changed = packets
    for _ in 0..<Int.random(in: 1...2, using: &chance) {
      let first = Int.random(in: 0..<changed.count, using: &chance)
      let second = Int.random(in: 0..<changed.count, using: &chance)
      switch Int.random(in: 0..<8, using: &chance) {
      case 0: changed.insert(changed[first], at: second)
      case 1 where changed.count > 1: changed.remove(at: first)
      case 2: changed.swapAt(first, second)
      case 3: changed[first] += changed[second]
      default: changed[first] = mutate(changed[first], &chance)
      }
    }
    return changed.flatMap { $0 }
  }
}
