/// A table that scrolls within itself where the window is narrow.
struct PageTable {
  let caption: String
  let heads: [Head]
  var rows: [Row]
  /// Whether each row's first cell names the row.
  var namesRows = true

  struct Head: ExpressibleByStringLiteral {
    let text: String
    var isNumber = false

    init(stringLiteral text: String) { self.text = text }
    init(number text: String) {
      self.text = text
      isNumber = true
    }
  }

  struct Row {
    var id: String?
    let cells: [HTML]
    var classes = ""
  }

  var html: HTML {
    let head = heads.map { head -> HTML in
      "<th scope=\"col\"\(head.isNumber ? " class=\"number\"" : "" as HTML)>\(head.text)</th>"
    }
    return """
      <div class="scroll" role="region" aria-label="\(caption)" tabindex="0">
      <table><caption>\(caption)</caption>
      <thead><tr>\(head)</tr></thead>
      <tbody>
      \(rows.map(row).joined("\n"))
      </tbody></table>
      </div>
      """
  }

  private func row(_ row: Row) -> HTML {
    let id: HTML = row.id.map { " id=\"\($0)\"" } ?? ""
    let classes: HTML = row.classes.isEmpty ? "" : " class=\"\(row.classes)\""
    let cells = row.cells.enumerated().map { place, cell -> HTML in
      let number: HTML = place < heads.count && heads[place].isNumber ? " class=\"number\"" : ""
      return place == 0 && namesRows ? "<th scope=\"row\"\(number)>\(cell)</th>" : "<td\(number)>\(cell)</td>"
    }
    return "<tr\(id)\(classes)>\(cells)</tr>"
  }
}
