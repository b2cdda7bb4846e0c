internal import Crypto
internal import Glibc
package import Review

/// What must outlive a kill between the card's touch and the file in its place: the signatures made and not yet placed,
/// and the list that the person confirmed. It lies in the repository's git folder, never in its tree.
package struct SigningJournal: Sendable {
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

  /// A message made earlier; nil when there is none that is good today, so that a damaged file costs a touch and no more.
  package func message(for statement: ImageStatement, person: String, _ judge: ImageJudge) throws(FlowError) -> [UInt8]? {
    guard let folder = try OpenFolder.open(path: path) else { return nil }
    let name = String(file(for: statement, person: person).dropFirst(path.count + 1))
    guard let bytes = try folder.file(name, limit: ImageSignature.limit),
      case .good(let found, let signer) = judge.judge(bytes), found == statement, signer.person == person
    else { return nil }
    return bytes
  }

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
    guard let folder = try OpenFolder.open(path: path), let bytes = try folder.file("confirmed", limit: 64 << 20) else { return false }
    let known = Set(bytes.split(separator: UInt8(ascii: "\n")))
    return statements.allSatisfy { known.contains(Array("\($0.image.digest) \($0.reference)".utf8)[...]) }
  }

  /// Forgets the confirmed list: all of it is signed.
  package func finish() { _ = unsafe unlink(path + "/confirmed") }
}

/// Files that are there whole or not at all.
package enum AtomicFile {
  /// Writes beside the place and renames, so that whoever kills us leaves the old file or the new one.
  package static func write(_ bytes: [UInt8], to path: String) throws(FlowError) {
    let temporary = try written(bytes, beside: path)
    guard unsafe rename(temporary, path) == 0 else { throw failure("renamed", path) }
  }

  /// Gives a file that was written whole a second name, at which nothing may be yet. False when something is.
  package static func link(_ source: String, to path: String) throws(FlowError) -> Bool {
    // A link, and not a rename: it fails where somebody else's file has appeared meanwhile.
    if unsafe Glibc.link(source, path) == 0 { return true }
    if errno == EEXIST { return false }
    throw failure("put in its place", path)
  }

  /// Writes a file at which nothing may be yet. False when something is.
  package static func create(_ bytes: [UInt8], at path: String) throws(FlowError) -> Bool {
    let temporary = try written(bytes, beside: path)
    defer { _ = unsafe unlink(temporary) }
    return try link(temporary, to: path)
  }

  static func written(_ bytes: [UInt8], beside path: String) throws(FlowError) -> String {
    let temporary = temporary(beside: path)
    let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard file >= 0 else { throw failure("written", path) }
    defer { close(file) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
      guard count > 0 else { throw failure("written", path) }
      rest = rest.dropFirst(count)
    }
    guard fsync(file) == 0 else { throw failure("written", path) }
    return temporary
  }

  static func temporary(beside path: String) -> String { "\(path).\(getpid()).new" }

  static func failure(_ what: String, _ path: String) -> FlowError {
    FlowError(.impossible, "\(printable(path)) cannot be \(what): \(errorText(errno))")
  }
}
