package import OpenPGP

/// What somebody asks for who adds a key to the registry.
package struct KeyRequest: Sendable {
  /// Nil: whoever the key is listed for already.
  package var person: String?
  /// The key's name beside the person's; nil where the registry knows it.
  package var label: String?
  /// Of a new person.
  package var name: String?
  /// Of a new key.
  package var devices: [String]
  /// The primary key that is meant, of a file with several certificates.
  package var key: Fingerprint?
  /// Whether the certificate of a listed key is wanted even if it has expired or was revoked: what it signed before is
  /// judged by it, and with it everybody sees why it no longer counts.
  package var takesUnfit: Bool

  package init(
    person: String? = nil, label: String? = nil, name: String? = nil, devices: [String] = [], key: Fingerprint? = nil,
    takesUnfit: Bool = false
  ) {
    self.key = key
    self.takesUnfit = takesUnfit
    self.person = person
    self.label = label
    self.name = name
    self.devices = devices
  }

  /// Refuses ids that would not read in `MAINTAINERS` as what they are. Those that stand there already may be any text.
  func checkIDs() throws(KeyRefusal) {
    for (option, value) in [("--person", person), ("--label", label)] {
      guard let value else { continue }
      guard !value.isEmpty, value.utf8.count <= 40, value.utf8.allSatisfy(TOMLReader.isBare) else {
        throw KeyRefusal(
          .badText, "\(option) \(shellWord(value)): 1 to 40 letters, digits, - and _ are needed",
          next: .advice("choose another \(option)"))
      }
    }
  }

  /// Refuses words that would not read in `MAINTAINERS` as what they are.
  func check() throws(KeyRefusal) {
    for (option, value) in [("--name", name)] + devices.map({ ("--device", $0) }) {
      guard let value else { continue }
      // Attack: an entry that reads as another one on a reviewer's screen.
      guard value.unicodeScalars.allSatisfy(isHarmless), value.contains(where: { $0 != " " && $0 != "," }),
        value.count <= 200
      else {
        throw KeyRefusal(
          .badText, "\(option) \(shellWord(value)): up to 200 characters that can be seen are needed",
          next: .advice("choose another \(option)"))
      }
    }
  }
}
