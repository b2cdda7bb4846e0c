internal import OpenPGP
package import Review

/// Signs statements one after the other: one signature a touch is the card's rule, everything else is ours.
package struct ImageSigning {
  private let judge: ImageJudge
  private let ownJudge: ImageJudge
  private let store: SignatureStore
  private let journal: SigningJournal
  private let placing: SignaturePlacing
  private let person: String

  /// - Parameters:
  ///   - judge: Judges what lies in the folders.
  ///   - ownJudge: Judges what the signer has just made; the signer has asked GnuPG already, so our engine is enough.
  package init(
    judge: ImageJudge, ownJudge: ImageJudge, store: SignatureStore, journal: SigningJournal, placing: SignaturePlacing,
    person: String
  ) {
    self.judge = judge
    self.ownJudge = ownJudge
    self.store = store
    self.journal = journal
    self.placing = placing
    self.person = person
  }

  /// Why no more is signed.
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
    _ statements: [ImageStatement], by signer: inout some MaintainerSigner, done: (Int, ImageStatement) -> Void
  ) throws(Stop) -> Int {
    var made = 0
    // Kept, and not placed before GnuPG has spoken: it looks at one while the card makes the next.
    var unsettled: (index: Int, statement: ImageStatement, message: [UInt8])?
    func finish(_ signer: inout some MaintainerSigner) throws(Stop) {
      guard let (index, statement, message) = unsettled else { return }
      unsettled = nil
      try settle(&signer)
      try place(message, of: statement)
      done(index + 1, statement)
    }
    for (index, statement) in statements.enumerated() {
      if try isPlaced(statement) {
        done(index + 1, statement)
      } else if let kept = try kept(statement) {
        try place(kept, of: statement)
        done(index + 1, statement)
      } else {
        let message: [UInt8]
        do throws(Stop) {
          message = try make(statement, by: &signer)
        } catch {
          try finish(&signer)
          throw error
        }
        made += 1
        try finish(&signer)
        unsettled = (index, statement, message)
      }
    }
    try finish(&signer)
    return made
  }

  /// The signed message over a statement: kept from before, or made now and kept.
  package func message(_ statement: ImageStatement, by signer: inout some MaintainerSigner) throws(Stop) -> (
    message: [UInt8], isNew: Bool
  ) {
    if let kept = try kept(statement) { return (kept, false) }
    let message = try make(statement, by: &signer)
    try settle(&signer)
    return (message, true)
  }

  private func kept(_ statement: ImageStatement) throws(Stop) -> [UInt8]? {
    try flow { () throws(FlowError) in try journal.message(for: statement, person: person, judge) }
  }

  /// Has the signer make a message, and keeps it: whatever happens next, the touch was not for nothing. What is kept is
  /// judged by both engines when it is taken from there.
  private func make(_ statement: ImageStatement, by signer: inout some MaintainerSigner) throws(Stop) -> [UInt8] {
    let message: [UInt8]
    do throws(SigningError) {
      message = try signer.unsettledMessage(over: statement.bytes)
    } catch {
      throw .signing(error)
    }
    // The signer has verified it; here the rule has: what would not count is never put into its place.
    let judged = ownJudge.judge(message)
    guard case .good(statement, let found) = judged, found.person == person else {
      throw .flow(
        FlowError(
          .refused,
          """
          the signature just made over \(statement.reference) would not count: \
          \(judged.objection ?? "it is somebody else's")
          """,
          next: "stagex-maint keys list"))
    }
    try flow { () throws(FlowError) in try journal.keep(message, for: statement, person: person) }
    return message
  }

  /// Waits for GnuPG's word on the oldest message.
  private func settle(_ signer: inout some MaintainerSigner) throws(Stop) {
    do throws(SigningError) {
      try signer.settle()
    } catch {
      throw .signing(error)
    }
  }

  private func place(_ message: [UInt8], of statement: ImageStatement) throws(Stop) {
    try flow { () throws(FlowError) in
      try placing.clear(tornCopiesOf: message, in: statement.image)
      _ = try placing.place(message, of: statement, person: person)
    }
  }

  /// Whether this very statement by this person lies in the store already.
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
