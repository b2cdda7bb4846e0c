internal import GitBridge
internal import OpenPGP

/// Reads and judges one co-signature file: an OpenPGP signed message over a statement.
struct CoSignatureFile {
  let repository: Repository

  /// The most octets that a statement with its signature may have.
  static let limit = 1 << 16

  /// The path under which a maintainer's statement about a head lives: `<head[0..2]>/<head>/<fingerprint>`.
  static func path(head: ObjectID, key: Fingerprint) -> String {
    "\(head.hex.prefix(2))/\(head.hex)/\(key.hex)"
  }

  /// Why a file does not count for anything.
  struct Defect: Error {
    let text: String
    /// Another one when the statement itself is sound and its signature is what is wrong.
    var code = RefusalCode.coSignatureInvalid
    var person: String?
    /// What the file states, where that can be read.
    var statement: CoSignatureStatement?
  }

  /// The statement and its signer.
  ///
  /// - Parameters:
  ///   - name: The file's name, which must be the primary fingerprint of the key that signed.
  ///   - head: The head that the file's folder names.
  func read(
    _ blob: ObjectID, name: [UInt8], head: ObjectID, _ loaded: LoadedRegistry, _ terms: SignatureTerms
  ) throws(ReviewProblem) -> Result<(CoSignatureStatement, Signer), Defect> {
    guard let named = Fingerprint(hex: name), Array(named.hex.utf8) == name else {
      return .failure(Defect(text: "its name is not a fingerprint in capital letters"))
    }
    // Attack: a few pushed bytes that inflate to gigabytes.
    guard try reading({ () throws(GitError) in try repository.size(of: blob) }) ?? 0 <= Self.limit else {
      return .failure(Defect(text: "it is larger than \(Self.limit) bytes"))
    }
    let bytes = try reading { () throws(GitError) in try repository.read(blob, as: .blob) }
    let message: SignedMessage
    do throws(SignatureDefect) {
      message = try SignedMessage.read(bytes)
    } catch {
      return .failure(Defect(text: error.message))
    }
    let statement: CoSignatureStatement
    do throws(JSONDefect) {
      statement = try CoSignatureStatement.read(message.content)
    } catch {
      return .failure(Defect(text: error.message))
    }
    func refused(_ text: String, _ code: RefusalCode = .coSignatureInvalid, _ person: String? = nil) -> Result<
      (CoSignatureStatement, Signer), Defect
    > {
      .failure(Defect(text: text, code: code, person: person, statement: statement))
    }
    guard statement.head == head else { return refused("it is about the head \(statement.head.short)") }
    let check = loaded.checker.check(message.signature, over: message.content)
    switch try loaded.fact(of: check, terms, again: { () throws(ReviewProblem) in check }) {
    case .good(let signer) where signer.key == named: return .success((statement, signer))
    case .good(let signer): return refused("it is signed by \(signer.key)")
    case .none: return refused("it is signed by nobody registered")
    case .bad: return refused("its signature is bad")
    case .notGood(let code, let person, let detail): return refused(detail, code, person)
    case .disagreed(let detail): return refused("the two engines disagree: \(detail)", .enginesDisagree)
    case .unjudged(let detail): throw .engine(detail)
    }
  }
}
