internal import GitBridge
internal import Review
internal import SignFlow

/// What a maintainer sees before deciding: facts first, then what the rule says. No meaning is in colour alone, and
/// each line can be read by itself.
///
/// Everything that the signature will endorse is on it, however long it gets: what is left out here is signed unseen.
struct ReviewScreen {
  let console: Console
  let repository: Repository
  let pull: PullRequestFacts
  let state: ReviewedState
  let range: ReviewedRange
  let survey: ChangeSurvey
  let answer: GateAnswer
  let base: BaseText
  let environment: [String: String]
  /// Commits that the head has and the base has not, and that this signature does not endorse: the lead holds them.
  let judgedElsewhere: Int

  /// More commits or files than this go through the pager on a terminal.
  private static let longest = 40
  /// So do more lines than this, of whatever kind: three commits can bring and take away ten thousand paths.
  private static let mostLines = 100

  func print() {
    let lines = console.outIsTerminal ? lines.flatMap { broken($0, width: console.width) } : lines
    let rows = Pager.rows
    // A short one stays on the screen as ever, also where it scrolls a little.
    let isLong =
      survey.commits.count > Self.longest || survey.files.count > Self.longest || lines.count > Self.mostLines
    if isLong, console.outIsTerminal, rows > 0, lines.count >= rows {
      Pager(console, repository, environment).show(lines.joined(separator: "\n") + "\n")
    } else {
      lines.forEach(console.out)
    }
  }

  private var lines: [String] {
    var lines = [console.bold("\(pull.name) onto \(printable(pull.base)) of \(base.place)")]
    if let title = pull.title { lines.append("title   \(printable(title, limit: 200))") }
    if let author = pull.author { lines.append("by      \(printable(author, limit: 80)) (the forge says so)") }
    lines.append("head    \(state.head.hex)")
    lines.append("base    \(state.base.hex)")
    lines += wrapped("        \(base.judged)", width: 78, indent: "        ")
    return lines + commits + files + attention + rule
  }

  private var commits: [String] {
    var lines = section("\(survey.commits.count) \(survey.commits.count == 1 ? "commit" : "commits"), oldest first")
    let reviewed = Dictionary(
      answer.verdict.updates.flatMap(\.changes).map { ($0.commit, $0) }, uniquingKeysWith: { $1 })
    for commit in survey.commits {
      lines.append("\(commit.id.short)  \(commit.subject)")
      lines.append("    written by \(commit.author); \(commit.signature)")
      if let change = reviewed[commit.id] {
        let who = VerdictText(console: console, repository: repository).endorsers(change)
        let kind = change.kind == .ordinary ? "" : ", \(change.kind.rawValue)"
        lines.append("    counts \(change.endorserCount) of \(change.required)\(kind): \(who.isEmpty ? "nobody" : who)")
      }
      for path in commit.own {
        let mark = path.kind == .passing ? "\(console.yellow("!")) " : ""
        lines.append("    \(mark)only here: \(printable(path.change.path, limit: .max)): \(path.what)")
      }
    }
    if judgedElsewhere > 0 {
      lines.append(
        """
        besides, \(judgedElsewhere) \(judgedElsewhere == 1 ? "commit" : "commits") of the branch that carries \
        the rules: judged there, and not endorsed by you here
        """)
    }
    return lines
  }

  private var files: [String] {
    let added = survey.files.compactMap(\.added).reduce(0, +)
    let removed = survey.files.compactMap(\.removed).reduce(0, +)
    var lines = section(
      """
      \(survey.files.count) \(survey.files.count == 1 ? "file" : "files"), \
      \(added) \(added == 1 ? "line" : "lines") added, \(removed) removed
      """)
    for file in survey.files {
      let count = file.added.map { "+\($0) -\(file.removed ?? 0)" } ?? "binary"
      lines.append("\(count)  \(word(file.change))\(printable(file.change.path, limit: .max))")
    }
    return lines
  }

  private func word(_ change: PathChange) -> String {
    if change.oldMode == 0 { return "new " }
    return change.newMode == 0 ? "gone " : ""
  }

  /// What a diff shows badly, or not at all.
  private var attention: [String] {
    var lines = base.warnings
    func list(_ title: String, _ files: [ChangeSurvey.File]) {
      for file in files { lines.append("\(title): \(printable(file.change.path, limit: .max))") }
    }
    for commit in survey.commits {
      for path in commit.passing {
        lines.append(
          """
          came and went, in \(commit.id.short) and not in the whole diff: \(printable(path.change.path, limit: .max)): \
          \(path.what)
          """)
      }
    }
    list("binary file", survey.binaries)
    list("executable", survey.executables)
    for link in survey.links {
      lines.append(
        "symbolic link: \(link.path) -> \(link.target)\(link.leaves ? " (leads out of the repository)" : "")")
    }
    for file in survey.gitlinks {
      let isThere = file.change.newMode == FileMode.gitlink
      let now = isThere ? "now at \(file.change.newID.hex), whose contents are not here" : "gone"
      lines.append("submodule: \(printable(file.change.path, limit: .max)): \(now)")
    }
    for file in survey.modeChanges {
      let (old, new) = (file.change.oldMode, file.change.newMode)
      lines.append(
        """
        mode: \(printable(file.change.path, limit: .max)): \(ChangeSurvey.word(forMode: old)) \
        (\(String(old, radix: 8))) is now \(ChangeSurvey.word(forMode: new)) (\(String(new, radix: 8)))
        """)
    }
    list("tells git how to treat other files", survey.gitSettings)
    for twin in survey.twins { lines.append("a name that looks like another's: \(twin.name) and \(twin.other)") }
    for change in answer.verdict.updates.flatMap(\.changes) where change.kind == .contentMerge {
      lines.append("merge with content of its own (solved conflicts, or added by hand): \(change.commit.short)")
    }
    switch range.kind {
    case .sinceMergeBase: break
    case .solved:
      lines.append("a merge whose conflicts you have solved: the diff is what it changes in \(printable(pull.base))")
    case .wholeMerge(let bases):
      lines.append(
        """
        the two histories cross (\(bases) merge bases): \
        shown is all that the merge would change in \(printable(pull.base))
        """)
    case .oneOf(let bases):
      lines.append(
        """
        the two histories cross (\(bases) merge bases), and the merge conflicts: \
        the diff does not show what it would change in \(printable(pull.base))
        """)
    }
    var demands: Set<String> = []
    for demand in answer.verdict.updates.flatMap(\.changes).flatMap(\.paths) {
      let groups =
        demand.groups.isEmpty ? "" : ", one of each of: \(demand.groups.map { printable($0) }.joined(separator: ", "))"
      demands.insert("path rule: \(printable(demand.path)) needs \(demand.threshold) maintainers\(groups)")
    }
    lines += demands.sorted()
    for hidden in survey.hidden {
      lines.append(
        "\(hidden.trick.description): \(hidden.place)\(hidden.line.map { ", line \($0)" } ?? ""): \(hidden.shown)")
    }
    if survey.hasMoreHidden {
      lines.append(
        "and more of the kind, in more than \(survey.hidden.count) places: read every line of it, or send it back")
    }
    guard !lines.isEmpty else { return [] }
    return section("look at these yourself") + lines.map { "\(console.yellow("!")) \($0)" }
  }

  private var rule: [String] {
    var lines = section("the rule")
    for note in answer.verdict.notes { lines.append("note: \(printable(note, limit: 300))") }
    if answer.mayFastForward {
      lines.append("satisfied as it is")
    } else if answer.mergers.isEmpty {
      lines.append("not satisfied, whoever merges. What the nearest merge would lack:")
      lines += RefusalText(width: min(78, console.width), console: console, subject: { repository.subject(of: $0) })
        .lines(answer.verdict.refusals, more: "stagex-maint gate --format json")
    } else {
      lines.append(
        "satisfied once one of these merges: \(answer.mergers.map { printable($0) }.joined(separator: ", "))")
    }
    return lines
  }

  private func section(_ title: String) -> [String] { ["", console.bold(title)] }
}
