internal import Basics
internal import Crypto
internal import Glibc
package import Review

/// What must outlive a kill between the card's touch and the file in its place: the signatures made and not yet placed,
/// and the list that the person confirmed. It lies in the repository's git folder, never in its tree.
package struct SigningJournal: Sendable {
  /// The folder.
  package let path: String

  /// Makes the folder where it is missing.
  package init(gitDirectory: String) throws(FlowError) {
    path = (gitDirectory.hasSuffix("/") ? String(gitDirectory.dropLast()) : gitDirectory) + "/stagex-maint/sign"
    for folder in [path.dropLast(5), Substring(path)] {
      if unsafe mkdir(String(folder), 0o700) != 0, errno != EEXIST {
        throw FlowError(.impossible, "\(printable(path)) cannot be made: \(errorText(errno))")
      }
    }
  }

  /// Where the signed message over a statement is kept until it has its place.
  package func file(for statement: ImageStatement, person: String) -> String {
    var hash = SHA256()
    hash.update(data: statement.bytes)
    hash.update(data: Array("\n\(person)".utf8))
    return path + "/" + hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Keeps a message, at once and whole.
  package func keep(_ message: [UInt8], for statement: ImageStatement, person: String) throws(FlowError) {
    try AtomicFile.write(message, to: file(for: statement, person: person))
  }

  /// A message made earlier; nil when there is none that is good today, so that a damaged file costs a touch and no
  /// more.
  package func message(for statement: ImageStatement, person: String, _ judge: ImageJudge) throws(FlowError) -> [UInt8]?
  {
    guard let folder = try OpenFolder.open(path: path) else { return nil }
    let name = String(file(for: statement, person: person).dropFirst(path.count + 1))
    guard let bytes = try folder.file(name, limit: ImageSignature.limit),
      case .good(let found, let signer) = judge.judge(bytes), found == statement, signer.person == person
    else { return nil }
    return bytes
  }

  /// Drops a signature that has been placed.
  package func forget(_ statement: ImageStatement, person: String) {
    _ = unsafe unlink(file(for: statement, person: person))
  }

  /// Notes what the person confirmed.
  package func confirm(_ statements: [ImageStatement]) throws(FlowError) {
    let lines = statements.map { "\($0.image.digest) \($0.reference)\n" }.joined()
    try AtomicFile.write(Array(lines.utf8), to: path + "/confirmed")
  }

  /// Whether all of these were confirmed before.
  package func isConfirmed(_ statements: [ImageStatement]) throws(FlowError) -> Bool {
    guard let folder = try OpenFolder.open(path: path), let bytes = try folder.file("confirmed", limit: 64 << 20) else {
      return false
    }
    let known = Set(bytes.split(separator: UInt8(ascii: "\n")))
    return statements.allSatisfy { known.contains(Array("\($0.image.digest) \($0.reference)".utf8)[...]) }
  }

  /// Forgets the confirmed list: all of it is signed.
  package func finish() { _ = unsafe unlink(path + "/confirmed") }
}
