internal import TOMLKit

/// What is wrong with a configuration file, in words that name the place.
package struct FileDefect: Error, Equatable, Sendable {
  package let message: String
  package init(_ message: String) { self.message = message }
}

/// A TOML value, copied out of the parser's memory.
indirect enum TOMLNode: Sendable {
  case table(TOMLNodes)
  case array([TOMLNode])
  case string(String)
  case integer(Int)
  case bool(Bool)
  /// Floats, dates and times: allowed where nobody reads them.
  case other
}

/// The members of a TOML table.
typealias TOMLNodes = [String: TOMLNode]

/// Reads a TOML document of bounded size into plain values.
///
/// The parser hands out C strings, which end at the first NUL: a document in which a NUL is written
/// as an escape would read as something else than what a person sees, so it is refused.
func readTOML(_ bytes: [UInt8], named name: String) throws(FileDefect) -> TOMLNodes {
  guard bytes.count <= 1 << 20 else { throw FileDefect("\(name) is larger than 1 MiB") }
  guard let text = String(validating: bytes, as: UTF8.self) else {
    throw FileDefect("\(name) is not valid UTF-8")
  }
  // Looked for as bytes: to Swift a digit with an accent after it is another Character.
  guard !bytes.contains(0), !nulEscapes.contains(where: { contains(bytes, Array($0.utf8)) }) else {
    throw FileDefect("\(name) contains a NUL character")
  }
  try refuseNamelessHeaders(bytes, named: name)
  let table: TOMLTable
  do {
    table = try TOMLTable(string: text)
  } catch let error as TOMLParseError {
    let place = error.source.begin
    throw FileDefect("\(name), line \(place.line), column \(place.column): \(error.description)")
  } catch {
    throw FileDefect("\(name) cannot be parsed as TOML")
  }
  return try copy(table, named: name)
}

/// Refuses a line such as `[=` before the parser sees it: toml++ takes for granted that a table's name follows the
/// bracket, and ends the process where none does. A pushed registry could so silence the refusal that it leads to.
private func refuseNamelessHeaders(_ bytes: [UInt8], named name: String) throws(FileDefect) {
  func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
  func mayFollow(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "]"):
      true
    default: false
    }
  }
  for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
    var rest = line.drop(while: isBlank)
    guard rest.first == UInt8(ascii: "[") else { continue }
    rest = rest.dropFirst().drop(while: isBlank)
    if rest.first == UInt8(ascii: "[") { rest = rest.dropFirst().drop(while: isBlank) }
    guard let next = rest.first, mayFollow(next) else {
      throw FileDefect("\(name), line \(index + 1): no name follows the bracket")
    }
  }
}

private let nulEscapes = ["\\u0000", "\\U00000000", "\\x00"]

private func contains(_ bytes: [UInt8], _ wanted: [UInt8]) -> Bool {
  bytes.indices.contains { bytes[$0] == wanted[0] && bytes[$0...].starts(with: wanted) }
}

private func copy(_ table: TOMLTable, named name: String) throws(FileDefect) -> TOMLNodes {
  var result: TOMLNodes = [:]
  for (key, value) in table {
    // Swift compares strings by canonical equivalence, TOML by code point: two keys that differ
    // only in that would silently become one.
    guard result[key] == nil else {
      throw FileDefect("\(name): two keys read the same: \(key)")
    }
    result[key] = try copy(value, named: name)
  }
  return result
}

private func copy(_ value: any TOMLValueConvertible, named name: String) throws(FileDefect) -> TOMLNode {
  switch value.type {
  case .table:
    guard let table = value.table else { return .other }
    return .table(try copy(table, named: name))
  case .array:
    guard let array = value.array else { return .other }
    var nodes: [TOMLNode] = []
    for element in array { nodes.append(try copy(element, named: name)) }
    return .array(nodes)
  case .string: return value.string.map(TOMLNode.string) ?? .other
  case .int: return value.int.map(TOMLNode.integer) ?? .other
  case .bool: return value.bool.map(TOMLNode.bool) ?? .other
  default: return .other
  }
}
