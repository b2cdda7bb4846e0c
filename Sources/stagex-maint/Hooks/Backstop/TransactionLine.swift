internal import GitBridge
internal import Review

/// One line that git gives the hook `reference-transaction`: `old SP new SP ref LF` (githooks(5)).
struct TransactionLine: Equatable {
  enum Value: Equatable {
    case object(ObjectID)
    /// Since git 2.46: the name of another ref, written `ref:refs/heads/main`.
    case symbolic([UInt8])
  }

  let ref: [UInt8]
  let old: Value
  let new: Value

  /// Refs below `refs/`: others, such as HEAD and those of single work trees, are never protected.
  var isShared: Bool { ref.starts(with: "refs/".utf8) }

  init(_ line: ArraySlice<UInt8>) throws {
    let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let old = Self.value(parts[0]), let new = Self.value(parts[1]), !parts[2].isEmpty else {
      throw Failure.cannotJudge("not a change of a ref in git's form: \(printable(line))")
    }
    (ref, self.old, self.new) = (Array(parts[2]), old, new)
  }

  private static func value(_ text: ArraySlice<UInt8>) -> Value? {
    let mark = Array("ref:".utf8)
    if text.starts(with: mark), text.count > mark.count { return .symbolic(Array(text.dropFirst(mark.count))) }
    return ObjectID(hex: text).map(Value.object)
  }
}
