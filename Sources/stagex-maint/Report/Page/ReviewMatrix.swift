internal import Review

/// Who stands behind whose changes. Columns are the rows' numbers, so that many fit.
struct ReviewMatrix {
  /// Reviewers, as rows and columns.
  let people: [String]
  /// What the last column holds, and what each row and column of the table counts.
  let others: String
  /// Counts by reviewer and maker; the maker's place `people.count` is everybody else.
  let counts: [[Int]]

  var html: HTML {
    let most = counts.flatMap(\.self).max() ?? 0
    let heads = people.indices.map { place -> HTML in "<th scope=\"col\"><abbr title=\"\(people[place])\">\(place + 1)</abbr></th>" }
    let rows = people.enumerated().map { row, name -> HTML in
      let cells = counts[row].enumerated().map { column, count -> HTML in
        if column == row, count == 0 { return "<td class=\"self\">–</td>" }
        guard count > 0 else { return "<td></td>" }
        let share = most > 0 ? 8 + count * 27 / most : 0
        return "<td style=\"background:rgba(var(--heat),0.\(share < 10 ? "0" : "")\(share))\">\(grouped(count))</td>"
      }
      return "<tr><th scope=\"row\">\(row + 1) \(name)</th>\(cells)</tr>"
    }
    return """
      <div class="scroll" role="region" aria-label="Who stands behind whose changes" tabindex="0">
      <table class="matrix"><caption>Rows: who stands behind a change by a merge or an adoption. Columns: who signed the change itself.</caption>
      <thead><tr><th scope="col">reviewer</th>\(heads)<th scope="col">\(others)</th></tr></thead>
      <tbody>
      \(rows.joined("\n"))
      </tbody></table>
      </div>
      """
  }
}
