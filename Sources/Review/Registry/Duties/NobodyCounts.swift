internal import OpenPGP

extension Registry {
  /// That not one listed person can endorse anything, why, and what to type: said once, instead of refusing every
  /// change. Nil where somebody counts.
  package func nobodyCounts(needing level: Evidence) -> (reason: String, next: String)? {
    guard maintainers(needing: level).isEmpty else { return nil }
    func number(_ count: Int) -> String { count == 1 ? "1 person is" : "\(count) people are" }
    let listed = "\(number(people.count)) listed"
    guard !certificates.isEmpty else {
      return ("\(listed), none has a certificate under \(Self.keysFolder)/", "stagex-maint keys fetch")
    }
    let holders = keys.filter { certificates[$0.fingerprint] != nil }
    let reasons = holders.compactMap { disqualification(of: $0, needing: level) }
    func all(_ isSo: (Disqualification) -> Bool) -> Bool { reasons.count == holders.count && reasons.allSatisfy(isSo) }
    if all({ if case .notOnCard = $0 { true } else { false } }) {
      let what =
        level.needsProof
        ? "has the proof of a smartcard that the policy asks for" : "names the smartcard that the policy asks for"
      return (
        "\(listed), and no key \(what) (evidence = \"\(level.rawValue)\")",
        level.needsProof ? "stagex-maint keys attest" : "$EDITOR \(MaintainersFile.path)"
      )
    }
    if all({ $0 == .bot || $0 == .machine || $0 == .shared }) {
      return ("\(listed), and every key with a certificate is a machine's, a bot's or shared", "stagex-maint keys list")
    }
    return ("\(listed), and nobody who has a certificate counts, each for another reason", "stagex-maint keys list")
  }
}
