internal import Review
internal import SignFlow

extension Report {
  /// Draws who signed which image: images down, maintainers across.
  mutating func draw(_ quorum: QuorumReport, maintainers: [String], onlyLacking: Bool) {
    var people = maintainers
    for person in quorum.images.flatMap(\.files).compactMap(\.person) where !people.contains(person) {
      people.append(person)
    }
    let shown = quorum.images.filter { image in
      !onlyLacking || quorum.lacks(image) || image.files.contains { $0.objection != nil }
    }
    let lacking = quorum.images.count(where: quorum.lacks)
    let rows = shown.prefix(3000).map { image in
      let marks = people.map { person -> HTML in
        if image.signers.contains(where: { $0.person == person }) { return "<span class=\"accepted\">signed</span>" }
        return image.files.contains { $0.person == person } ? "<span class=\"refused\">does not count</span>" : ""
      }
      return PageTable.Row(
        cells: [
          "\(String(image.entry.image.package))",
          """
          <span class="\(quorum.lacks(image) ? "refused" : "accepted")">\
          \(image.signers.count) of \(quorum.threshold)</span>
          """,
        ] + marks + [
          "<code title=\"sha256:\(image.entry.image.digest)\">\(String(image.entry.image.digest.prefix(12)))</code>"
        ])
    }
    let heads = (["image", "has"] + people.map { printable($0, limit: 40) } + ["digest"]).map {
      PageTable.Head(stringLiteral: $0)
    }
    picture.tiles = [
      .init(
        number: grouped(quorum.images.count), caption: quorum.images.count == 1 ? "image" : "images", target: "images"),
      .init(
        number: grouped(lacking), caption: "with too few maintainers", mood: lacking == 0 ? .good : .bad,
        target: lacking == 0 ? nil : "why"),
      .init(number: "\(quorum.threshold)", caption: "maintainers needed for each"),
    ]
    picture.sections = [
      Page.Section(
        id: "images", heading: "Who signed which image",
        body: PageTable(caption: "Images and their signers", heads: heads, rows: rows).html)
    ]
    picture.replacesRows = true
  }
}
