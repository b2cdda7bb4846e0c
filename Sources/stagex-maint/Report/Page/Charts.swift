internal import Review

/// Charts as SVG, drawn from plain figures. The words beside them stand in the page: they stay as large as the page's
/// text however narrow the window is.
enum Charts {
  static let names = ["nobody", "one", "two or more"]

  /// What colours and hatchings mean: nothing is told by colour alone.
  static let key: HTML = {
    let items = names.enumerated().reversed().map { place, name -> HTML in
      "<li><svg viewBox=\"0 0 12 12\" aria-hidden=\"true\">\(box(place, 0, 0, 12, 12))</svg>\(name)</li>"
    }
    return "<ul class=\"key\">\(items)</ul>"
  }()

  /// One bar for a whole: two or more, one, nobody.
  static func bar(_ counts: [Int], label: String) -> HTML {
    let all = counts.reduce(0, +)
    guard all > 0 else { return "" }
    var at = 0
    let boxes = [2, 1, 0].compactMap { place -> HTML? in
      let width = units(counts[place], of: all, 200)
      guard width > 0 else { return nil }
      defer { at += width }
      return box(place, at, 0, min(width, 200 - at), 16)
    }
    return """
      <svg class="bar" viewBox="0 0 200 16" preserveAspectRatio="none" role="img" aria-label="\(label)">\(boxes)</svg>
      """
  }

  /// Each month's changes by how many stand behind them.
  static func timeline(_ months: [(month: SurveyMonth, buckets: [Int])], label: String) -> HTML {
    let most = months.map { $0.buckets.reduce(0, +) }.max() ?? 0
    guard most > 0, let first = months.first, let last = months.last else { return "" }
    let height = 400
    let bars = months.enumerated().flatMap { column, month -> [HTML] in
      let gap = months.count > 120 ? 0 : 1
      var top = height
      let title: HTML = """
        <title>\(month.month.description): \(month.buckets[2]) with two or more, \(month.buckets[1]) with one, \
        \(month.buckets[0]) with nobody</title>
        """
      let parts = [2, 1, 0].compactMap { place -> HTML? in
        let size = units(month.buckets[place], of: most, height)
        guard size > 0 else { return nil }
        top = max(0, top - size)
        return box(place, column * 10 + gap, top, 10 - 2 * gap, size)
      }
      return parts.isEmpty ? [] : ["<g>\(title)\(parts)</g>"]
    }
    let middle = months.count > 12 ? [months[months.count / 2].month.description] : []
    let labels = ([first.month.description] + middle + (months.count > 1 ? [last.month.description] : [])).map {
      label -> HTML in "<span>\(label)</span>"
    }
    return """
      <figure>
      <figcaption>Changes of each month, by the people that stand behind each change</figcaption>
      \(key)
      <div class="chart">
      <div class="y" aria-hidden="true"><span>\(grouped(most))</span><span>0</span></div>
      <svg viewBox="0 0 \(months.count * 10) \(height)" preserveAspectRatio="none" role="img" \
      aria-label="\(label)">\(bars)</svg>
      <div class="x" aria-hidden="true">\(labels)</div>
      </div>
      </figure>
      """
  }

  /// What is there is seen: never nothing for something.
  private static func units(_ part: Int, of whole: Int, _ room: Int) -> Int {
    part == 0 ? 0 : max(1, (part * room + whole / 2) / whole)
  }

  /// What the boxes are filled with; once on each page that has a chart.
  static let patterns: HTML = """
    <svg class="patterns" aria-hidden="true" focusable="false"><defs>
    <pattern id="p1" width="8" height="8" patternUnits="userSpaceOnUse"><rect class="p1" width="8" height="8"/>\
    <path class="hatch" d="M-2 2L2-2M0 8L8 0M6 10L10 6"/></pattern>
    <pattern id="p0" width="8" height="8" patternUnits="userSpaceOnUse"><rect class="p0" width="8" height="8"/>\
    <path class="hatch" d="M0 0L8 8M0 8L8 0"/></pattern>
    </defs></svg>
    """

  /// A box of one of the three: plain for two or more, hatched for one, crossed for nobody.
  private static func box(_ place: Int, _ x: Int, _ y: Int, _ width: Int, _ height: Int) -> HTML {
    "<rect class=\"s\(place)\" x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\"/>"
  }
}
