internal import GitBridge

/// The commits behind a table's numbers: folded away below the table, each number a link into them. A browser unfolds
/// what a link leads to.
struct CommitLists {
  /// What its parts are called in the page: `PREFIX-ROW-COLUMN`.
  let prefix: String
  let link: CommitLink?
  /// Of each list no more than the newest so many.
  let most: Int

  /// One row's lists: each number of the row with the commits that were counted, newest first.
  struct Row {
    let name: String
    let lists: [(column: Int, name: String, count: Int, commits: [ObjectID])]
  }

  /// A number that leads to its commits.
  func number(_ row: Int, _ column: Int, _ count: Int) -> HTML {
    count > 0 ? "<a href=\"#\(prefix)-\(row)-\(column)\">\(grouped(count))</a>" : "\(grouped(count))"
  }

  func html(_ rows: [Row]) -> HTML {
    let items = rows.enumerated().map { place, row -> HTML in
      let lists = row.lists.filter { $0.count > 0 }.map { list -> HTML in
        let commits = list.commits.prefix(most).map { HTML.commit($0, link, isBrief: true) }
        let more: HTML = list.count > commits.count ? " … and \(grouped(list.count - commits.count)) older" : ""
        return "<p id=\"\(prefix)-\(place)-\(list.column)\">\(list.name): \(commits.joined(" "))\(more)</p>"
      }
      return lists.isEmpty
        ? "" : "<details class=\"behind\"><summary>\(row.name)</summary>\n\(lists.joined("\n"))\n</details>"
    }
    return items.joined("\n")
  }
}
