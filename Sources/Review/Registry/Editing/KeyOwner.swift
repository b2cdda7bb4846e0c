internal import OpenPGP

/// Whose key it is going to be, by the registry and by what was asked.
struct KeyOwner {
  let person: String
  let label: String
  /// Whether the key is listed already, for this person.
  let isListed: Bool
  let isNewPerson: Bool

  init(_ primary: Fingerprint, _ request: KeyRequest, _ registry: Registry?) throws(KeyRefusal) {
    if let listed = registry?.key(primary) {
      let next = NextStep.bring(primary, listed.person, listed.label)
      guard request.person ?? listed.person == listed.person else {
        throw KeyRefusal(
          .taken, "the key \(primary) is listed for \(printable(listed.person)) already",
          next: .command(["stagex-maint", "keys", "list"]))
      }
      guard request.label ?? listed.label == listed.label else {
        throw KeyRefusal(
          .listedOtherwise,
          "the key \(primary) is listed already, as \(printable(listed.person)) \(printable(listed.label))", next: next)
      }
      guard request.devices.isEmpty, request.name == nil else {
        throw KeyRefusal(
          .usage,
          "--name and --device are for new entries; "
            + "\(printable(listed.person)) \(printable(listed.label)) is listed already",
          next: .command(["$EDITOR", MaintainersFile.path]))
      }
      (person, label, isListed, isNewPerson) = (listed.person, listed.label, true, false)
      return
    }
    try request.checkIDs()
    guard let wanted = request.person, let label = request.label else {
      throw KeyRefusal(
        .usage, "the key \(primary) is not listed yet: --person and --label are needed",
        next: .bring(primary, "ID", "LABEL"))
    }
    (person, self.label, isListed) = (wanted, label, false)
    if let other = registry?.keys.first(where: { $0.person == wanted && $0.label == label }) {
      throw KeyRefusal(
        .labelExists, "\(wanted) has a key \(label) already, \(other.fingerprint)",
        next: .bring(primary, wanted, label + "-2"))
    }
    isNewPerson = !(registry?.people.contains { $0.id == wanted } ?? false)
    guard isNewPerson else {
      guard request.name == nil else {
        throw KeyRefusal(
          .usage, "--name is for a new person; \(wanted) is listed already", next: .bring(primary, wanted, label))
      }
      return
    }
    // Attack, or a slip: one person who becomes two and endorses twice.
    if let other = registry?.people.first(where: { folding($0.id) == folding(wanted) }) {
      throw KeyRefusal(
        .lookalike, "\(wanted) can be taken for \(printable(other.id)), who is listed",
        next: .bring(primary, other.id, label))
    }
  }

  /// Refuses a certificate that has a key of somebody else's: nobody could say whose signature that key makes.
  func check(_ certificate: Certificate, _ registry: Registry?) throws(KeyRefusal) {
    guard let registry else { return }
    for part in certificate.fingerprints {
      for other in registry.keys where other.person != person {
        guard
          other.fingerprint == part || registry.certificates[other.fingerprint]?.fingerprints.contains(part) ?? false
        else { continue }
        throw KeyRefusal(
          .taken, "the key \(part) is in the certificate of \(printable(other.person)) already",
          next: .command(["stagex-maint", "keys", "list"]))
      }
    }
  }
}
