internal import GitBridge

extension GateAnswer {
  /// A merge that nobody has made has no id, and must not be shown with one: not as forty zeros either.
  func speakingOfTheMerge(of head: ObjectID) -> GateAnswer {
    var answer = self
    for (index, refusal) in verdict.refusals.enumerated() where refusal.commit?.isZero == true {
      answer.verdict.refusals[index] = Refusal(
        refusal.code, ref: refusal.ref,
        message: refusal.message.replacing(ObjectID.zero.short, with: "merging \(head.short)"),
        next: refusal.next.replacing(ObjectID.zero.short, with: head.short), because: refusal.because)
    }
    return answer
  }
}
