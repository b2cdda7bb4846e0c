internal import GitBridge
internal import Review

/// Who stands behind whose changes. Columns are the rows' numbers, so that many fit.
struct ReviewMatrix {
  /// Reviewers, as rows and columns.
  let people: [String]
  /// What the last column holds.
  let others: String
  /// Counts by reviewer and maker; the maker's place `people.count` is everybody else.
  let counts: [[Int]]
  /// The commits that were counted, in the same places, newest first; nil where commits are not shown.
  var commits: [[[ObjectID]]]?
  let lists: CommitLists

  var html: HTML {
    let most = counts.flatMap(\.self).max() ?? 0
    let heads = people.indices.map { place -> HTML in
      "<th scope=\"col\"><abbr title=\"\(people[place])\">\(place + 1)</abbr></th>"
    }
    let rows = people.enumerated().map { row, name -> HTML in
      let cells = counts[row].enumerated().map { column, count -> HTML in
        if column == row, count == 0 { return "<td class=\"self\">–</td>" }
        guard count > 0 else { return "<td></td>" }
        let share = most > 0 ? 8 + count * 27 / most : 0
        let number = commits == nil ? "\(grouped(count))" as HTML : lists.number(row, column, count)
        return "<td style=\"background:rgba(var(--heat),0.\(share < 10 ? "0" : "")\(share))\">\(number)</td>"
      }
      return "<tr><th scope=\"row\">\(row + 1) \(name)</th>\(cells)</tr>"
    }
    return """
      <div class="scroll" role="region" aria-label="Who stands behind whose changes" tabindex="0">
      <table class="matrix"><caption>Rows: who stands behind a change that somebody else made. Columns, by the rows' \
      numbers: who signed the change itself.</caption>
      <thead><tr><th scope="col">reviewer</th>\(heads)<th scope="col">\(others)</th></tr></thead>
      <tbody>
      \(rows.joined("\n"))
      </tbody></table>
      </div>
      \(commits.map { lists.html(listed($0)) } ?? "")
      """
  }

  private func listed(_ commits: [[[ObjectID]]]) -> [CommitLists.Row] {
    people.enumerated().map { row, name in
      CommitLists.Row(
        name: "The changes behind which \(name) stands",
        lists: counts[row].indices.map { column in
          (column, column < people.count ? people[column] : others, counts[row][column], commits[row][column])
        })
    }
  }
}
