/// A point in time as people write it: `2025-10-03 18:41:28 UTC`.
///
/// - Parameter seconds: Seconds since 1970.
package func timestamp(_ seconds: Int64) -> String {
  let days = seconds.flooredDivision(by: 86_400)
  // Not by multiplication: the first day that a number can name begins before it.
  let rest = (seconds % 86_400 + 86_400) % 86_400
  let (year, month, day) = civilDate(daysSince1970: days)
  func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
  return "\(year)-\(two(month))-\(two(day)) \(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60)) UTC"
}

/// The date alone: `2025-10-03`.
package func datestamp(_ seconds: Int64) -> String { String(timestamp(seconds).prefix { $0 != " " }) }

/// Days to a date of the Gregorian calendar, by eras of 400 years that begin in March, so that the
/// leap day comes last.
private func civilDate(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
  let shifted = daysSince1970 + 719_468
  let era = shifted.flooredDivision(by: 146_097)
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let marchMonth = (5 * dayOfYear + 2) / 153
  let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
}

extension Int64 {
  fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}

/// The first second of a day of the Gregorian calendar, UTC, in seconds since 1970; nil for a day that does not exist.
package func secondsSince1970(year: Int64, month: Int64, day: Int64) -> Int64? {
  guard (1...12).contains(month), (1...31).contains(day), (1...9999).contains(year) else { return nil }
  let marchYear = month <= 2 ? year - 1 : year
  let era = marchYear.flooredDivision(by: 400)
  let yearOfEra = marchYear - era * 400
  let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
  let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  let (backYear, backMonth, backDay) = civilDate(daysSince1970: days)
  return (backYear, backMonth, backDay) == (year, month, day) ? days * 86_400 : nil
}
