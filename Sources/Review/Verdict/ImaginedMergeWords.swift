internal import GitBridge

extension Verdict {
  /// A merge that nobody has made has no id, and must not be shown with one: not as forty zeros either.
  mutating func speakOfTheMerge(of head: ObjectID) {
    for (index, refusal) in refusals.enumerated() where refusal.commit?.isZero == true {
      refusals[index] = Refusal(
        refusal.code, ref: refusal.ref,
        message: refusal.message.replacing(ObjectID.zero.short, with: "merging \(head.short)"),
        next: refusal.next.replacing(ObjectID.zero.short, with: head.short), because: refusal.because)
    }
  }
}
