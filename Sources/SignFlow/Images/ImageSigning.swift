internal import OpenPGP
package import Review

/// Signs statements one after the other: one signature a touch is the card's rule, everything else is ours.
package struct ImageSigning {
  private let judge: ImageJudge
  private let store: SignatureStore
  private let journal: SigningJournal
  private let placing: SignaturePlacing
  private let person: String

  package init(judge: ImageJudge, store: SignatureStore, journal: SigningJournal, placing: SignaturePlacing, person: String) {
    self.judge = judge
    self.store = store
    self.journal = journal
    self.placing = placing
    self.person = person
  }

  package enum Stop: Error {
    case flow(FlowError)
    /// The card or the person stopped; everything before it is in its place.
    case signing(SigningError)
  }

  /// Signs and places each statement that is not signed yet. Whatever ends it, what is done stays done.
  ///
  /// - Parameter done: Told after each file how many are in their places.
  /// - Returns: How many signatures the signer made.
  package func sign(
    _ statements: [ImageStatement], by signer: inout some Signer, done: (Int, ImageStatement) -> Void
  ) throws(Stop) -> Int {
    var made = 0
    for (index, statement) in statements.enumerated() {
      if try !isPlaced(statement) {
        let (message, isNew) = try self.message(statement, by: &signer)
        if isNew { made += 1 }
        try flow { () throws(FlowError) in
          try placing.clear(tornCopiesOf: message, in: statement.image)
          _ = try placing.place(message, of: statement, person: person)
        }
      }
      done(index + 1, statement)
    }
    return made
  }

  /// The signed message over a statement: kept from before, or made now and kept.
  package func message(_ statement: ImageStatement, by signer: inout some Signer) throws(Stop) -> (message: [UInt8], isNew: Bool) {
    if let kept = try flow({ () throws(FlowError) in try journal.message(for: statement, person: person, judge) }) {
      return (kept, false)
    }
    let message: [UInt8]
    do throws(SigningError) {
      message = try signer.signedMessage(over: statement.bytes)
    } catch {
      throw .signing(error)
    }
    // The signer has verified it; here the rule has: what would not count is never put into its place.
    let judged = judge.judge(message)
    guard case .good(statement, let found) = judged, found.person == person else {
      throw .flow(
        FlowError(
          .refused, "the signature just made over \(statement.reference) would not count: \(judged.objection ?? "it is somebody else's")",
          next: "stagex-maint keys list"))
    }
    try flow { () throws(FlowError) in try journal.keep(message, for: statement, person: person) }
    return (message, true)
  }

  package func isPlaced(_ statement: ImageStatement) throws(Stop) -> Bool {
    let placed = try flow { () throws(FlowError) in try store.hasGoodSignature(of: person, over: statement, judge) }
    if placed { journal.forget(statement, person: person) }
    return placed
  }

  private func flow<Value>(_ body: () throws(FlowError) -> Value) throws(Stop) -> Value {
    do throws(FlowError) {
      return try body()
    } catch {
      throw .flow(error)
    }
  }
}
