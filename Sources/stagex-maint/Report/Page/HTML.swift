internal import Review

/// A piece of a page. What is written in our source stands as it is; whatever is put into it is escaped, so that no
/// place can forget to.
struct HTML: ExpressibleByStringInterpolation, Sendable {
  private(set) var text: String

  init(stringLiteral text: String) { self.text = text }
  init(stringInterpolation interpolation: StringInterpolation) { text = interpolation.text }

  struct StringInterpolation: StringInterpolationProtocol {
    var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + interpolationCount * 16)
    }
    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ text: some StringProtocol) { self.text += markup(String(text)) }
    mutating func appendInterpolation(_ number: Int) { text += String(number) }
    mutating func appendInterpolation(_ html: HTML) { text += html.text }
    mutating func appendInterpolation(_ pieces: [HTML]) { for piece in pieces { text += piece.text } }
  }

  /// A day, which stays on one line.
  static func day(_ time: Int64) -> HTML { "<span class=\"day\">\(datestamp(time))</span>" }

  static func + (left: HTML, right: HTML) -> HTML { "\(left)\(right)" }
}

extension [HTML] {
  func joined(_ separator: HTML) -> HTML {
    HTML(stringLiteral: map(\.text).joined(separator: separator.text))
  }
}
