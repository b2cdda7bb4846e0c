internal import GitBridge
internal import Review
internal import SignFlow

/// What a fetch did, in lines like git's own.
struct FetchText {
  let console: Console
  let remote: String
  var isQuiet = false

  func print(_ report: ProtectedFetch.Report, _ repository: Repository) {
    for note in report.notes { wrapped("note: \(note)", width: 98, indent: "  ").forEach(console.err) }
    defer { tellUnmoved(report) }
    let moves = report.moves.filter { !$0.isAccepted || ($0.old != $0.new && !isQuiet) }
    if moves.isEmpty {
      if !isQuiet { console.say("nothing new\(report.lastLook == 0 ? "" : " since \(timestamp(report.lastLook))")") }
      return
    }
    let width = moves.map { short($0.ref).count }.max() ?? 0
    for move in moves { console.say(line(move, width: min(width, 40))) }
    let refused = moves.filter { !$0.isAccepted }
    // What was said before is not said again; whoever wants it asks.
    let text = RefusalText(width: 100, console: console) { repository.subject(of: $0) }
    for move in refused where move.toldBefore == nil {
      text.lines(move.answer?.verdict.refusals ?? [], more: "stagex-maint fetch --format json").forEach(console.out)
    }
    if !refused.isEmpty {
      console.say("")
      console.say(
        """
        \(console.red("not moved")): \(refused.map { short($0.ref) }.joined(separator: ", ")); \
        this clone stays where it was
        """)
    }
  }

  /// What the clone could not take: mostly a name in whose way another stands.
  private func tellUnmoved(_ report: ProtectedFetch.Report) {
    for words in report.unmoved {
      wrapped("error: accepted, and not moved: \(words)", width: 98, indent: "  ").forEach(console.err)
    }
    for words in report.leftBehind {
      wrapped(
        "error: the refs that nobody judges stay where they were: \(printable(words, limit: 500))", width: 98,
        indent: "  "
      )
      .forEach(console.err)
    }
    guard !report.unmoved.isEmpty || !report.leftBehind.isEmpty else { return }
    console.err("next: git remote prune \(shellWord(remote)), then stagex-maint fetch \(shellWord(remote)) again")
  }

  private func line(_ move: ProtectedFetch.Move, width: Int) -> String {
    let isTag = move.ref.starts(with: "refs/tags/".utf8)
    let target = isTag ? short(move.ref) : "\(printable(remote))/\(short(move.ref))"
    let shown = move.answer?.shown
    guard move.isAccepted else {
      let codes = move.answer?.verdict.refusals.map(\.code.rawValue) ?? []
      let code = codes.first ?? "undecided"
      let before = move.toldBefore.map { ", as told on \(timestamp($0))" } ?? ""
      return """
         ! \(span(move.old, shown)) \(short(move.ref).padded(width)) -> \(target)  \
        \(console.red("refused")): \(code)\(before)
        """
    }
    let mark = move.old == nil ? "*" : move.new == nil ? "-" : " "
    var words = ""
    if let answer = move.answer {
      words = "  \(console.green("accepted"))"
      if answer.steps > 0 { words += ", \(answer.steps) \(answer.steps == 1 ? "step" : "steps")" }
    }
    return " \(mark) \(span(move.old, move.new)) \(short(move.ref).padded(width)) -> \(target)\(words)"
  }

  private func span(_ old: ObjectID?, _ new: ObjectID?) -> String {
    func digits(_ id: ObjectID?) -> String { id.map { String($0.short) } ?? "nothing     " }
    return "\(digits(old))..\(digits(new))"
  }

  private func short(_ ref: [UInt8]) -> String {
    printable(shortName(ref, under: "refs/heads/") ?? shortName(ref, under: "refs/tags/") ?? ref)
  }

  static func json(_ report: ProtectedFetch.Report) -> JSONValue {
    func id(_ id: ObjectID?) -> JSONValue { id.map { .string($0.hex) } ?? .null }
    return .object([
      "schema": .string("stagex-maint/fetch/1"), "verdict": .string(report.verdict.outcome.rawValue),
      "last-look": .integer(report.lastLook), "notes": .strings(report.notes),
      "unmoved": .strings(report.unmoved), "left-behind": .strings(report.leftBehind),
      "refs": .array(
        report.moves.map { move in
          .object([
            "ref": .string(printable(move.ref, limit: .max)), "old": id(move.old), "new": id(move.new),
            "shown": id(move.answer?.shown ?? move.new),
            "judged": .bool(move.answer != nil), "accepted": .bool(move.isAccepted),
            "steps": .integer(Int64(move.answer?.steps ?? 0)),
            "refusals": .array(move.answer?.verdict.refusals.map(\.json) ?? []),
          ])
        }),
    ])
  }
}
