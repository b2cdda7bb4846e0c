/// Whether a signature can be as old as it says.
package enum Backdating: Sendable, Equatable {
  /// It claims no time before the key's end, or it was seen before that end.
  case none
  /// It claims a time before the key's end, and was not there yet when that end had come.
  case backdated
  /// It claims a time before the key's end, and nobody looked in time to say when it came.
  case unknown

  /// Attack: who stole a key that has since been revoked or taken out sets the computer's clock back and signs.
  ///
  /// - Parameters:
  ///   - claimed: the time that the signature states.
  ///   - end: when its key was revoked, or left the registry.
  ///   - move: the first move that brought what is signed; nil where it was not seen.
  package static func of(claimed: Int64, end: Int64, move: SeenMove?) -> Backdating {
    guard claimed < end else { return .none }
    guard let move, move.keeper != .kept else { return .unknown }
    if move.time < end { return .none }
    // Somebody who looked late knows only that it was there then, not that it had not been there before.
    return move.since >= end ? .backdated : .unknown
  }
}
