package import GitBridge

/// What a CI's event asks the gate: a pure reading of the environment and the event file, every value held to its form.
package struct GateRequest: Sendable, Equatable {
  /// What the event is about.
  package enum Question: Sendable, Equatable {
    /// Would a maintainer's merge of this head into the target be accepted?
    ///
    /// - Parameter ref: Where the forge keeps the request's head; it may be elsewhere by now.
    case merge(head: ObjectID, ref: String?)
    /// A push that has happened. `before` is zero for a new ref, `after` for one that is gone.
    case pushed(before: ObjectID, after: ObjectID)
  }

  /// What the event is about.
  package let question: Question
  /// The full name of the ref that is to change, or has changed.
  package let target: String
  /// `PR-12`, `!12`; nil for a push.
  package let name: String?
  /// What the person who reads the answer should know of the event.
  package let notes: [String]

  package init(question: Question, target: String, name: String? = nil, notes: [String] = []) {
    self.question = question
    self.target = target
    self.name = name
    self.notes = notes
  }

  /// Reads what a CI says.
  ///
  /// - Parameter file: Gives the bytes of the event file at a path.
  /// - Returns: Nil where nothing speaks of a CI.
  package static func read(
    _ environment: [String: String], file: @escaping (String) -> [UInt8]?
  ) throws(GateInputError) -> GateRequest? {
    let variables = CIVariables(environment)
    let kinds = [
      variables["GITLAB_CI"] != nil, variables["CI_PIPELINE_EVENT"] != nil,
      variables["FORGEJO_EVENT_NAME", "GITEA_EVENT_NAME", "GITHUB_EVENT_NAME"] != nil,
    ]
    // Two readings of one job could judge two different things.
    guard kinds.count(where: \.self) <= 1 else {
      throw GateInputError(
        "the environment speaks of several CIs at once (GITLAB_CI, CI_PIPELINE_EVENT, GITHUB_EVENT_NAME)")
    }
    if kinds[0] { return try GitLabEvent(variables).request() }
    if kinds[1] { return try WoodpeckerEvent(variables).request() }
    if kinds[2] { return try ActionsEvent(variables, file: file).request() }
    return nil
  }
}

/// That a CI's event cannot be read, or that it has nothing to judge.
package struct GateInputError: Error, Sendable, Equatable {
  /// Safe to print.
  package let message: String
  /// The command that asks the same by hand.
  package let next: String

  package init(_ message: String, next: String = "stagex-maint gate --base BASE --head HEAD --target BRANCH") {
    self.message = message
    self.next = next
  }
}
