@testable import GitBridge
@testable import OpenPGP
@testable import Review
@testable import SignFlow

/// Files of rules, and the words in them.
let fileParsers: [String: Parser] = [
  // What was read can be written in another form, and reads as the same.
  "toml": { bytes in
    guard bytes.count <= 1 << 16, let nodes = try? readTOML(Array(bytes), named: "file") else { return }
    let table = TOMLNode.table(nodes)
    guard depth(table) < TOMLReader.deepest else { return }
    let text = nodes.keys.sorted().map { "\(quoted($0)) = \(written(nodes[$0]!))\n" }.joined()
    let again = try! readTOML(Array(text.utf8), named: "again")
    precondition(written(.table(again)) == written(table))
  },
  // Nobody is listed twice; and an entry that is added takes nobody away.
  "maintainers": { bytes in
    guard let file = try? MaintainersFile.read(Array(bytes)) else { return }
    precondition(Set(file.keys.map(\.fingerprint)).count == file.keys.count)
    precondition(Set(file.keys.map(\.person)) == Set(file.people.map(\.id)))
    precondition(try! CertificateDirections.read(Array(bytes)).count == file.keys.count)
    guard !file.people.contains(where: { $0.id == "newcomer" }), let text = try? MaintainersText(Array(bytes)),
      let more = try? text.adding(
        person: ["name = \"N\""], key: ["id = \"\(newKey)\""], id: "newcomer", label: "new"),
      let grown = try? MaintainersFile.read(more)
    else { return }
    precondition(grown.people.map(\.id).filter { $0 != "newcomer" } == file.people.map(\.id))
    precondition(grown.keys.filter { $0.person != "newcomer" }.map(\.fingerprint) == file.keys.map(\.fingerprint))
    precondition(grown.people.count == file.people.count + 1 && grown.keys.count == file.keys.count + 1)
  },
  // A policy reads back from what it is written as.
  "policy": { bytes in
    guard let policy = try? Policy.read(Array(bytes)) else { return }
    let text = policy.fileText
    // See ``tomlString(_:)``.
    guard !text.contains("\\udb40") else { return }
    precondition(try! Policy.read(Array(text.utf8)).fileText == text)
    precondition(policy.threshold >= 1)
  },
  // No key is authorized that the file does not spell out.
  "authorizations": { bytes in
    guard let list = try? GuixAuthorizations.read(Array(bytes)) else { return }
    let digits = String(decoding: bytes.filter { $0 != UInt8(ascii: " ") }, as: UTF8.self).uppercased()
    for key in list.keys { precondition(digits.contains(key.hex)) }
  },
  "s-expression": { bytes in
    guard let datum = try? SExpression.read(Array(bytes), named: "file") else { return }
    let text = written(datum)
    guard text.count <= SExpression.longest else { return }
    precondition(written(try! SExpression.read(text, named: "again")) == text)
  },
  // Pattern, line feed, name: as a plain reading of the grammar matches it. What a pattern matches, it matches with
  // more care as well.
  "glob": { bytes in
    let (line, name) = firstLine(bytes)
    guard let pattern = String(validating: line, as: UTF8.self), let glob = try? Glob(pattern) else { return }
    let matches = glob.matches(name)
    if !glob.hasWildcard { precondition(matches == (line == name)) }
    if let careful = try? Glob(pattern, guardsFiles: true) { precondition(!matches || careful.matches(name)) }
    if !line.contains(UInt8(ascii: "[")), (line + name).allSatisfy({ 0x21...0x7E ~= $0 }) {
      precondition(!matches || glob.matchesLookalike(of: String(decoding: name, as: UTF8.self)))
    }
    guard line.count <= 24, name.count <= 32, line.count(where: { $0 == UInt8(ascii: "*") }) <= 6 else { return }
    precondition(matches == plainMatch(line[...], name[...], startsPart: true))
  },
  "package": { bytes in _ = try? packageVersion(Array(bytes), named: "package.toml") },
  // What is printed can do nothing to a terminal, and is no longer than was asked for.
  "text": { bytes in
    for text in [printable(bytes, limit: 60), shellWord(bytes)] {
      precondition(text.unicodeScalars.allSatisfy(isHarmless))
    }
    precondition(printable(bytes, limit: 60).unicodeScalars.count <= 60 * 10 + 1)
    guard bytes.count >= 8 else { return }
    let time = Int64(bitPattern: bytes.loadUnaligned(as: UInt64.self))
    let parts = datestamp(time).split(separator: "-").compactMap { Int64($0) }
    guard time >= 0, parts.count == 3, parts[0] <= 9999 else { return }
    precondition(secondsSince1970(year: parts[0], month: parts[1], day: parts[2]) == time - time % 86_400)
  },
  // A trust root reads back from what it is written as.
  "trust-root": { bytes in
    guard let file = try? TrustRootFile.read(Array(bytes)) else { return }
    precondition(try! TrustRootFile.read(Array(file.text(comment: "again").utf8)) == file)
    guard let fingerprint = file.fingerprint else { return }
    precondition(TrustRootFile.grouped(fingerprint).filter { $0 != " " } == fingerprint)
  },
]

private let newKey = "0123456789ABCDEF0123456789ABCDEF01234567"

private func depth(_ node: TOMLNode) -> Int {
  switch node {
  case .table(let nodes): 1 + (nodes.values.map(depth).max() ?? 0)
  case .array(let nodes): 1 + (nodes.map(depth).max() ?? 0)
  default: 1
  }
}

private func written(_ node: TOMLNode) -> String {
  switch node {
  case .table(let nodes):
    "{" + nodes.keys.sorted().map { "\(quoted($0)) = \(written(nodes[$0]!))" }.joined(separator: ", ") + "}"
  case .array(let nodes): "[" + nodes.map(written).joined(separator: ", ") + "]"
  case .string(let text): quoted(text)
  case .integer(let number): String(number)
  case .bool(let bool): String(bool)
  case .other: "1979-05-27"
  }
}

private func quoted(_ text: String) -> String {
  func escaped(_ scalar: Unicode.Scalar) -> String {
    if scalar.properties.isAlphabetic, scalar.isASCII { return String(scalar) }
    let digits = String(scalar.value, radix: 16)
    return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
  }
  return "\"" + text.unicodeScalars.map(escaped).joined() + "\""
}

private func written(_ datum: SExpression) -> [UInt8] {
  switch datum.value {
  case .list(let items): Array("(".utf8) + items.flatMap { written($0) + Array(" ".utf8) } + Array(")".utf8)
  case .string(let text): Array("\"".utf8) + text.flatMap { [0x22, 0x5C].contains($0) ? [0x5C, $0] : [$0] } + [0x22]
  case .word(let word): Array(word.utf8)
  case .integer(let number): Array(String(number).utf8)
  }
}

/// The grammar of patterns, tried by hand: slow, and without anything clever.
private func plainMatch(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>, startsPart: Bool) -> Bool {
  let slash = UInt8(ascii: "/")
  guard let first = pattern.first else { return name.isEmpty }
  let rest = pattern.dropFirst()
  func lengths(_ mayPass: (UInt8) -> Bool) -> ClosedRange<Int> { 0...name.prefix(while: mayPass).count }
  switch first {
  case UInt8(ascii: "*") where rest.first == first:
    let behind = rest.dropFirst()
    if startsPart, behind.first == slash {
      let pattern = behind.dropFirst()
      let starts = [name] + name.indices.filter { name[$0] == slash }.map { name[($0 + 1)...] }
      return starts.contains { plainMatch(pattern, $0, startsPart: true) }
    }
    return lengths { _ in true }.contains { plainMatch(behind, name.dropFirst($0), startsPart: false) }
  case UInt8(ascii: "*"):
    return lengths { $0 != slash }.contains { plainMatch(rest, name.dropFirst($0), startsPart: false) }
  case UInt8(ascii: "?"):
    guard let letter = name.first, letter != slash else { return false }
    return plainMatch(rest, name.dropFirst(), startsPart: false)
  case UInt8(ascii: "["):
    guard let letter = name.first, letter != slash, let close = rest.firstIndex(of: UInt8(ascii: "]")) else {
      return false
    }
    return isIn(rest[..<close], letter) && plainMatch(rest[(close + 1)...], name.dropFirst(), startsPart: false)
  default:
    return name.first == first && plainMatch(rest, name.dropFirst(), startsPart: first == slash)
  }
}

private func isIn(_ bracket: ArraySlice<UInt8>, _ letter: UInt8) -> Bool {
  let isNegated = bracket.first == UInt8(ascii: "!")
  var signs = Array(isNegated ? bracket.dropFirst() : bracket)
  var isFound = false
  while !signs.isEmpty {
    let isRange = signs.count >= 3 && signs[1] == UInt8(ascii: "-")
    isFound = isFound || signs[0] <= letter && letter <= signs[isRange ? 2 : 0]
    signs.removeFirst(isRange ? 3 : 1)
  }
  return isFound != isNegated
}
