import OpenPGP
import Review
import SignFlow
import Support

/// A registry of the people behind virtual cards, as `MAINTAINERS` lists them.
struct SigningTeam {
  let maintainersFile: String
  let registry: Registry

  /// - Parameter extra: More lines for everybody's key.
  init(_ cards: [(person: String, card: VirtualCard)], devices: String? = "YubiKey 5", extra: String = "") throws {
    var text = "[people]\n"
    var certificates: [OpenPGP.Fingerprint: Certificate] = [:]
    for (person, card) in cards {
      let device = devices.map { "devices = \"\($0)\"\n" } ?? ""
      text += """
        [people.\(person)]
        name = "\(person)"
        [keys.\(person).card]
        id = "\(card.fingerprint)"
        \(device)\(extra)
        """
      let certificate = try Certificate.read(card.certificate())
      certificates[certificate.primary] = certificate
    }
    maintainersFile = text
    let file = try MaintainersFile.read(Array(text.utf8))
    registry = try Registry(people: file.people, keys: file.keys, certificates: certificates, warnings: [])
  }
}

extension VirtualCard {
  var gnupgHome: GnuPGHome { GnuPGHome(folder: home, agentSocket: home + "/S.gpg-agent") }
}
