/// What of git's settings decides how we start it.
package struct GitSettings: Sendable {
  /// The drivers that they name, put out of force.
  let driversOff: [(key: String, value: String)]
  /// Whether the address of a remote is a path that depends on where git runs.
  let hasRelativeRemote: Bool

  /// - Parameter list: As `git config --list -z` has them: the key, a line end and the value if there is one, a zero.
  init(_ list: [UInt8]) {
    let entries = list.split(separator: 0).map { entry in
      let parts = String(decoding: entry, as: UTF8.self).split(
        separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
      return (key: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : "")
    }
    driversOff = GitSwitches.drivers(entries.map(\.key))
    hasRelativeRemote = entries.contains { key, value in
      if key.hasPrefix("remote.") {
        return (key.hasSuffix(".url") || key.hasSuffix(".pushurl")) && Self.isRelativePath(value)
      }
      // url.BASE.insteadOf: what stands in the key comes before the rest of the address.
      guard key.hasPrefix("url."), let end = [".insteadof", ".pushinsteadof"].first(where: key.hasSuffix) else {
        return false
      }
      return Self.isRelativePath(String(key.dropFirst("url.".count).dropLast(end.count)))
    }
  }

  /// git-fetch(1), GIT URLS: `SCHEME://`, `HELPER::`, `HOST:PATH` with no slash before the colon, else a path.
  package static func isRelativePath(_ address: String) -> Bool {
    if address.hasPrefix("/") { return false }
    return address.prefix { $0 != ":" }.contains("/") || !address.contains(":")
  }
}
