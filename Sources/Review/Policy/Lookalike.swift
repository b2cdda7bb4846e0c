/// Makes equal what differs only in case: first upper case, which resolves ligatures and the dotless i
/// too, then lower case. Composed and decomposed letters are one `Character` to Swift already.
func folding(_ text: String) -> String { text.uppercased().lowercased() }

/// Whether a character may be taken for another, several, or none: full-width and other
/// compatibility forms, and what is not seen at all.
func isUnclear(_ character: Character) -> Bool {
  character.unicodeScalars.contains { !$0.isASCII && $0.properties.changesWhenNFKCCaseFolded }
}

extension Policy {
  /// The protected name or pattern that an unprotected ref could be taken for, if any.
  ///
  /// - Parameter leads: Further branches that are protected, without `refs/heads/`.
  package func lookalike(of ref: [UInt8], also leads: [String] = []) -> String? {
    guard branchRule(for: ref) == nil, !protectsTag(ref), !coSignatureRef.utf8.elementsEqual(ref) else { return nil }
    let text = String(decoding: ref, as: UTF8.self)
    let names = branches.map(\.name) + leads.compactMap { try? Glob($0) }
    for (prefix, globs) in [("refs/heads/", names), ("refs/tags/", tags.map(\.name))] {
      guard let name = rest(of: text, after: prefix) else { continue }
      if let glob = globs.first(where: { $0.matchesLookalike(of: name) }) { return prefix + glob.pattern }
    }
    if let glob = try? Glob(coSignatureRef), glob.matchesLookalike(of: text) { return coSignatureRef }
    return nil
  }
}

/// The part of a name after something that can be taken for `prefix`, which ends in a slash.
private func rest(of name: String, after prefix: String) -> String? {
  let depth = prefix.utf8.count(where: { $0 == UInt8(ascii: "/") })
  let parts = name.split(separator: "/", omittingEmptySubsequences: false)
  guard parts.count > depth, let glob = try? Glob(prefix + "x") else { return nil }
  let head = parts[..<depth].joined(separator: "/")
  return glob.matchesLookalike(of: head + "/x") ? parts[depth...].joined(separator: "/") : nil
}

/// Whether a ref lies in the folder of replacements, or in one that a file system takes for it.
func isReplacement(_ ref: [UInt8]) -> Bool {
  rest(of: String(decoding: ref, as: UTF8.self), after: "refs/replace/") != nil
}
