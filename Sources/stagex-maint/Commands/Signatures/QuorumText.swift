internal import Review
internal import SignFlow

/// The report on image signatures as a matrix: packages down, maintainers across.
struct QuorumText {
  let console: Console
  let report: QuorumReport
  let session: ImageSession

  func print(onlyLacking: Bool) {
    let people = columns
    for note in session.allNotes { console.out("note: \(note)") }
    console.out(
      "maintainers: "
        + people.enumerated().map { "\(letter($0.offset)) \(printable($0.element))" }.joined(separator: "  "))
    let width = min(48, report.images.map { $0.entry.image.package.count }.max() ?? 0)
    console.out("")
    console.out(pad("package", width) + "  " + people.indices.map(letter).joined(separator: " ") + "  signed")
    for image in report.images {
      let needsAttention = report.lacks(image) || image.files.contains { $0.objection != nil }
      guard !onlyLacking || needsAttention else { continue }
      console.out(line(image, people, width))
    }
    let findings = report.images.flatMap { image in image.files.filter { $0.objection != nil }.map { (image, $0) } }
    if !findings.isEmpty { console.out("") }
    for (image, file) in findings.prefix(200) {
      console.out(
        """
        \(colour(file.code, image, file))  \(image.entry.image.package)/\(printable(file.name, limit: 60)): \
        \(file.objection ?? "")
        """)
    }
    if findings.count > 200 { console.out("… and \(findings.count - 200) more (--format json lists all)") }
    console.out("")
    for name in report.strays.prefix(20) {
      console.out("\(console.yellow("stray"))  \(name): programs read no folder of this name")
    }
    if report.strays.count > 20 { console.out("… and \(report.strays.count - 20) more") }
    summary()
  }

  private func summary() {
    let lacking = report.images.filter(report.lacks)
    let blocked = report.images.filter { !$0.blocking.isEmpty }
    console.out("+ signed   x signed, does not count   ! tampered with   . not signed")
    console.out(
      """
      \(console.word(report.outcome)): \(report.images.count - lacking.count) of \(report.images.count) \
      digests have \(report.threshold) maintainers
      """)
    if !lacking.isEmpty {
      console.out(
        "lacking: " + lacking.prefix(10).map { String($0.entry.image.package) }.joined(separator: ", ")
          + (lacking.count > 10 ? " and \(lacking.count - 10) more" : ""))
      console.out("next: stagex-maint sign --stage, by a maintainer who has not signed them")
    }
    if !blocked.isEmpty {
      console.out(
        """
        \(blocked.count) \(blocked.count == 1 ? "image has a file" : "images have files") that must \
        be taken out of the signatures first
        """)
    }
  }

  private func line(_ image: ImageReport, _ people: [String], _ width: Int) -> String {
    let marks = people.map { person in
      if image.signers.contains(where: { $0.person == person }) { return console.green("+") }
      let own = image.files.filter { $0.person == person }
      if own.contains(where: { if case .bad = $0.signature { true } else { false } }) { return console.red("!") }
      return own.isEmpty ? "." : console.yellow("x")
    }
    let count = "\(image.signers.count) of \(report.threshold)"
    let state = report.lacks(image) ? console.red(count) : console.green(count)
    return pad(String(image.entry.image.package), width) + "  " + marks.joined(separator: " ") + "  " + state
      + (image.blocking.isEmpty ? "" : "  " + console.red("blocked"))
  }

  /// Everybody who can sign, and everybody else whose signatures are there.
  private var columns: [String] {
    var people = session.maintainers
    for image in report.images {
      for file in image.files {
        if let person = file.person, !people.contains(person) { people.append(person) }
      }
    }
    return people
  }

  private func letter(_ index: Int) -> String {
    index < 26 ? String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index))) : "#"
  }

  private func pad(_ text: String, _ width: Int) -> String {
    text.count >= width ? text : text + String(repeating: " ", count: width - text.count)
  }

  private func colour(_ code: String, _ image: ImageReport, _ file: JudgedImageFile) -> String {
    image.blocking.contains { $0.name == file.name } ? console.red(code) : console.yellow(code)
  }
}
