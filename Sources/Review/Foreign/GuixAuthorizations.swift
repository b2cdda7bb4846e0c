package import OpenPGP

/// The keys that may sign the children of a commit, as its tree lists them in `.guix-authorizations` (Guix manual,
/// "Specifying Channel Authorizations"; guix/git-authenticate.scm, `read-authorizations`):
///
///     (authorizations (version 0) (("AD17 A21E … 61E3" (name "alice")) …))
///
/// What follows the fingerprint in an entry, and the list of entries, the format leaves open and Guix does not look at.
package struct GuixAuthorizations: Sendable, Equatable {
  /// Relative to the top of the tree.
  package static let path = ".guix-authorizations"

  /// The keys themselves that sign: a subkey's fingerprint where a subkey signs.
  package let keys: Set<Fingerprint>

  /// Reads the file strictly: what Guile could take for something else is an error.
  package static func read(_ bytes: [UInt8]) throws(FileDefect) -> GuixAuthorizations {
    let whole = try SExpression.read(bytes, named: path)
    guard let parts = whole.list, parts.count >= 3, parts[0].isWord("authorizations") else {
      throw FileDefect("\(path), line \(whole.line): it is not (authorizations (version 0) (…))")
    }
    guard let version = parts[1].list, version.count == 2, version[0].isWord("version"), version[1].isInteger(0) else {
      throw FileDefect("\(path), line \(parts[1].line): its version is not (version 0)")
    }
    guard let entries = parts[2].list else { throw FileDefect("\(path), line \(parts[2].line): no list of keys") }
    var keys: Set<Fingerprint> = []
    for entry in entries { keys.insert(try key(of: entry)) }
    return GuixAuthorizations(keys: keys)
  }

  private static func key(of entry: SExpression) throws(FileDefect) -> Fingerprint {
    guard let text = entry.list?.first?.string else {
      throw FileDefect("\(path), line \(entry.line): an entry that does not begin with a fingerprint")
    }
    let digits = text.filter { $0 != UInt8(ascii: " ") }
    // Attack: a short id, for which anybody can make a key.
    guard digits.count == 40, let fingerprint = Fingerprint(hex: digits) else {
      throw FileDefect(
        "\(path), line \(entry.line): “\(printable(text, limit: 60))” is not a fingerprint of 40 hexadecimal digits")
    }
    return fingerprint
  }
}
