import GitBridge

/// A commit's parts, put together again, are its bytes, and its header holds each of the known lines as often as found.
func checkCommit(_ bytes: UnsafeRawBufferPointer) {
  guard let commit = CommitParse.parse(bytes), commit.defect == nil else { return }
  precondition(!bytes.contains(0))
  let (head, tail) = commit.payload(in: bytes)
  precondition(head.count + tail.count + (commit.signature?.count ?? 0) == bytes.count)

  var start = Array("tree \(commit.tree)\n".utf8)
  for parent in commit.parents { start += Array("parent \(parent)\n".utf8) }
  start += Array("author ".utf8)
  start += bytes[commit.author]
  start += Array("\ncommitter ".utf8)
  start += bytes[commit.committer]
  precondition(bytes.starts(with: start))

  let blank = commit.message.lowerBound - 1
  precondition(bytes[blank] == 10 && commit.message.upperBound == bytes.count)
  let lines = bytes[..<blank].split(separator: 10, omittingEmptySubsequences: false).dropLast()
  func count(_ key: String) -> Int { lines.count { $0.starts(with: "\(key) ".utf8) } }
  precondition(lines.allSatisfy { !$0.isEmpty })
  precondition(["tree", "author", "committer"].allSatisfy { count($0) == 1 })
  precondition(count("parent") == commit.parents.count)
  precondition(count("gpgsig") == (commit.signature == nil ? 0 : 1) && count("gpgsig-sha256") == 0)

  guard let signature = commit.signature else { return }
  precondition(signature.upperBound <= blank)
  var again = Array("gpgsig ".utf8)
  for byte in commit.signatureArmor(in: bytes) { again += byte == 10 ? [10, 32] : [byte] }
  precondition(again.dropLast().elementsEqual(bytes[signature]))
}

/// A tag's parts, put together again, are its bytes.
func checkTag(_ bytes: UnsafeRawBufferPointer) {
  guard let tag = TagParse.parse(bytes), tag.defect == nil else { return }
  precondition(!bytes.contains(0))
  let end = tag.signature?.lowerBound ?? bytes.count
  precondition(tag.payload == 0..<end && tag.message.upperBound == end)
  precondition(tag.signature.map { $0.upperBound == bytes.count } ?? true)
  var start = Array("object \(tag.target)\ntype \(tag.targetKind.name)\ntag ".utf8)
  start += tag.name + [10]
  if let tagger = tag.tagger {
    start += Array("tagger ".utf8)
    start += bytes[tagger]
    start += [10]
  }
  precondition(bytes.starts(with: start + [10]) && tag.message.lowerBound == start.count + 1)
}

/// A tree has one form only, and each name once.
func checkTree(_ bytes: UnsafeRawBufferPointer) {
  guard let entries = try? TreeEntry.read(bytes, of: .zero) else { return }
  var again: [UInt8] = []
  for entry in entries {
    again += Array(String(entry.mode, radix: 8).utf8) + [32]
    again += entry.name + [0]
    again += entry.id.bytes
  }
  precondition(again.elementsEqual(bytes))
  precondition(Set(entries.map(\.name)).count == entries.count)
}
