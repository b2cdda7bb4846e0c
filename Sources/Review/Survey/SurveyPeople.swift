internal import GitBridge

/// Who is no person, by what a commit says of its author and committer.
enum SurveyPeople {
  /// The programs that run forges, as they name themselves where they commit.
  private static let forges = ["github", "gitlab", "gitea", "forgejo", "codeberg", "bitbucket"]

  /// A forge commits under its own name, from an address that nobody reads.
  static func isForge(_ identity: UnsafeRawBufferPointer) -> Bool {
    guard let (name, address) = unsafe parts(identity) else { return false }
    guard unsafe starts(address, with: "noreply@") || starts(address, with: "no-reply@") else { return false }
    return forges.contains { unsafe equals(name, $0) }
  }

  /// An author that forges mark as a program, or whose own name says so: `renovate[bot]`, `wolfi-bot`.
  static func isBot(_ identity: UnsafeRawBufferPointer) -> Bool {
    guard let (name, _) = unsafe parts(identity), name.count >= 3 else { return false }
    if unsafe ends(name, with: "[bot]") { return true }
    guard unsafe ends(name, with: "bot") else { return false }
    guard name.count > 3 else { return true }
    let before = unsafe name[name.count - 4]
    return before == UInt8(ascii: "-") || before == UInt8(ascii: "_") || before == UInt8(ascii: " ")
  }

  private static func parts(_ identity: UnsafeRawBufferPointer) -> (UnsafeRawBufferPointer, UnsafeRawBufferPointer)? {
    guard let open = unsafe identity.firstIndex(of: UInt8(ascii: "<")),
      let close = unsafe identity.lastIndex(of: UInt8(ascii: ">")),
      open < close
    else { return nil }
    var end = open
    while end > 0, unsafe identity[end - 1] == UInt8(ascii: " ") { end -= 1 }
    return unsafe (
      UnsafeRawBufferPointer(rebasing: identity[0..<end]), UnsafeRawBufferPointer(rebasing: identity[open + 1..<close])
    )
  }

  private static func starts(_ text: UnsafeRawBufferPointer, with start: StaticString) -> Bool {
    unsafe text.count >= start.utf8CodeUnitCount
      && equals(UnsafeRawBufferPointer(rebasing: text[0..<start.utf8CodeUnitCount]), "\(start)")
  }

  private static func ends(_ text: UnsafeRawBufferPointer, with end: StaticString) -> Bool {
    unsafe text.count >= end.utf8CodeUnitCount
      && equals(UnsafeRawBufferPointer(rebasing: text[(text.count - end.utf8CodeUnitCount)...]), "\(end)")
  }

  /// ASCII letters of any case.
  private static func equals(_ text: UnsafeRawBufferPointer, _ word: String) -> Bool {
    guard text.count == word.utf8.count else { return false }
    for (index, letter) in word.utf8.enumerated() {
      let byte = unsafe text[index]
      guard byte == letter || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) && byte | 0x20 == letter else {
        return false
      }
    }
    return true
  }
}

extension SurveyHistory.Marks {
  init(_ parse: CommitParse, _ bytes: UnsafeRawBufferPointer) {
    self = []
    if parse.defect != nil {
      // What one reader takes for its signature, another may not.
      insert(.malformed)
      return
    }
    if parse.subjectSaysAdopt { insert(.saysAdopt) }
    if parse.signature != nil { insert(.signed) }
    if unsafe SurveyPeople.isBot(UnsafeRawBufferPointer(rebasing: bytes[parse.author])) { insert(.bot) }
    if unsafe SurveyPeople.isForge(UnsafeRawBufferPointer(rebasing: bytes[parse.committer])) { insert(.byForge) }
  }
}
