internal import OpenPGP

/// Judges signature files under one registry. May be used from several threads at once.
package struct ImageJudge: Sendable {
  private let loaded: LoadedRegistry
  private let terms: SignatureTerms

  init(loaded: LoadedRegistry, terms: SignatureTerms) {
    self.loaded = loaded
    self.terms = terms
  }

  /// - Parameter clock: seconds since 1970; keys are judged as they are at that time.
  package init(registry: Registry, evidence: Evidence, engines: EngineChoice, clock: Int64) {
    var settings = ReviewSettings(clock: clock, threads: 1)
    settings.engines = engines
    loaded = LoadedRegistry(registry, settings)
    terms = SignatureTerms(
      registry: registry, evidence: evidence, time: clock, clock: clock, revocations: registry.ownRevocations)
  }

  /// Whose signatures count.
  package var registry: Registry { loaded.registry }

  /// Starts GnuPG now, if it takes part.
  package func warmUp() { loaded.checker.warmUp() }

  /// Judges the bytes of one file.
  package func judge(_ bytes: [UInt8]) -> ImageSignature {
    guard !bytes.isEmpty else { return .empty }
    guard bytes.count <= ImageSignature.limit else { return .oversize }
    let message: SignedMessage
    do throws(SignatureDefect) {
      message = try SignedMessage.read(bytes, admittingText: true)
    } catch {
      return .unreadable("it is no signed message: \(error.message)")
    }
    let statement: ImageStatement
    do throws(ImageStatement.Defect) {
      statement = try ImageStatement.read(message.content)
    } catch {
      switch error {
      case .oldForm: return .oldForm
      case .malformed(let text): return .unreadable(text)
      }
    }
    let check = loaded.checker.check(message.signature, over: message.content)
    let fact: SignatureFact
    do throws(ReviewProblem) {
      fact = try loaded.fact(of: check, terms) { () throws(ReviewProblem) in check }
    } catch {
      return .unjudged(error.refusal(ref: "").message)
    }
    switch fact {
    case .none: return .unregistered(statement)
    case .good(let signer): return .good(statement, signer)
    case .notGood(let code, let person, let detail):
      return .notGood(statement, code: code, person: person, detail: detail)
    case .bad(let person, let key): return .bad(statement, person: person, key: key)
    case .disagreed(let detail): return .unjudged("the two engines disagree: \(detail)")
    case .unjudged(let detail): return .unjudged(detail)
    }
  }
}
