internal import GitBridge
package import OpenPGP

/// Judges what witnesses state about cards: OpenPGP signed messages, as co-signatures are.
package struct WitnessJudge {
  private let loaded: LoadedRegistry
  private let terms: SignatureTerms

  /// A witness counts like anybody whose key's entry names a device; asked for more, nobody could begin. Judged is the
  /// moment of the statement, as an audit does it: that somebody saw a card stays true when the key expires.
  package init(_ registry: Registry, _ settings: ReviewSettings) {
    var settings = settings
    settings.moment = .then
    loaded = LoadedRegistry(registry, settings)
    terms = SignatureTerms(
      registry: registry, evidence: .declared, time: nil, clock: settings.clock, revocations: registry.ownRevocations,
      condemned: settings.condemned)
  }

  /// Why a statement shows nothing. Safe to print.
  package struct Defect: Error, Equatable {
    /// One sentence, safe to print.
    package let text: String
  }

  /// Judges one file about the key of an entry.
  ///
  /// - Parameter name: The primary key that the file's name says has signed it.
  /// - Throws: When an engine fails, so that nothing can be said.
  package func judge(
    _ bytes: [UInt8], named name: Fingerprint, about entry: RegisteredKey
  ) throws(ReviewProblem) -> Result<(WitnessStatement, Signer), Defect> {
    let message: SignedMessage
    do throws(SignatureDefect) {
      message = try SignedMessage.read(bytes)
    } catch {
      return .failure(Defect(text: printable(error.message)))
    }
    let statement: WitnessStatement
    do throws(JSONDefect) {
      statement = try WitnessStatement.read(message.content)
    } catch {
      return .failure(Defect(text: printable(error.message)))
    }
    // Attack: a statement about one key, copied to another's folder.
    guard statement.key == entry.fingerprint else { return .failure(Defect(text: "it is about \(statement.key)")) }
    let check = loaded.checker.check(message.signature, over: message.content)
    switch try loaded.fact(of: check, terms, again: { () throws(ReviewProblem) in check }) {
    case .good(let signer):
      guard signer.key == name else { return .failure(Defect(text: "it is signed by \(signer.key)")) }
      guard signer.person != entry.person else { return .failure(Defect(text: "nobody is witness in their own cause")) }
      return .success((statement, signer))
    case .none: return .failure(Defect(text: "it is signed by nobody registered"))
    case .bad: return .failure(Defect(text: "its signature is bad"))
    case .notGood(_, let person, let detail):
      return .failure(
        Defect(text: "\(person.map { printable($0) + "'s" } ?? "its") signature does not count: \(printable(detail))"))
    case .disagreed(let detail): return .failure(Defect(text: "the two engines disagree: \(printable(detail))"))
    case .unjudged(let detail): throw .engine(detail)
    }
  }
}
