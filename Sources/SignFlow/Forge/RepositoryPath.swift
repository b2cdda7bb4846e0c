/// A repository's place on its forge: `owner/name`, on GitLab `group/…/name`.
package struct RepositoryPath: Sendable, CustomStringConvertible {
  /// At least two. Each is letters, digits, dots, hyphens and underscores, and neither `.` nor `..`.
  package let parts: [String]

  /// Reads a path as it stands in a URL, with or without `.git` and a slash at the end; nil for anything else.
  ///
  /// Strict, because it becomes part of URLs that we push to.
  package init?(_ text: some StringProtocol) {
    var rest = Substring(text)
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    if rest.hasSuffix(".git") { rest = rest.dropLast(4) }
    let parts = rest.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard (2...20).contains(parts.count), parts.allSatisfy(Self.isName) else { return nil }
    self.parts = parts
  }

  package var description: String { parts.joined(separator: "/") }
  /// The last part.
  package var name: String { parts[parts.count - 1] }
  /// All parts but the last.
  package var owner: String { parts.dropLast().joined(separator: "/") }

  private static func isName(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    let others: [UInt8] = [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")]
    return (1...255).contains(bytes.count) && text != "." && text != ".."
      && bytes.allSatisfy { $0.isLetterOrDigit || others.contains($0) }
  }
}

/// Forges do not tell upper from lower case in names.
extension RepositoryPath: Hashable {
  package static func == (one: RepositoryPath, other: RepositoryPath) -> Bool {
    one.description.lowercased() == other.description.lowercased()
  }
  package func hash(into hasher: inout Hasher) { hasher.combine(description.lowercased()) }
}
