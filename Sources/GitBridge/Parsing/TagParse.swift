/// Why an annotated tag is malformed. The raw value is fit for output.
package enum TagDefect: String, Sendable, CaseIterable {
  case nulByte = "a NUL byte"
  case badType = "a type line that names no kind of object"
  case badName = "a tag line without a printable name"
  case badTagger = "a tagger line that is not NAME <EMAIL> SECONDS ZONE"
  case badHeader = "a line that is neither tagger nor the end of the header"
  case repeatedSignature = "a second signature"
  case noBlankLine = "no empty line after the header"
}

/// The parts of an annotated tag object, found by a strict grammar in its raw bytes.
///
///     object ID LF type KIND LF tag NAME LF (tagger IDENTITY LF)? LF MESSAGE (SIGNATURE)?
///
/// Old tags have no tagger. The signature is the armor at the end of the message (gitformat-signature(5)): it runs
/// from its BEGIN line to the end of the object, whatever follows it.
package struct TagParse: Sendable {
  /// What it points to, which may be nothing.
  package let target: ObjectID
  /// What the tag says that its target is.
  package internal(set) var targetKind: ObjectKind = .commit
  /// The name that was signed; the reference's name is another matter and must be compared with it.
  package internal(set) var name: [UInt8] = []
  /// The identity with its time, without key and line end; nil when there is none.
  package internal(set) var tagger: Range<Int>?
  /// Seconds since 1970 as the tagger claims them; 0 without tagger.
  package internal(set) var taggerTime: Int64 = 0
  /// Where the message stands, without a signature.
  package internal(set) var message: Range<Int> = 0..<0
  /// The bytes that a signature covers: everything before it.
  package internal(set) var payload: Range<Int> = 0..<0
  /// Where the signature stands; nil where there is none.
  package internal(set) var signature: Range<Int>?
  /// The first reason why this tag is malformed; nil when it is well formed.
  package internal(set) var defect: TagDefect?

  /// Nil when there is no object line to begin with.
  package static func parse(_ bytes: UnsafeRawBufferPointer) -> TagParse? {
    var lines = unsafe HeaderLines(bytes)
    guard let target = lines.object("object ") else { return nil }
    var tag = TagParse(target: target)
    tag.defect = unsafe tag.readRest(&lines, bytes)
    return tag
  }

  private init(target: ObjectID) { self.target = target }

  private mutating func readRest(_ lines: inout HeaderLines, _ bytes: UnsafeRawBufferPointer) -> TagDefect? {
    guard lines.skip("type "), let kindRange = lines.restOfLine() else { return .badType }
    let kinds = [ObjectKind.commit, .tree, .blob, .tag]
    guard let kind = kinds.first(where: { lines.equal(kindRange, $0.name) }) else { return .badType }
    targetKind = kind

    guard lines.skip("tag "), let nameRange = lines.restOfLine(), !nameRange.isEmpty else { return .badName }
    name = unsafe [UInt8](bytes[nameRange])
    guard name.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return .badName }

    if lines.skip("tagger ") {
      guard let line = lines.restOfLine() else { return .noBlankLine }
      guard let identity = unsafe IdentityLine(line, in: bytes) else { return .badTagger }
      tagger = line
      taggerTime = identity.time
    }
    if lines.atEnd { return .noBlankLine }
    guard lines.atBlankLine else { return .badHeader }
    lines.skipBlankLine()
    message = lines.position..<bytes.count
    payload = 0..<bytes.count
    if unsafe containsNUL(bytes) { return .nulByte }
    return findSignature(lines, bytes.count)
  }

  /// The lines that begin a signature for git (gpg-interface.c, `get_format_by_sig`).
  private static let beginnings: [StaticString] = [
    "-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP MESSAGE-----",
    "-----BEGIN SIGNED MESSAGE-----", "-----BEGIN SSH SIGNATURE-----",
  ]

  private mutating func findSignature(_ lines: HeaderLines, _ end: Int) -> TagDefect? {
    var lines = lines
    while !lines.atEnd {
      if TagParse.beginnings.contains(where: { lines.starts(with: $0) }) {
        // git takes the last one, other readers the first: what is signed would depend on the reader.
        if signature != nil { return .repeatedSignature }
        signature = lines.position..<end
        payload = 0..<lines.position
        message = message.lowerBound..<lines.position
      }
      if lines.restOfLine() == nil { break }
    }
    return nil
  }
}
