internal import GitBridge

/// The lines of a commit's message that say how far its signature endorses others, as they stand there.
struct ReviewBounds: Sendable, Equatable {
  private(set) var bases: [String] = []
  private(set) var targets: [String] = []
  private(set) var repositories: [String] = []

  /// Nil when the message has none of these lines. Any line that begins so counts, wherever in the message it stands:
  /// what narrows is never overlooked.
  init?(message: UnsafeRawBufferPointer) {
    guard unsafe Self.mayHold(message) else { return nil }
    for unsafe line in unsafe message.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true) {
      guard let colon = unsafe line.firstIndex(of: UInt8(ascii: ":")),
        unsafe line.distance(from: line.startIndex, to: colon) <= 20
      else {
        continue
      }
      let name = unsafe String(decoding: line[..<colon], as: UTF8.self).lowercased()
      let value = unsafe String(decoding: line[line.index(after: colon)...], as: UTF8.self)
        .drop { $0 == " " || $0 == "\t" }
      var text = Substring(value)
      while let last = text.last, last == " " || last == "\t" || last == "\r" { text.removeLast() }
      switch name {
      case "reviewed-base": bases.append(String(text))
      case "reviewed-target": targets.append(String(text))
      case "reviewed-repository": repositories.append(String(text))
      default: break
      }
    }
    if bases.isEmpty && targets.isEmpty && repositories.isEmpty { return nil }
  }

  /// Whether "reviewed-" stands anywhere, in any case of letters: nearly no message has it.
  private static func mayHold(_ message: UnsafeRawBufferPointer) -> Bool {
    let sign = Array("reviewed-".utf8)
    guard message.count > sign.count else { return false }
    var at = 0
    while at + sign.count <= message.count {
      // The dash is looked for: it is rarer than any letter.
      guard unsafe message[at + sign.count - 1] == UInt8(ascii: "-") else {
        at += 1
        continue
      }
      var matches = true
      for (offset, letter) in sign.dropLast().enumerated() where unsafe message[at + offset] | 0x20 != letter {
        matches = false
        break
      }
      if matches { return true }
      at += 1
    }
    return false
  }
}

extension BoundFacts {
  /// What the lines mean for a step.
  ///
  /// - Parameters:
  ///   - members: The step's new commits, by their places in the table.
  init(
    _ bounds: ReviewBounds, in step: Step, _ table: CommitTable, _ repository: Repository
  ) throws(ReviewProblem) {
    self.init()
    targets = bounds.targets
    repositories = bounds.repositories
    guard !bounds.bases.isEmpty else { return }
    let members = Set(step.members)
    var reached: Set<Int> = []
    for text in bounds.bases {
      guard let id = ObjectID(hexString: text) else {
        base = .void
        return
      }
      if let place = table.place(of: id), members.contains(place) {
        var waiting = [place]
        while let next = waiting.popLast() {
          guard reached.insert(next).inserted else { continue }
          for parent in table.records[next].parents {
            if let below = table.place(of: parent), members.contains(below) { waiting.append(below) }
          }
        }
        continue
      }
      // An old commit reaches nothing that is new; but one that the tip does not reach was shown by somebody who lied.
      let isBelow = try reading { () throws(GitError) in
        guard try repository.kind(of: id) == .commit else { return false }
        if try repository.isAncestor(id, of: step.new) { return true }
        // A gate's merge is only imagined: it will stand on the branch as it is, and reach all of that.
        return try repository.isAncestor(id, of: step.old)
      }
      guard isBelow else {
        base = .void
        return
      }
    }
    base = .reaching(reached.map { table.records[$0].id })
  }
}
