internal import ArgumentParser
internal import GitBridge
internal import Review

/// What was found, made ready for machines and pages: everything from outside in it is printable, and escaped by the
/// format that prints it.
struct Report {
  /// What was judged, in words.
  let title: String
  let outcome: Outcome
  /// What one row is about: `change`.
  let noun: String
  /// What stands over the rows' names and over who signed: `commit`, `endorsed by`.
  let heads: (name: String, by: String, about: String)
  /// The rows to list; of a long history those that were refused.
  let rows: [Row]
  /// How many there were in all.
  let rowCount: Int
  let findings: [Finding]
  let notes: [String]
  /// What the reader should know last: who may merge.
  var closing: [String] = []
  /// What `have` and `need` of a row count.
  var counted = "maintainers"
  /// The file that holds the rule, for services that want one.
  var file = "review.toml"
  /// Where commits can be looked at, for pages.
  var link: CommitLink?
  /// What a page has on top and below beside the rows: only pages have these.
  var picture = Picture()

  /// The parts of a page that are drawn and not listed.
  struct Picture {
    var tiles: [Page.Tile] = []
    /// Before the reasons.
    var leading: [Page.Section] = []
    /// After the reasons, before the rows.
    var sections: [Page.Section] = []
    /// Instead of the rows, where these are listed in the sections.
    var replacesRows = false
    /// What is refused of how much, in words; nil for what the rows say.
    var refused: HTML?
    /// Where, in a sentence.
    var sentence: HTML = ""
    /// The rule that was asked, in a sentence.
    var rule: HTML = ""
  }

  /// One thing that was judged: a change, an image.
  struct Row {
    let name: String
    let isAccepted: Bool
    /// A change's kind; a list's name.
    let kind: String
    /// Maintainers that it has, and that it needs.
    let have: Int
    let need: Int
    let by: String
    let about: String
    /// The commit that it is about, if it is about one.
    var commit: ObjectID?
  }

  /// One reason against.
  struct Finding {
    let code: String
    /// What, and what was not counted.
    let lines: [String]
    /// The next command to type; empty when there is none.
    let next: String
    /// The name of the row that it is about, if that is one of the rows.
    let row: String?
    /// Where it is: a ref, a path.
    let place: String
    /// What tells it from others of the same code at the same place, from run to run.
    let mark: String
    /// Whether it stands against the whole.
    var isError = true
    /// Whether it asks for nothing; then it is no error.
    var isNote = false

    /// `error`, `warning` or the format's own word for less.
    func level(orNote note: String) -> String { isError ? "error" : isNote ? note : "warning" }
  }

  /// - Returns: Nil for the formats that other code prints.
  func text(as format: ReportFormat) -> String? {
    switch format {
    case .text, .json, .slsa: nil
    case .sarif: SARIFReport(report: self).text
    case .junit: JUnitReport(report: self).text
    case .github: GitHubReport(report: self).text
    case .markdown: MarkdownReport(report: self).text
    case .html: HTMLReport(report: self).text
    case .csv: CSVReport(report: self).text
    }
  }

  /// `2 of 3 changes`, or how many there were.
  var count: String {
    let refused = rows.filter { !$0.isAccepted }.count
    let all = "\(rowCount) \(noun)\(rowCount == 1 ? "" : "s")"
    return refused == 0 ? all : "\(refused) of \(all) refused"
  }
}
