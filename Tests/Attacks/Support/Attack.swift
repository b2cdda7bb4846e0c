import GitBridge
import Review
import Testing

/// One attack of the corpus, and the twin that differs from it in one thing and passes.
struct Attack: Sendable, CustomTestStringConvertible {
  /// Its class and its name: `branches/release-from-inner-commit`.
  let name: String
  /// What it tries, in one line.
  let tries: String
  /// What the twin does instead.
  let twin: String
  let code: String
  /// The sentences of docs/rule.md that answer it.
  let sentences: [Int]
  let audit: AuditAnswer
  let stage: @Sendable (Scene, Bool) throws -> Push
  let scene: @Sendable () throws -> Scene

  /// What an audit says once an unguarded server has let it in.
  enum AuditAnswer: String, Sendable {
    case refuses
    case undecided
    /// The refs as they stand afterwards do not tell.
    case cannotTell = "cannot tell"
  }

  struct Push {
    var updates: [(ref: String, new: ObjectID)]
    /// The branch to audit; the first that is pushed unless it says otherwise.
    var audited: String?

    init(_ ref: String, _ new: ObjectID) { updates = [(ref, new)] }
    init(_ updates: [(ref: String, new: ObjectID)], audited: String? = nil) {
      self.updates = updates
      self.audited = audited
    }
  }

  init(
    _ name: String, _ code: String, _ sentences: Int..., tries: String, twin: String, audit: AuditAnswer = .refuses,
    scene: @escaping @Sendable () throws -> Scene = { try Scene() },
    stage: @escaping @Sendable (Scene, Bool) throws -> Push
  ) {
    self.name = name
    self.code = code
    self.sentences = sentences
    self.tries = tries
    self.twin = twin
    self.audit = audit
    self.scene = scene
    self.stage = stage
  }

  var testDescription: String { name }
}
