internal import OpenPGP

/// New entries for `MAINTAINERS`, added as text: what is there stays as it is, byte for byte, comments and order too.
struct MaintainersText {
  /// The list of a registry that has none yet.
  static let first = Array("[people]\n\n[keys]\n".utf8)

  let bytes: [UInt8]
  private let sections: [TOMLReader.Section]
  private let newline: String

  /// - Throws: `FileDefect` when the list is not TOML.
  init(_ bytes: [UInt8]) throws(FileDefect) {
    var reader = TOMLReader(bytes, named: MaintainersFile.path)
    _ = try reader.document()
    self.bytes = bytes
    sections = reader.sections
    // A list that was written with the line ends of another system keeps them.
    let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? 0
    newline = end > 0 && bytes[end - 1] == UInt8(ascii: "\r") ? "\r\n" : "\n"
  }

  /// Whether people can be listed in it.
  var hasTables: Bool { place(after: ["people"]) != nil }

  /// The list with a key, after its person's other keys, and with the person, after the other people.
  ///
  /// - Parameters:
  ///   - person: The lines under a new person's header; nil for somebody who is listed already.
  ///   - key: The lines under the key's header.
  func adding(person: [String]?, key: [String], id: String, label: String) throws(FileDefect) -> [UInt8] {
    guard let people = place(after: ["people"]) else {
      throw FileDefect(
        "\(MaintainersFile.path): people are not listed in tables of their own, [people.ID]: "
          + "the entry must be added by hand")
    }
    let keys = place(after: ["keys", id]) ?? place(after: ["keys"]) ?? people
    let personLines = person.map { ["[people.\(id)]"] + $0 } ?? []
    let keyLines = ["[keys.\(id).\(label)]"] + key
    var result = bytes
    if keys == people {
      result.insert(contentsOf: block(personLines + (person == nil ? [] : [""]) + keyLines, at: people), at: people)
      return result
    }
    var blocks = [(keys, block(keyLines, at: keys))]
    if person != nil { blocks.append((people, block(personLines, at: people))) }
    // From the end, so that the other place stays where it was.
    for (place, block) in blocks.sorted(by: { $0.0 > $1.0 }) { result.insert(contentsOf: block, at: place) }
    return result
  }

  /// Behind the last table whose name begins so, and behind the comment that follows on it; nil when there is none.
  private func place(after names: [String]) -> Int? {
    let wanted = names.map { Array($0.utf8) }
    guard let section = sections.last(where: { $0.path.starts(with: wanted) }) else { return nil }
    var place = section.end
    while place < bytes.count, let end = commentEnd(place) { place = end }
    // A comment that stands right above something else speaks of that.
    return place == bytes.count || isBlank(place) ? place : section.end
  }

  /// The end of the line at `place` when it holds only a comment.
  private func commentEnd(_ place: Int) -> Int? {
    let text = bytes[place...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    guard text.first == UInt8(ascii: "#") else { return nil }
    return text.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
  }

  private func isBlank(_ place: Int) -> Bool {
    let text = bytes[place...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
    return text.isEmpty || text.first == UInt8(ascii: "\n")
  }

  private func block(_ lines: [String], at place: Int) -> [UInt8] {
    var text = ""
    if place > 0, bytes[place - 1] != UInt8(ascii: "\n") { text += newline }
    if place > 0 { text += newline }
    text += lines.map { $0 + newline }.joined()
    if place < bytes.count, !isBlank(place) { text += newline }
    return Array(text.utf8)
  }
}
