/// Why a commit object is malformed. The raw value is fit for output.
package enum CommitDefect: String, Sendable, CaseIterable {
  case nulByte = "a NUL byte"
  case badParent = "a parent line that is not 40 lower-case digits"
  case authorMissing = "no author line where it belongs"
  case badAuthor = "an author line that is not NAME <EMAIL> SECONDS ZONE"
  case committerMissing = "no committer line where it belongs"
  case badCommitter = "a committer line that is not NAME <EMAIL> SECONDS ZONE"
  case strayContinuation = "a continuation line after a line that has none"
  case badHeader = "a header line that is not KEY VALUE"
  case repeatedTree = "a second tree line"
  case misplacedParent = "a parent line after the author"
  case repeatedAuthor = "a second author line"
  case repeatedCommitter = "a second committer line"
  case repeatedSignature = "a second gpgsig header"
  case sha256Signature = "a gpgsig-sha256 header in a SHA-1 repository"
  case noBlankLine = "no empty line after the header"
}

/// The parts of a commit object, found by a strict grammar in its raw bytes.
///
///     tree ID LF (parent ID LF)* author IDENTITY LF committer IDENTITY LF (KEY SPACE VALUE LF (SPACE TEXT LF)*)* LF
///     MESSAGE
///
/// git, libgit2 and forges each read a commit with several tree lines, misplaced headers or a NUL in their own way,
/// so that one signature covers what another shows (CVE-2026-44309, CVE-2026-45022). Such a commit has a ``defect``.
/// Ranges count bytes from the start of the object, so that what was signed is hashed where it lies.
package struct CommitParse: Sendable {
  /// The tree's id, which may name nothing.
  package let tree: ObjectID
  /// In their order.
  package internal(set) var parents: [ObjectID] = []
  /// Seconds since 1970 as the committer claims them; 0 when there is no readable committer line.
  package internal(set) var committerTime: Int64 = 0
  /// The identity with its time, without key and line end. Empty when malformed before it.
  package internal(set) var author: Range<Int> = 0..<0
  /// Where the committer line's value stands.
  package internal(set) var committer: Range<Int> = 0..<0
  /// The whole header: from `gpgsig ` to the line end of its last continuation line, included.
  package internal(set) var signature: Range<Int>?
  /// Where the message stands, to the end.
  package internal(set) var message: Range<Int> = 0..<0
  /// The first reason why this commit is malformed; nil when it is well formed. Only ``tree`` and ``parents`` of a
  /// malformed commit mean anything, as far as they could be read.
  package internal(set) var defect: CommitDefect?
  /// True when the first line of the message that is not empty starts with the word "adopt".
  package internal(set) var subjectSaysAdopt = false

  /// Nil when there is no tree line to begin with.
  // R80
  package static func parse(_ bytes: UnsafeRawBufferPointer) -> CommitParse? {
    var lines = unsafe HeaderLines(bytes)
    guard let tree = lines.object("tree ") else { return nil }
    var commit = CommitParse(tree: tree)
    commit.defect = unsafe commit.readRest(&lines, bytes)
    return commit
  }

  /// What the signature covers: all the bytes but the signature's own header.
  package func payload(
    in bytes: UnsafeRawBufferPointer
  ) -> (UnsafeRawBufferPointer, UnsafeRawBufferPointer) {
    guard let signature else { return unsafe (bytes, UnsafeRawBufferPointer(rebasing: bytes[bytes.count...])) }
    return unsafe (
      UnsafeRawBufferPointer(rebasing: bytes[..<signature.lowerBound]),
      UnsafeRawBufferPointer(rebasing: bytes[signature.upperBound...])
    )
  }

  /// The value of the gpgsig header without the spaces that continue it; empty when there is none.
  package func signatureArmor(in bytes: UnsafeRawBufferPointer) -> [UInt8] {
    guard let signature else { return [] }
    let value = unsafe UnsafeRawBufferPointer(rebasing: bytes[signature].dropFirst("gpgsig ".utf8.count))
    var armor: [UInt8] = []
    armor.reserveCapacity(value.count)
    var lines = unsafe HeaderLines(value)
    while let line = lines.restOfLine() {
      unsafe armor.append(contentsOf: value[line.lowerBound...line.upperBound])
      _ = lines.skip(" ")
    }
    return armor
  }

  private init(tree: ObjectID) { self.tree = tree }

  private mutating func readRest(_ lines: inout HeaderLines, _ bytes: UnsafeRawBufferPointer) -> CommitDefect? {
    while lines.starts(with: "parent ") {
      guard let parent = lines.object("parent ") else { return .badParent }
      parents.append(parent)
    }
    if lines.starts(with: "tree ") { return .repeatedTree }

    guard lines.skip("author ") else { return .authorMissing }
    guard let authorLine = lines.restOfLine() else { return .noBlankLine }
    guard unsafe IdentityLine(authorLine, in: bytes) != nil else { return .badAuthor }
    author = authorLine

    guard lines.skip("committer ") else { return .committerMissing }
    guard let committerLine = lines.restOfLine() else { return .noBlankLine }
    guard let identity = unsafe IdentityLine(committerLine, in: bytes) else { return .badCommitter }
    committer = committerLine
    committerTime = identity.time

    if lines.atContinuation { return .strayContinuation }
    while !lines.atBlankLine {
      if lines.atEnd { return .noBlankLine }
      guard let (key, whole) = lines.header() else { return .badHeader }
      if let defect = note(key, whole, lines) { return defect }
    }
    lines.skipBlankLine()
    message = lines.position..<bytes.count
    // The message too: a NUL hides what follows it from whatever prints or verifies it as a C string.
    if unsafe containsNUL(bytes) { return .nulByte }
    subjectSaysAdopt = unsafe CommitParse.saysAdopt(UnsafeRawBufferPointer(rebasing: bytes[message]))
    return nil
  }

  /// Takes in one of the headers after the committer line.
  private mutating func note(_ key: Range<Int>, _ whole: Range<Int>, _ lines: HeaderLines) -> CommitDefect? {
    if lines.equal(key, "gpgsig") {
      // Verifiers differ in which of two signatures they read.
      if signature != nil { return .repeatedSignature }
      signature = whole
      return nil
    }
    if lines.equal(key, "gpgsig-sha256") { return .sha256Signature }
    if lines.equal(key, "tree") { return .repeatedTree }
    if lines.equal(key, "parent") { return .misplacedParent }
    if lines.equal(key, "author") { return .repeatedAuthor }
    if lines.equal(key, "committer") { return .repeatedCommitter }
    return nil
  }

  /// The word "adopt" in ASCII letters of any case at the start of the first line that has anything, not followed by a
  /// letter, a digit or an underscore, in any script: a dash, an ellipsis or a space of Unicode may follow. What is not
  /// UTF-8, or cannot be seen, may not.
  // R84
  private static func saysAdopt(_ message: UnsafeRawBufferPointer) -> Bool {
    var at = 0
    while at < message.count, unsafe message[at] == UInt8(ascii: "\n") { at += 1 }
    for letter in "adopt".utf8 {
      guard at < message.count, unsafe message[at] | 0x20 == letter else { return false }
      at += 1
    }
    guard at < message.count else { return true }
    let octet = unsafe message[at]
    if octet < 0x80 {
      return switch octet {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        false
      default: true
      }
    }
    // Up to four octets are one scalar; what is cut off behind it is not looked at.
    var octets = unsafe Array(message[at..<min(at + 4, message.count)]).makeIterator()
    var decoder = UTF8()
    guard case .scalarValue(let next) = decoder.decode(&octets) else { return false }
    switch next.properties.generalCategory {
    case .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
      .otherPunctuation,
      .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol, .spaceSeparator, .lineSeparator, .paragraphSeparator:
      return true
    // Letters, digits, marks; and what cannot be seen, behind which the word may go on.
    default: return false
    }
  }
}
