/// A whole number as people read it: `141,162`.
func grouped(_ number: Int) -> String {
  let digits = String(number.magnitude)
  var result = ""
  for (place, digit) in digits.enumerated() {
    if place > 0, (digits.count - place) % 3 == 0 { result.append(",") }
    result.append(digit)
  }
  return (number < 0 ? "-" : "") + result
}

/// A part of a whole in percent. Neither none nor all is said of what is only nearly so.
func percent(_ part: Int, of whole: Int) -> String {
  guard whole > 0 else { return "–" }
  if part == 0 { return "0 %" }
  if part == whole { return "100 %" }
  let rounded = (part * 200 + whole) / (whole * 2)
  return rounded == 0 ? "<1 %" : rounded == 100 ? ">99 %" : "\(rounded) %"
}

/// `1 change`, `2 changes`.
func count(_ number: Int, _ noun: String) -> String { "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")" }
