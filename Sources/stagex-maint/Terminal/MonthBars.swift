internal import Review

/// Months as bars of a terminal: how many of each month's changes have two or more behind them.
struct MonthBars {
  let console: Console
  let months: [(month: SurveyMonth, buckets: [Int])]
  /// Older ones are put together by years.
  private static let mostLines = 36

  var lines: [String] {
    if months.count <= Self.mostLines { return months.map { line("\($0.month)", $0.buckets) } }
    let years = Dictionary(grouping: months, by: \.month.year).sorted { $0.key < $1.key }
    return years.map { year, months in
      line("\(year)   ", months.reduce(into: [0, 0, 0]) { for place in 0..<3 { $0[place] += $1.buckets[place] } })
    }
  }

  private func line(_ label: String, _ counts: [Int]) -> String {
    let all = counts.reduce(0, +)
    let text = leading(grouped(counts[2]), 7) + " of " + leading(grouped(all), 7)
    guard all > 0 else { return label + "  " + text }
    let room = max(4, min(40, console.width - 34))
    // What is there is seen, however little it is.
    var parts = counts.map { $0 * room / all }
    for place in 0..<3 where counts[place] > 0 && parts[place] == 0 { parts[place] = 1 }
    while parts.reduce(0, +) > room, let largest = parts.indices.max(by: { parts[$0] < parts[$1] }) {
      parts[largest] -= 1
    }
    while parts.reduce(0, +) < room, let largest = parts.indices.max(by: { parts[$0] < parts[$1] }) {
      parts[largest] += 1
    }
    let bar =
      console.green(String(repeating: "█", count: parts[2])) + console.yellow(String(repeating: "▒", count: parts[1]))
      + console.red(String(repeating: "·", count: parts[0]))
    return label + "  " + text + "  " + bar
  }
}
