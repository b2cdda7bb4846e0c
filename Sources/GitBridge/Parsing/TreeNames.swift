#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Why an entry of a tree may not have this name; nil when it may.
///
/// Attack: a checkout that writes into .git sets hooks and configuration (CVE-2014-9390), on HFS+ through characters
/// that it ignores, on NTFS through short names, streams and trailing dots (CVE-2019-1352 and its kin). As git's own
/// `fsck` judges with `core.protectHFS` and `core.protectNTFS`, wherever this runs: who checks out is somebody else.
///
/// - Parameter isLink: whether the entry is a symbolic link, which may not stand in for `.gitmodules`.
// R81
func nameDefect(_ name: UnsafeRawBufferPointer, isLink: Bool) -> String? {
  guard unsafe !name.isEmpty else { return "an entry without name" }
  if unsafe memchr(name.baseAddress!, Int32(UInt8(ascii: "/")), name.count) != nil { return "a name with a slash" }
  // What all that follows has in common, so that hardly a name is looked at twice.
  let first = unsafe name[0]
  let mayBeOne = first == UInt8(ascii: ".") || first | 0x20 == UInt8(ascii: "g") || first == 0xE2 || first == 0xEF
  let hasBackslash = unsafe memchr(name.baseAddress!, Int32(UInt8(ascii: "\\")), name.count) != nil
  guard mayBeOne || hasBackslash else { return nil }

  let bytes = unsafe [UInt8](name)
  if bytes == [UInt8(ascii: ".")] || bytes == [UInt8(ascii: "."), UInt8(ascii: ".")] {
    return "an entry named . or .."
  }
  let lower = bytes.map(lowered)
  if lower == Array(".git".utf8) { return "an entry named .git" }
  let visible = withoutIgnored(lower)
  if visible == Array(".git".utf8) { return "an entry that HFS+ takes for .git" }
  // NTFS splits at a backslash.
  for part in lower.split(separator: UInt8(ascii: "\\"), omittingEmptySubsequences: false) where isShortGit(part) {
    return "an entry that NTFS takes for .git"
  }
  if isLink, visible == Array(".gitmodules".utf8) || isShortModules(lower) {
    return "a symbolic link named .gitmodules"
  }
  return nil
}

private func lowered(_ byte: UInt8) -> UInt8 {
  (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}

/// Without the characters that HFS+ does not see (git's utf8.c, `next_hfs_char`).
private func withoutIgnored(_ name: [UInt8]) -> [UInt8] {
  guard name.contains(where: { $0 == 0xE2 || $0 == 0xEF }) else { return name }
  var result: [UInt8] = []
  var rest = name[...]
  while let byte = rest.popFirst() {
    let (second, third) = (rest.first ?? 0, rest.dropFirst().first ?? 0)
    let isIgnored =
      switch (byte, second, third) {
      case (0xE2, 0x80, 0x8C...0x8F), (0xE2, 0x80, 0xAA...0xAE), (0xE2, 0x81, 0xAA...0xAF), (0xEF, 0xBB, 0xBF): true
      default: false
      }
    if isIgnored { rest = rest.dropFirst(2) } else { result.append(byte) }
  }
  return result
}

/// `.git` or its short name, as far as a colon, and whatever dots and blanks follow (git's path.c, `is_ntfs_dotgit`).
private func isShortGit(_ name: ArraySlice<UInt8>) -> Bool {
  [".git", "git~1"].contains { name.starts(with: $0.utf8) && isEmptyOnNTFS(name.dropFirst($0.utf8.count)) }
}

/// As for `.git` (git's path.c, `is_ntfs_dotgitmodules`).
private func isShortModules(_ name: [UInt8]) -> Bool {
  let full = Array(".gitmodules".utf8)
  if name.starts(with: full) { return isEmptyOnNTFS(name[full.count...]) }
  let digits = UInt8(ascii: "1")...UInt8(ascii: "9")
  if name.count >= 8, name.starts(with: "gitmod~".utf8), (UInt8(ascii: "1")...UInt8(ascii: "4")).contains(name[7]) {
    return isEmptyOnNTFS(name[8...])
  }
  // With more files of that kind, a hash of the name is what is left: `gi7eba~1`, at most eight characters.
  guard name.count >= 8, let tilde = name[..<8].firstIndex(of: UInt8(ascii: "~")), tilde <= 6 else { return false }
  return Array("gi7eba".utf8).starts(with: name[..<tilde]) && digits.contains(name[tilde + 1])
    && name[(tilde + 2)..<8].allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    && isEmptyOnNTFS(name[8...])
}

/// What NTFS cuts off the end of a name: dots and blanks, and a stream's name after a colon.
private func isEmptyOnNTFS(_ rest: ArraySlice<UInt8>) -> Bool {
  guard let other = rest.first(where: { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: " ") }) else { return true }
  return other == UInt8(ascii: ":")
}
