/// One page that needs nothing else: no script, no picture, nothing from a network.
///
/// On top is the answer; then what it was counted from. Every table has a caption and headers, every chart a sentence
/// that says the same and a table of its figures.
struct Page {
  /// The word before the title, and the class that colours it: `accepted`, `refused`, `undecided`; none for a survey.
  var word: String?
  let title: String
  /// One sentence that answers the question.
  let answer: HTML
  var tiles: [Tile] = []
  var sections: [Section] = []
  /// What made the page, and from what.
  var footer: HTML

  /// One number of the answer.
  struct Tile {
    enum Mood: String { case good, bad, doubtful, plain }
    let number: String
    let caption: String
    var mood = Mood.plain
    /// The part of the page with what the number counts.
    var target: String?
  }

  struct Section {
    /// Its name in the page.
    let id: String
    let heading: String
    let body: HTML
    /// Whether it stands in the list of parts.
    var isListed = true
  }

  var text: String {
    let page: HTML = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" \
      content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="referrer" content="no-referrer">
      <title>\(word.map { $0 + ": " } ?? "")\(title)</title>
      <style>
      \(HTML(stringLiteral: PageStyle.text))
      </style>
      </head>
      <body>
      \(Charts.patterns)
      <a class="skip" href="#main">To the answer</a>
      <header>
      <h1>\(heading)</h1>
      </header>
      <main id="main">
      <p class="answer">\(answer)</p>
      \(tileList)\(contents)\(sections.map(section).joined("\n"))
      </main>
      <footer>
      <p>\(footer)</p>
      </footer>
      </body>
      </html>
      """
    return page.text
  }

  private var heading: HTML {
    guard let word else { return "\(title)" }
    return "<span class=\"word \(word)\">\(word)</span> \(title)"
  }

  private var tileList: HTML {
    guard !tiles.isEmpty else { return "" }
    let items = tiles.map { tile -> HTML in
      let inside: HTML = "<strong>\(tile.number)</strong> <span>\(tile.caption)</span>"
      guard let target = tile.target else { return "<li class=\"\(tile.mood.rawValue)\"><div>\(inside)</div></li>" }
      return "<li class=\"\(tile.mood.rawValue)\"><a href=\"#\(target)\">\(inside)</a></li>"
    }
    return "<ul class=\"tiles\">\(items.joined("\n"))</ul>\n"
  }

  /// Where a page has several parts, they are listed: a screen's reader jumps, a person at a phone too.
  private var contents: HTML {
    let listed = sections.filter(\.isListed)
    guard listed.count > 2 else { return "" }
    let items = listed.map { section -> HTML in "<li><a href=\"#\(section.id)\">\(section.heading)</a></li>" }
    return "<nav aria-label=\"Parts of this page\"><ul>\(items)</ul></nav>\n"
  }

  private func section(_ section: Section) -> HTML {
    """
    <section id="\(section.id)" aria-labelledby="\(section.id)-h">
    <h2 id="\(section.id)-h">\(section.heading)</h2>
    \(section.body)
    </section>
    """
  }
}
