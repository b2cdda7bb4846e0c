/// Where the list of maintainers says that a listed key's certificate can be had.
package struct CertificateDirections: Sendable {
  /// What MAINTAINERS says of the key.
  package let entry: RegisteredKey
  /// `servers` of the key's entry, as they stand there.
  package let servers: [String]
  /// `email` of the person, as it stands there.
  package let addresses: [String]

  /// More of either than anybody needs: each costs a request.
  private static let most = 8

  /// One for each listed key, in the list's order.
  ///
  /// Neither member counts for the rule, so what cannot be read as text is no reason to refuse the list.
  package static func read(_ list: [UInt8]) throws(FileDefect) -> [CertificateDirections] {
    let keys = try MaintainersFile.read(list).keys
    let document = try readTOML(list, named: MaintainersFile.path)
    return keys.map { key in
      CertificateDirections(
        entry: key, servers: words(document["keys"]?[key.person]?[key.label]?["servers"]),
        addresses: words(document["people"]?[key.person]?["email"]))
    }
  }

  /// StageX writes one text, with commas where it means several; a list reads more naturally to some.
  private static func words(_ node: TOMLNode?) -> [String] {
    let texts: [String] =
      switch node {
      case .string(let text): [text]
      case .array(let nodes): nodes.compactMap { if case .string(let text) = $0 { text } else { nil } }
      default: []
      }
    let words = texts.flatMap { $0.split { $0 == "," || $0.isWhitespace } }.map(String.init)
    var seen: Set<String> = []
    return Array(words.filter { seen.insert($0).inserted }.prefix(most))
  }
}

extension TOMLNode {
  fileprivate subscript(_ name: String) -> TOMLNode? {
    if case .table(let members) = self { members[name] } else { nil }
  }
}
