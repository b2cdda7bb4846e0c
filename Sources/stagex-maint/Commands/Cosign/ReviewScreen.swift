internal import GitBridge
internal import Review
internal import SignFlow

/// What a maintainer sees before deciding: facts first, then what the rule says. No meaning is in colour alone, and each
/// line can be read by itself.
struct ReviewScreen {
  let console: Console
  let repository: Repository
  let pull: PullRequestFacts
  let state: ReviewedState
  let range: ReviewedRange
  let survey: ChangeSurvey
  let answer: GateAnswer

  private static let mostFiles = 40
  private static let mostCommits = 40

  func print() {
    console.out(console.bold("\(pull.name) onto \(printable(pull.base))"))
    if let title = pull.title { console.out("title   \(printable(title, limit: 200))") }
    if let author = pull.author { console.out("by      \(printable(author, limit: 80)) (the forge says so)") }
    console.out("head    \(state.head.hex)")
    console.out("base    \(state.base.hex)")
    commits()
    files()
    attention()
    rule()
  }

  private func commits() {
    section("\(survey.commits.count) \(survey.commits.count == 1 ? "commit" : "commits"), oldest first")
    let reviewed = Dictionary(
      answer.verdict.updates.flatMap(\.changes).map { ($0.commit, $0) }, uniquingKeysWith: { $1 })
    for commit in survey.commits.prefix(Self.mostCommits) {
      console.out("\(commit.id.short)  \(commit.subject)")
      console.out("    written by \(commit.author); \(commit.signature)")
      guard let change = reviewed[commit.id] else { continue }
      let who = VerdictText(console: console, repository: repository).endorsers(change)
      let kind = change.kind == .ordinary ? "" : ", \(change.kind.rawValue)"
      console.out("    counts \(change.endorserCount) of \(change.required)\(kind): \(who.isEmpty ? "nobody" : who)")
    }
    more(survey.commits.count - Self.mostCommits)
  }

  private func files() {
    let added = survey.files.compactMap(\.added).reduce(0, +)
    let removed = survey.files.compactMap(\.removed).reduce(0, +)
    section(
      "\(survey.files.count) \(survey.files.count == 1 ? "file" : "files"), \(added) \(added == 1 ? "line" : "lines") added, \(removed) removed")
    for file in survey.files.prefix(Self.mostFiles) {
      let lines = file.added.map { "+\($0) -\(file.removed ?? 0)" } ?? "binary"
      console.out("\(lines)  \(word(file.change))\(printable(file.change.path, limit: 200))")
    }
    more(survey.files.count - Self.mostFiles)
  }

  private func word(_ change: PathChange) -> String {
    if change.oldMode == 0 { return "new " }
    return change.newMode == 0 ? "gone " : ""
  }

  /// What a diff shows badly, or not at all.
  private func attention() {
    var lines: [String] = []
    func list(_ title: String, _ files: [ChangeSurvey.File]) {
      for file in files.prefix(20) { lines.append("\(title): \(printable(file.change.path, limit: 200))") }
      if files.count > 20 { lines.append("\(title): and \(files.count - 20) more") }
    }
    list("binary file", survey.binaries)
    list("executable", survey.executables)
    list("symbolic link", survey.symbolicLinks)
    list("submodule", survey.gitlinks)
    for change in answer.verdict.updates.flatMap(\.changes) where change.kind == .contentMerge {
      lines.append("merge with content of its own (solved conflicts, or added by hand): \(change.commit.short)")
    }
    switch range.kind {
    case .sinceMergeBase: break
    case .wholeMerge(let bases):
      lines.append("the two histories cross (\(bases) merge bases): shown is all that the merge would change in \(printable(pull.base))")
    case .oneOf(let bases):
      lines.append(
        "the two histories cross (\(bases) merge bases), and the merge conflicts: the diff does not show what it would change in \(printable(pull.base))"
      )
    }
    var demands: Set<String> = []
    for demand in answer.verdict.updates.flatMap(\.changes).flatMap(\.paths) {
      let groups =
        demand.groups.isEmpty ? "" : ", one of each of: \(demand.groups.map { printable($0) }.joined(separator: ", "))"
      demands.insert("path rule: \(printable(demand.path)) needs \(demand.threshold) maintainers\(groups)")
    }
    lines += demands.sorted()
    for hidden in survey.hidden.prefix(20) {
      lines.append(
        "text that cannot be seen: \(hidden.place)\(hidden.line.map { ", line \($0)" } ?? ""): \(hidden.shown)")
    }
    if survey.hasMoreHidden || survey.hidden.count > 20 { lines.append("text that cannot be seen: and more") }
    guard !lines.isEmpty else { return }
    section("look at these yourself")
    for line in lines { console.out("\(console.yellow("!")) \(line)") }
  }

  private func rule() {
    section("the rule")
    for note in answer.verdict.notes { console.out("note: \(printable(note, limit: 300))") }
    if answer.mayFastForward {
      console.out("satisfied as it is")
    } else if answer.mergers.isEmpty {
      console.out("not satisfied, whoever merges. What the nearest merge would lack:")
      RefusalText(width: min(78, console.width), console: console, subject: { repository.subject(of: $0) })
        .lines(answer.verdict.refusals, more: "stagex-maint gate --format json").forEach(console.out)
    } else {
      console.out("satisfied once one of these merges: \(answer.mergers.map { printable($0) }.joined(separator: ", "))")
    }
  }

  private func section(_ title: String) {
    console.out("")
    console.out(console.bold(title))
  }

  private func more(_ count: Int) {
    if count > 0 { console.out("and \(count) more; the diff shows all of it") }
  }
}
