/// A month of the Gregorian calendar, UTC.
package struct SurveyMonth: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Months since the year 0.
  private let number: Int

  /// The month, in UTC, of a time in seconds since 1970.
  package init(_ time: Int64) {
    let parts = datestamp(time).split(separator: "-", omittingEmptySubsequences: true)
    number = (parts.first.flatMap { Int($0) } ?? 0) * 12 + (parts.dropFirst().first.flatMap { Int($0) } ?? 1) - 1
  }

  private init(number: Int) { self.number = number }

  /// Of the common era.
  package var year: Int { number / 12 }
  package var description: String { "\(number / 12)-\(number % 12 < 9 ? "0" : "")\(number % 12 + 1)" }
  package static func < (left: Self, right: Self) -> Bool { left.number < right.number }

  /// Attack: one commit of the year 1 and one of the year 9999, and a month drawn for each between them.
  private static let mostMonths = 1200

  /// All months from the first to the last that is known.
  package static func filled<Value>(_ found: [SurveyMonth: Value], none: Value) -> [(
    month: SurveyMonth, buckets: Value
  )] {
    guard let first = found.keys.min(), let last = found.keys.max() else { return [] }
    guard last.number - first.number < mostMonths else {
      return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
    return (first.number...last.number).map { number in
      let month = SurveyMonth(number: number)
      return (month, found[month] ?? none)
    }
  }
}
