/// The way from a statement about a key to a pinned root: statement, device, authorities, root.
struct AttestationChain {
  /// Places in the file, from the statement to the root.
  let places: [Int]

  /// Statement, device, three authorities at Yubico's and the root are five; one more for the next generation.
  private static let longest = 6

  /// Walks up from a statement.
  ///
  /// The attested key signs whatever its holder likes, also a certificate that looks like a device's, with a
  /// statement about a key on disk below it. So nothing that is itself a statement may issue, whoever issues devices
  /// must be an authority for just that, and the length that each authority allows below itself is kept.
  ///
  /// Nobody looks at dates: a card copies those of its statement from a template, the device's were written in the
  /// factory without a clock that could be relied on, and what was proved of a key stays true when they have passed.
  ///
  /// - Parameter touched: Takes in the places that were used, also where the way ended too early.
  static func walk(
    from statement: Int, in certificates: [AttestationCertificate], to roots: AttestationRoots, touched: inout Set<Int>
  ) throws(AttestationDefect) -> AttestationChain {
    var places = [statement]
    touched.insert(statement)
    var owner: AttestationRoots.Owner?
    while owner == nil {
      let below = certificates[places[places.count - 1]]
      guard places.count < longest else { throw AttestationDefect("its chain is longer than \(longest) certificates") }
      let issuer = certificates.indices.first {
        !places.contains($0) && certificates[$0].subject == below.issuer && certificates[$0].hasSigned(below)
      }
      guard let issuer else {
        throw AttestationDefect(
          "nothing in the file has issued \(below.shownName), and it is not a root that is trusted")
      }
      touched.insert(issuer)
      // Attack: a certificate issued with the attested key itself, or with one that PIV attests under the same root.
      guard !certificates[issuer].isStatement else {
        throw AttestationDefect(
          "\(below.shownName) is issued by a key that a card only attests, whose holder can sign anything")
      }
      places.append(issuer)
      // A device is never its own root: somebody else must vouch for it.
      if places.count > 2 { owner = roots.owner(of: certificates[issuer].digest) }
    }
    try check(places.map { certificates[$0] }, owner)
    return AttestationChain(places: places)
  }

  private static func check(_ chain: [AttestationCertificate], _ owner: AttestationRoots.Owner?)
    throws(AttestationDefect)
  {
    for certificate in chain { try certificate.refuseUnknownCritical() }
    for place in chain.indices.dropFirst(2) { try chain[place].requireAuthority(below: place - 1) }
    guard owner == .yubico, chain.count > 3 else { return }
    // Attack: below the same root stand the authorities of PIV and FIDO, whose devices attest other things.
    guard let name = chain[2].commonName, name.utf8.starts(with: AttestationRoots.yubicoIssuerPrefix.utf8) else {
      throw AttestationDefect("\(chain[2].shownName) does not certify keys that attest OpenPGP keys")
    }
  }
}
