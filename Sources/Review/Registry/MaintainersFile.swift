internal import OpenPGP

/// The registry's list of people and keys, before any certificate is read.
package struct MaintainersFile: Sendable {
  /// Where it lies, relative to the top of the tree.
  package static let path = "MAINTAINERS"

  /// All that are listed.
  package let people: [Person]
  /// All that are listed.
  package let keys: [RegisteredKey]

  /// Reads a `MAINTAINERS` file as StageX writes it: `[people.X]`, `[keys.X.LABEL]`, `[machines.X.LABEL]`.
  ///
  /// Members that the rule does not use are the project's own business and pass. Members that it
  /// does use must have the right type: `machine = "true"` would otherwise read as "not a machine".
  ///
  /// - Throws: `FileDefect` for every case in which nobody could say whom a key belongs to.
  package static func read(_ bytes: [UInt8]) throws(FileDefect) -> MaintainersFile {
    let document = try readTOML(bytes, named: path)
    var people: [Person] = []
    for (id, node) in try tables(document["people"], named: "people") {
      var table = TableReader(node, place: "\(path): people.\(id)")
      people.append(Person(id: id, name: try table.string("name"), isBot: try table.bool("bot") ?? false))
    }
    guard !people.isEmpty else { throw FileDefect("\(path): nobody is listed under [people]") }

    // Sets, for a list of a mebibyte names a hundred thousand.
    let ids = Set(people.map(\.id))
    var keys: [RegisteredKey] = []
    var owners: [Fingerprint: String] = [:]
    for (person, labels) in try tables(document["keys"], named: "keys") {
      guard ids.contains(person) else {
        throw FileDefect("\(path): keys.\(person): no such person under [people]")
      }
      for (label, node) in try tables(.table(labels), named: "keys.\(person)") {
        let key = try readKey(node, person: person, label: label)
        if let other = owners.updateValue(person, forKey: key.fingerprint) {
          throw FileDefect(
            "\(path): keys.\(person).\(label): the key \(key.fingerprint) is already listed for \(other)")
        }
        keys.append(key)
      }
    }
    // A machine with a key has not become a person because somebody listed the key twice.
    for (owner, machines) in try tables(document["machines"], named: "machines") {
      for (label, node) in try tables(.table(machines), named: "machines.\(owner)") {
        guard case .string(let id) = node["id"], let key = Fingerprint(hex: id), let person = owners[key] else {
          continue
        }
        throw FileDefect("\(path): machines.\(owner).\(label): the key \(key) is already listed for \(person)")
      }
    }
    let holders = Set(keys.map(\.person))
    for person in people where !holders.contains(person.id) {
      throw FileDefect("\(path): people.\(person.id): no key is listed under [keys.\(person.id)]")
    }
    return MaintainersFile(people: people, keys: keys)
  }

  private static func readKey(_ node: TOMLNodes, person: String, label: String) throws(FileDefect) -> RegisteredKey {
    let place = "\(path): keys.\(person).\(label)"
    var table = TableReader(node, place: place)
    guard let fingerprint = Fingerprint(hex: try table.required("id")) else {
      throw FileDefect("\(place): id is not a full fingerprint of 40 or 64 hexadecimal digits")
    }
    // StageX writes one string; a list reads more naturally to some.
    var devices = ""
    if case .array = node["devices"] {
      devices = try table.strings("devices")?.joined(separator: ", ") ?? ""
    } else {
      devices = try table.string("devices") ?? ""
    }
    let named = devices.utf8.contains { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "\t") }
    return RegisteredKey(
      person: person, label: label, fingerprint: fingerprint,
      isMachine: try table.bool("machine") ?? false, isShared: try table.bool("shared") ?? false,
      devices: named ? devices : "")
  }

  private static func tables(_ node: TOMLNode?, named name: String) throws(FileDefect) -> [(String, TOMLNodes)] {
    guard let node else { return [] }
    guard case .table(let members) = node else { throw FileDefect("\(path): \(name) must be a table") }
    var result: [(String, TOMLNodes)] = []
    for key in members.keys.sorted() {
      guard case .table(let table)? = members[key] else { throw FileDefect("\(path): \(name).\(key) must be a table") }
      result.append((key, table))
    }
    return result
  }
}
