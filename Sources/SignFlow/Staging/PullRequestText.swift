package import Review

/// What a pull request of signatures says: who signed what, and what still lacks the quorum.
package struct PullRequestText {
  /// Its first line.
  package let title: String
  /// Its description, in markdown.
  package let body: String

  /// Forges cut longer texts off, or refuse them.
  private static let most = 400

  /// - Parameter report: On the signatures as the branch holds them.
  package init(release: String, report: QuorumReport, registry: Registry, version: String) {
    title = "Signatures for release \(release)"
    let signed = report.images.filter { !$0.signers.isEmpty }
    let lacking = report.images.filter(report.lacks)
    var text = """
      \(report.images.count - lacking.count) of \(report.images.count) digests have the signatures \
      of \(report.threshold) maintainers.\n\n
      """
    text += "| package | digest | signed by | lacks |\n|---|---|---|---|\n"
    for image in signed.prefix(Self.most) {
      let missing = max(0, report.threshold - image.signers.count)
      let people = image.signers.map { Self.cell($0.person) }.joined(separator: ", ")
      text += """
        | \(image.entry.image.package) | `\(image.entry.image.digest.prefix(16))` | \(people) | \
        \(missing == 0 ? "" : "\(missing)") |\n
        """
    }
    if signed.count > Self.most { text += "\nand \(signed.count - Self.most) more\n" }
    let unsigned = report.images.count - signed.count
    if unsigned > 0 { text += "\n\(unsigned) \(unsigned == 1 ? "package has" : "packages have") no signature yet.\n" }
    text += """

      This table is for people. What counts is what `stagex-maint signatures verify` says of the files.

      stagex-maint \(version)

      """
    body = text
  }

  /// A person's id comes from the registry; in a table it must not be able to end its cell or become a link.
  private static func cell(_ text: String) -> String {
    String(printable(text, limit: 60).map { "|`[]<>*_\\@#".contains($0) ? "-" : $0 })
  }
}
