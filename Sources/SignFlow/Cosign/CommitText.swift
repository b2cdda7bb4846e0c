internal import GitBridge

/// The bytes of a commit that is about to be signed (git's Documentation/gitformat-signature).
struct CommitText {
  let tree: ObjectID
  let parents: [ObjectID]
  /// `Name <address> seconds zone`, as `git var` gives it.
  let author: [UInt8]
  let committer: [UInt8]
  let message: String

  /// What the signature covers.
  var payload: [UInt8] { header + [UInt8(ascii: "\n")] + Array(message.utf8) }

  /// The whole commit, with the signature as git places it: last of the headers, folded.
  func bytes(signature armor: [UInt8]) -> [UInt8] {
    let newline = UInt8(ascii: "\n")
    var lines = armor.split(separator: newline, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    let folded = Array("gpgsig ".utf8) + Array(lines.joined(separator: [newline, UInt8(ascii: " ")])) + [newline]
    return header + folded + [newline] + Array(message.utf8)
  }

  private var header: [UInt8] {
    var text = Array("tree \(tree.hex)\n".utf8)
    for parent in parents { text += Array("parent \(parent.hex)\n".utf8) }
    return text + Array("author ".utf8) + author + Array("\ncommitter ".utf8) + committer + [UInt8(ascii: "\n")]
  }
}
