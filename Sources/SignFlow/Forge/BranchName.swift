/// A branch's name as a forge told it, held to git's rules for refs (git-check-ref-format(1)), since it becomes part of
/// an argument of `git push`.
package struct BranchName: Sendable, Hashable, CustomStringConvertible {
  /// Without `refs/heads/`. May hold letters that cannot be seen: print `description` only.
  package let raw: String

  /// nil for what git would not take as `refs/heads/…`. A hyphen in front is legal there, so whoever opens a pull
  /// request can choose such a name: use `ref` and never `raw` in arguments.
  package init?(_ raw: String) {
    // As bytes: to Swift, a dot with an accent behind it is another Character than a dot.
    let bytes = Array(raw.utf8)
    let forbidden = Array(" ~^:?*[\\".utf8)
    guard (1...1024).contains(bytes.count), bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7F && !forbidden.contains($0) }),
      !bytes.contains("..".utf8), !bytes.contains("@{".utf8), bytes.last != UInt8(ascii: ".")
    else { return nil }
    for part in bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      guard let first = part.first, first != UInt8(ascii: "."), !part.reversed().starts(with: ".lock".utf8.reversed())
      else { return nil }
    }
    self.raw = raw
  }

  /// The full name.
  package var ref: String { "refs/heads/\(raw)" }
  package var description: String { Untrusted(raw).description }
}
