extension Reviewer {
  /// Answers for a push that has happened, in the form of an answer to a request: nobody need merge it any more.
  package func judge(happened update: RefUpdate) -> GateAnswer { GateAnswer(verdict: judge(inThought: [update])) }
}
