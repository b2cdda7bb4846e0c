internal import GitBridge
internal import OpenPGP
internal import Synchronization

/// What each claim of a history is a place of; filled by several threads.
final class SignerTable: Sendable {
  struct Entry: Sendable {
    let claim: SignatureClaim
    /// Whether all its commits name a forge as their committer.
    var onlyByForge = true
  }

  private struct State {
    var places: [SignatureClaim: Int32] = [:]
    var entries: [Entry] = []
  }

  private let state = Mutex(State())

  /// The places of several claims.
  func places(of claims: [SignatureClaim], byForge: [Bool]) -> [Int32] {
    state.withLock { state in
      zip(claims, byForge).map { claim, byForge in
        let place: Int32
        if let known = state.places[claim] {
          place = known
        } else {
          place = Int32(state.entries.count)
          state.places[claim] = place
          state.entries.append(Entry(claim: claim))
        }
        if !byForge { state.entries[Int(place)].onlyByForge = false }
        return place
      }
    }
  }

  var entries: [Entry] { state.withLock { $0.entries } }
}
