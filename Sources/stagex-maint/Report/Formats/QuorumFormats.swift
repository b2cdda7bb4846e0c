internal import Review
internal import SignFlow

extension Report {
  /// Who signed which image.
  ///
  /// - Parameter onlyLacking: Leaves out the images that have the quorum and need no attention.
  init(_ quorum: QuorumReport, notes: [String], onlyLacking: Bool) {
    let images = quorum.images.filter { image in
      !onlyLacking || quorum.lacks(image) || image.files.contains { $0.objection != nil }
    }
    self.init(
      title: "image signatures", outcome: quorum.outcome, noun: "digest", heads: ("package", "signed by", "digest"),
      rows: images.map { Row($0, quorum) }, rowCount: quorum.images.count,
      findings: images.flatMap { Finding.all($0, quorum) } + quorum.strays.map(Finding.stray),
      notes: notes)
  }
}

extension Report.Row {
  fileprivate init(_ image: ImageReport, _ quorum: QuorumReport) {
    let people = image.signers.map { printable($0.person) }.joined(separator: ", ")
    self.init(
      name: String(image.entry.image.package),
      isAccepted: !quorum.lacks(image) && image.blocking.isEmpty && !image.unjudged,
      kind: image.entry.list.isEmpty ? "image" : printable(image.entry.list), have: image.signers.count,
      need: quorum.threshold,
      by: people.isEmpty ? "nobody" : people, about: "sha256:\(image.entry.image.digest)")
  }
}

extension Report.Finding {
  fileprivate static func stray(_ name: String) -> Self {
    Self(
      code: "stray", lines: ["\(name): programs read no folder of this name"], next: "", row: nil, place: name,
      mark: name, isError: false)
  }

  /// What an image lacks, and each of its files that does not count.
  fileprivate static func all(_ image: ImageReport, _ quorum: QuorumReport) -> [Self] {
    let name = String(image.entry.image.package)
    var findings: [Self] = []
    if quorum.lacks(image) {
      findings.append(
        Self(
          code: "too-few-signers",
          lines: ["\(image.entry.image) has \(image.signers.count) of \(quorum.threshold) maintainers"],
          next: "stagex-maint sign --stage, by a maintainer who has not signed it", row: name,
          place: image.entry.image.folder,
          mark: image.entry.image.digest))
    }
    let blocking = Set(image.blocking.map(\.name))
    for file in image.files {
      guard let objection = file.objection else { continue }
      let path = "\(image.entry.image.folder)/\(printable(file.name, limit: 60))"
      findings.append(
        Self(
          code: file.code, lines: ["\(path): \(objection)"],
          next: blocking.contains(file.name) ? "git -C signatures log -- \(image.entry.image.folder)" : "", row: name,
          place: path, mark: path, isError: blocking.contains(file.name)))
    }
    return findings
  }
}
