package import OpenPGP

/// What one signature file turns out to be.
package enum ImageSignature: Sendable, Equatable {
  /// A good signature by a maintainer over this statement.
  case good(ImageStatement, Signer)
  /// Signed by nobody registered.
  case unregistered(ImageStatement)
  /// By a registered key, and it counts for nothing: expired, revoked, not on a card…
  case notGood(ImageStatement, code: RefusalCode, person: String?, detail: String)
  /// It names a registered key, and the mathematics fails: somebody tampered.
  case bad(ImageStatement, person: String, key: Fingerprint)
  /// StageX's form until 2025.
  case oldForm
  /// Not one signed message over one statement.
  case unreadable(String)
  /// No bytes at all. Programs of containers/image fail on the whole image.
  case empty
  /// More bytes than any signature has.
  case oversize
  /// A symbolic link, a folder, a device.
  case notAFile
  /// The engines disagree, or one of them broke: nothing can be said.
  case unjudged(String)

  /// The most bytes that a signature file may have: twenty times what RSA-4096 needs.
  package static let limit = 16_384

  package var statement: ImageStatement? {
    switch self {
    case .good(let statement, _), .unregistered(let statement), .notGood(let statement, _, _, _), .bad(let statement, _, _): statement
    default: nil
    }
  }

  package var signer: Signer? {
    if case .good(_, let signer) = self { signer } else { nil }
  }

  /// One sentence without a full stop; nil for a good signature. Safe to print.
  package var objection: String? {
    switch self {
    case .good: nil
    case .unregistered: "it is signed by nobody registered"
    case .notGood(_, _, let person, let detail):
      "\(person.map { printable($0) + "'s" } ?? "its") signature does not count: \(printable(detail, limit: 300))"
    case .bad(_, let person, let key): "it names \(printable(person))'s key \(key), and that key did not sign it"
    case .oldForm: "it is in StageX's form of before 2026, an array, which no program accepts"
    case .unreadable(let text): printable(text, limit: 300)
    case .empty: "it is empty, and podman fails on an image with an empty signature"
    case .oversize: "it is larger than \(Self.limit) bytes"
    case .notAFile: "it is not a regular file"
    case .unjudged(let text): printable(text, limit: 300)
    }
  }
}

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
    terms = SignatureTerms(registry: registry, evidence: evidence, time: clock, clock: clock, revocations: registry.ownRevocations)
  }

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
    case .notGood(let code, let person, let detail): return .notGood(statement, code: code, person: person, detail: detail)
    case .bad(let person, let key): return .bad(statement, person: person, key: key)
    case .disagreed(let detail): return .unjudged("the two engines disagree: \(detail)")
    case .unjudged(let detail): return .unjudged(detail)
    }
  }
}
