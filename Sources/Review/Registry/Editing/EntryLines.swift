internal import OpenPGP

/// A new key's entry in `MAINTAINERS`, and its person's where that is new too, as StageX writes them.
struct EntryLines {
  private let owner: KeyOwner
  private let person: [String]?
  private let key: [String]

  init(_ owner: KeyOwner, _ request: KeyRequest, _ certificate: Certificate) {
    self.owner = owner
    person = owner.isNewPerson ? request.name.map { ["name = \(tomlString($0))"] } ?? [] : nil
    let primary = certificate.keys[0]
    let size = primary.algorithmName == "RSA" ? primary.bits.map { "\($0)" } ?? "" : ""
    var key = ["id = \"\(certificate.primary.hex)\"", "algorithm = \"\(primary.algorithmName.uppercased())\(size)\""]
    if !request.devices.isEmpty { key.append("devices = \(tomlString(request.devices.joined(separator: ", ")))") }
    self.key = key
  }

  /// For a person to see.
  var all: [String] {
    (person.map { ["[people.\(owner.person)]"] + $0 } ?? []) + ["[keys.\(owner.person).\(owner.label)]"] + key
  }

  /// The list with them.
  func added(to source: RegistrySource) throws(KeyRefusal) -> [UInt8] {
    do {
      var bytes = try source.file(MaintainersFile.path) ?? MaintainersText.first
      // A list of comments only: the tables come behind them.
      if KeyAddition.listsNobody(bytes), try !MaintainersText(bytes).hasTables {
        bytes += (bytes.isEmpty || bytes.last == UInt8(ascii: "\n") ? "" : "\n").utf8 + MaintainersText.first
      }
      return try MaintainersText(bytes).adding(person: person, key: key, id: owner.person, label: owner.label)
    } catch {
      throw KeyRefusal(
        .wouldBreak, (error as? FileDefect)?.message ?? "\(error)", next: .command(["$EDITOR", MaintainersFile.path]))
    }
  }
}
