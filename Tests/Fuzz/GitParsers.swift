@testable import GitBridge
@testable import Review

/// Objects of git, and what git's programs print.
let gitParsers: [String: Parser] = [
  // A signature and what it covers are all the bytes of a commit, each once; and the armor is the header unfolded.
  "commit": { bytes in
    guard let commit = CommitParse.parse(bytes), commit.defect == nil else { return }
    let (head, tail) = commit.payload(in: bytes)
    precondition(head.count + tail.count + (commit.signature?.count ?? 0) == bytes.count)
    if let signature = commit.signature {
      let armor = commit.signatureArmor(in: bytes)
      precondition(armor.last == UInt8(ascii: "\n"))
      let folded = armor.dropLast().flatMap { $0 == UInt8(ascii: "\n") ? [$0, UInt8(ascii: " ")] : [$0] }
      precondition(bytes[signature].elementsEqual(Array("gpgsig ".utf8) + folded + [UInt8(ascii: "\n")]))
    }
    // Without its signature it is a commit as well, and signed by nobody.
    let payload = Array(head) + Array(tail)
    payload.withUnsafeBytes { payload in
      guard let bare = CommitParse.parse(payload) else { preconditionFailure("a payload is no commit") }
      precondition(bare.defect == nil && bare.signature == nil && bare.tree == commit.tree)
      precondition(bare.parents == commit.parents && bare.committerTime == commit.committerTime)
      precondition(bare.subjectSaysAdopt == commit.subjectSaysAdopt)
    }
  },
  "tag": { bytes in
    guard let tag = TagParse.parse(bytes), tag.defect == nil else { return }
    precondition(tag.payload.count + (tag.signature?.count ?? 0) == bytes.count)
    precondition(tag.message.upperBound == tag.payload.upperBound)
    let payload = Array(bytes[tag.payload])
    payload.withUnsafeBytes { payload in
      guard let bare = TagParse.parse(payload) else { preconditionFailure("a payload is no tag") }
      precondition(bare.defect == nil && bare.signature == nil && bare.name == tag.name && bare.target == tag.target)
    }
  },
  // One tree has one form, no name twice, and is in git's order; who reads it a second time sees the same.
  "tree": { bytes in
    guard let entries = try? TreeEntry.read(bytes, of: .zero) else { return }
    var written: [UInt8] = []
    for entry in entries { written.appendTreeEntry(mode: entry.mode, name: entry.name, id: entry.id) }
    precondition(bytes.elementsEqual(written))
    precondition(Set(entries.map(\.name)).count == entries.count)
    let keys = entries.map { $0.name + ($0.mode == FileMode.folder ? [UInt8(ascii: "/")] : []) }
    for (one, next) in zip(keys, keys.dropFirst()) { precondition(one.lexicographicallyPrecedes(next)) }
    for entry in entries {
      precondition(!entry.name.contains(UInt8(ascii: "/")) && !entry.name.contains(0) && !entry.name.isEmpty)
      precondition(![".", "..", ".git"].contains { entry.name.elementsEqual($0.utf8) })
    }
    precondition(try! TreeEntry.read(bytes, of: .zero, isKnown: true) == entries)
    // Two readers at the same entry agree that it is one.
    var one = TreeReader(bytes)
    var other = TreeReader(bytes)
    while try! one.next(in: .zero), try! other.next(in: .zero) { precondition(one.compareName(with: other) == 0) }
  },
  // A name that a checkout could take for .git is one in capitals too, and with a stream's name behind it.
  "name": { bytes in
    let name = Array(bytes)
    let capitals = name.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) ? $0 & 0xDF : $0 }
    for isLink in [false, true] {
      let defect = name.withUnsafeBytes { nameDefect($0, isLink: isLink) }
      let other = capitals.withUnsafeBytes { nameDefect($0, isLink: isLink) }
      precondition((defect == nil) == (other == nil))
      guard defect?.contains("NTFS") == true else { continue }
      let stream = name + Array(":stream".utf8)
      precondition(stream.withUnsafeBytes { nameDefect($0, isLink: isLink) } != nil)
    }
  },
  // The lines of a message that narrow an endorsement: who writes one more is never endorsed for more.
  "bounds": { bytes in
    let found = ReviewBounds(message: bytes)
    let more = Array(bytes) + Array("\nReviewed-Target: other\n".utf8)
    let narrower = more.withUnsafeBytes { ReviewBounds(message: $0) }
    precondition(narrower?.targets == (found?.targets ?? []) + ["other"])
    precondition(narrower?.bases == found?.bases ?? [] && narrower?.repositories == found?.repositories ?? [])
  },
]
