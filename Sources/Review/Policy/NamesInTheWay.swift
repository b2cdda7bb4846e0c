/// The protected name or pattern in whose way a ref would stand, if any.
///
/// A ref above or below another cannot exist beside it (git-check-ref-format(1)); and one that git's rules for short
/// names read as another (gitrevisions(7)) makes everybody's `git push origin x:refs/heads/main` fail as ambiguous.
///
/// - Parameters:
///   - branches: Patterns of protected branches, after `refs/heads/`; tags likewise; others are full names.
// R112
func nameInTheWay(_ ref: [UInt8], branches: [Glob], tags: [Glob], others: [String]) -> String? {
  let families: [(prefix: String, globs: [Glob])] = [("refs/heads/", branches), ("refs/tags/", tags)]
  for (prefix, globs) in families {
    guard let name = shortName(ref, under: prefix) else { continue }
    let text = String(decoding: name, as: UTF8.self)
    for glob in globs where glob.isBlocked(by: text) { return prefix + glob.pattern }
  }
  for other in others where isAboveOrBelow(ref, Array(other.utf8)) { return other }
  // What somebody may have typed to mean the protected name, read by git as this ref.
  for typed in typedNames(for: ref) {
    for (prefix, globs) in families {
      guard let name = shortName(typed, under: prefix), typed != ref else { continue }
      if let glob = globs.first(where: { $0.matches(name) }) { return prefix + glob.pattern }
    }
    if typed != ref, let other = others.first(where: { $0.utf8.elementsEqual(typed) }) { return other }
  }
  return nil
}

/// Whether one name is a folder of the other, so that git cannot have both: it keeps refs as files.
func isAboveOrBelow(_ one: [UInt8], _ other: [UInt8]) -> Bool {
  let (one, other) = (one + [UInt8(ascii: "/")], other + [UInt8(ascii: "/")])
  return one != other && (one.starts(with: other) || other.starts(with: one))
}

extension Policy {
  /// Two names that a policy asks for and that git cannot have beside each other, or reads one as the other.
  ///
  /// Of what a pattern protects, some names can often be had: it is in the way only where none can.
  ///
  /// - Parameter branch: What carries the rules where the policy does not say; without `refs/heads/`.
  // R38
  package func clash(carriedBy branch: String) -> NameClash? {
    let carries = "refs/heads/\(lead ?? branch)"
    if isAboveOrBelow(Array(carries.utf8), Array(coSignatureRef.utf8)) {
      return NameClash(name: carries, other: coSignatureRef)
    }
    let families = branches.map { ("refs/heads/", $0.name) } + tags.map { ("refs/tags/", $0.name) }
    for name in [carries, coSignatureRef] {
      let typed = typedNames(for: Array(name.utf8)).filter { !$0.elementsEqual(name.utf8) }
      for (prefix, glob) in families {
        let isRead = typed.contains { shortName($0, under: prefix).map(glob.matches) ?? false }
        if isRead || glob.leavesNothing(beside: name, prefix) {
          return NameClash(name: name, other: prefix + glob.pattern)
        }
      }
      if typed.contains(where: { $0.elementsEqual(carries.utf8) }) {
        return NameClash(name: name, other: carries)
      }
    }
    return nil
  }
}

/// The full names that somebody may mean by a text that git reads as `ref`.
private func typedNames(for ref: [UInt8]) -> [[UInt8]] {
  var found: [[UInt8]] = []
  for prefix in ["refs/", "refs/tags/", "refs/heads/", "refs/remotes/"] {
    guard var typed = shortName(ref, under: prefix) else { continue }
    if prefix == "refs/remotes/", typed.suffix(5).elementsEqual("/HEAD".utf8) { typed.removeLast(5) }
    if typed.starts(with: "refs/".utf8) {
      found.append(typed)
    } else if typed.starts(with: "heads/".utf8) || typed.starts(with: "tags/".utf8) {
      found.append(Array("refs/".utf8) + typed)
    } else if prefix != "refs/heads/" {
      // A tag hides the branch of its name; a branch hides no tag.
      found.append(Array("refs/heads/".utf8) + typed)
    }
  }
  return found
}

extension Glob {
  /// Whether git could have nothing that the pattern matches while it has a ref of this name.
  fileprivate func leavesNothing(beside name: String, _ prefix: String) -> Bool {
    guard hasWildcard else { return isAboveOrBelow(Array(name.utf8), Array((prefix + pattern).utf8)) }
    let parts = (prefix + pattern).split(separator: "/", omittingEmptySubsequences: false)
    let folder = parts.prefix { !$0.contains { "*?[".contains($0) } }.joined(separator: "/")
    return (folder + "/").starts(with: name + "/")
  }

  /// Whether a name is above or below one that the pattern matches, in some spelling that a file system takes for it.
  fileprivate func isBlocked(by name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    for count in 1..<max(1, parts.count) where matchesLookalike(of: parts[..<count].joined(separator: "/")) {
      return true
    }
    let own = pattern.split(separator: "/", omittingEmptySubsequences: false)
    for count in 1..<max(1, own.count) {
      let above = own[..<count].joined(separator: "/")
      // Folders of any depth: every name is above some of those.
      if above.contains("**") { break }
      // What is not ASCII may hold what reads as a slash.
      guard count == parts.count || !name.utf8.allSatisfy({ $0 < 0x80 }) else { continue }
      if let glob = try? Glob(above), glob.matchesLookalike(of: name) { return true }
    }
    return false
  }
}
