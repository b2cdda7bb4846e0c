/// Does the mathematics of a certificate's self-signatures.
struct CertificateParts {
  private(set) var direct: [SelfSignature] = []
  private(set) var revocations = Revocations()
  private(set) var users: [(id: [UInt8], signatures: [SelfSignature])] = []
  private(set) var subkeys: [CertificateKey] = []
  private(set) var warnings: [String] = []
  /// What designated revokers are named, and may have said, that is not heeded here.
  private(set) var revokerWarnings: [String] = []

  init(_ tree: CertificateTree) {
    let primary = tree.primary
    readPrimary(tree)
    for user in tree.users {
      let hashed = tree.hashed(user)
      users.append((user.id, user.signatures.compactMap { SelfSignature(packet: $0, by: primary, over: hashed) }))
    }
    let claims = tree.revocationClaims
    for place in tree.subkeys.indices { readSubkey(place, of: tree, claims) }
    readRevokers(tree)
    let all = direct + users.flatMap(\.signatures) + subkeys.flatMap(\.bindings)
    if all.contains(where: \.usesSHA1) { warnings.append("it has self-signatures that use SHA-1") }
    for objection in Set(all.compactMap(\.objection)).sorted() {
      warnings.append("a self-signature of it does not count: \(objection)")
    }
  }

  private mutating func readPrimary(_ tree: CertificateTree) {
    let primary = tree.primary
    for packet in tree.direct {
      guard let signature = SelfSignature(packet: packet, by: primary, over: primary.hashed) else { continue }
      if signature.type == SignatureType.keyRevocation {
        revocations.append(signature)
      } else {
        direct.append(signature)
      }
    }
    let revokers = Set(direct.flatMap(\.revokers).map(\.keyID))
    for packet in tree.foreignRevocations where !revokers.isEmpty {
      guard let fields = SignatureFields(packet: packet), fields.type == SignatureType.keyRevocation,
        let issuer = fields.issuerKeyID
      else { continue }
      if revokers.contains(issuer) {
        warnings.append("a designated revoker seems to have revoked it; that cannot be checked here, so it counts")
        revocations.unchecked.append(Revocation(uncheckedAt: fields.subpackets.created ?? 0))
      }
    }
  }

  /// Only a revocation of the whole key, by a revoker named in a direct signature, and that says by whom it is, weighs
  /// above.
  private mutating func readRevokers(_ tree: CertificateTree) {
    let direct = Set(direct.flatMap(\.revokers))
    let inUsers = Set(users.flatMap(\.signatures).flatMap(\.revokers)).subtracting(direct)
    guard !direct.isEmpty || !inUsers.isEmpty else { return }
    for revoker in direct.sorted() {
      revokerWarnings.append(
        "\(revoker) may revoke the key for its owner; that cannot be checked here, so whatever seems to be "
          + "such a revocation counts"
      )
    }
    for revoker in inUsers.sorted() {
      revokerWarnings.append("\(revoker) is named by a user id as one who may revoke the key, and is not heard")
    }
    let keyIDs = Set(direct.map(\.keyID))
    let unheard = tree.foreignRevocations.filter { packet in
      guard let fields = SignatureFields(packet: packet) else { return false }
      return fields.type != SignatureType.keyRevocation || !(fields.issuerKeyID.map(keyIDs.contains) ?? false)
    }
    let nobodys = tree.direct.count { packet in
      SignatureFields(packet: packet)?.issuerKeyID == nil
        && SelfSignature(packet: packet, by: tree.primary, over: tree.primary.hashed) == nil
    }
    if unheard.count + nobodys > 0 {
      revokerWarnings.append(
        "others seem to have revoked the key, or subkeys of it, in a way that is not heard here "
          + "(\(unheard.count + nobodys))"
      )
    }
  }

  private mutating func readSubkey(
    _ place: Int, of tree: CertificateTree, _ claims: [(packet: [UInt8], fields: SignatureFields)]
  ) {
    let subkey = tree.subkeys[place]
    let hashed = tree.hashed(subkey)
    var bindings = subkey.signatures.compactMap { SelfSignature(packet: $0, by: tree.primary, over: hashed) }
      .filter { $0.type == SignatureType.subkeyBinding }
    for index in bindings.indices {
      bindings[index].signsBack = Self.signsBack(subkey.key, in: bindings[index], over: hashed)
    }
    var revocations = Revocations()
    for packet in tree.revocations(ofSubkey: place, among: claims) {
      if let signature = SelfSignature(packet: packet, by: tree.primary, over: hashed) { revocations.append(signature) }
    }
    subkeys.append(CertificateKey(packet: subkey.key, bindings: bindings, revocations: revocations))
  }

  /// Whether the newest back signature inside `binding` is one that `subkey` has made.
  private static func signsBack(_ subkey: KeyPacket, in binding: SelfSignature, over hashed: [UInt8]) -> Bool {
    let claims = binding.embedded.compactMap { try? SignatureFields(binding.bytes, body: $0) }
      .filter { $0.type == SignatureType.primaryKeyBinding }
    guard let newest = claims.map({ $0.subpackets.created ?? 0 }).max() else { return false }
    return binding.embedded.contains { body in
      guard let claim = SelfSignature(binding.bytes, body: body, by: subkey, over: hashed) else { return false }
      return claim.type == SignatureType.primaryKeyBinding && claim.created == newest && claim.objection == nil
        && claim.expires == nil
    }
  }
}
