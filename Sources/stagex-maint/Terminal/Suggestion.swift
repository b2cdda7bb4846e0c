/// What somebody may have meant by a word that is not known.
enum Suggestion {
  /// The nearest of the known words, if it is near enough to be meant.
  static func nearest(to word: String, among known: some Sequence<String>) -> String? {
    let most = max(1, word.count / 3)
    return known.map { ($0, distance(Array(word.lowercased().unicodeScalars), Array($0.lowercased().unicodeScalars))) }
      .filter { $0.1 <= most || (word.count > 2 && $0.0.hasPrefix(word)) }.min { $0.1 < $1.1 }?.0
  }

  /// How many letters must be changed, added, left out or swapped with their neighbour.
  private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    // A word from outside is compared only as far as a command's name could be long.
    guard a.count < 40 else { return .max }
    var rows = [Array(0...b.count)]
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var best = min(rows[i][j] + (a[i] == b[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
