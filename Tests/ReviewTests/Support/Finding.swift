import GitBridge
import Review

/// A refusal's code and object: what a test asserts.
struct Finding: Hashable, CustomStringConvertible {
  let code: String
  let commit: ObjectID?

  init(_ code: RefusalCode, _ commit: ObjectID? = nil) {
    self.code = code.rawValue
    self.commit = commit
  }

  var description: String { "\(code) \(commit?.short ?? "-")" }
}

extension Verdict {
  /// All that was found wrong; empty when the verdict is "accepted", and only then.
  var findings: Set<Finding> { Set(refusals.map { Finding($0.code, $0.commit) }) }

  /// The codes of the signatures that would have helped, had they been good.
  var because: Set<Finding> { Set(refusals.flatMap(\.because).map { Finding($0.code, $0.commit) }) }

  /// The judgement of one commit, in whichever step it is.
  func change(_ commit: ObjectID) -> ReviewedChange? {
    updates.lazy.flatMap(\.changes).first { $0.commit == commit }
  }

  /// Who endorses a commit and how: `ann own`, `bob merge`.
  func endorsers(_ commit: ObjectID) -> [String] {
    change(commit)?.endorsers.map { "\($0.person) \($0.via.rawValue)" } ?? []
  }
}
