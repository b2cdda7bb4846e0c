package import GitBridge
internal import OpenPGP

/// One release: an annotated tag, and who signed it. For showing; a push of a tag is judged elsewhere.
package struct SignedTag: Sendable {
  /// Who signed, as far as the keyring can tell.
  package enum Signer: Sendable, Equatable {
    /// A key of the registry made it, and it stood well when it did.
    case person(String)
    /// The signature names this key; it is not good, or nobody here knows the key.
    case claimed(String)
    case nobody
  }

  /// Without `refs/tags/`.
  package let name: [UInt8]
  /// The commit that it comes down to.
  package let target: ObjectID
  /// Seconds since 1970, by the tagger's clock.
  package let time: Int64
  /// Who signed it.
  package let signer: Signer
}

extension Reviewer {
  /// The annotated tags of the repository, newest first, and who of the registry signed them.
  ///
  /// - Parameter most: The newest so many are looked at.
  package func signedTags(_ registry: Registry, atMost most: Int) throws(ReviewProblem) -> [SignedTag] {
    let checker = SignatureChecker(keyring: registry.keyring, choice: .native, reference: .then)
    return try reading { () throws(GitError) in
      var tags: [SignedTag] = []
      for ref in try repository.references() where ref.name.starts(with: Array("refs/tags/".utf8)) {
        guard let id = ref.target, try repository.kind(of: id) == .tag else { continue }
        let (tag, bytes) = try repository.readTag(id)
        guard tag.defect == nil, tag.targetKind == .commit else { continue }
        tags.append(
          SignedTag(
            name: Array(ref.name.dropFirst("refs/tags/".utf8.count)), target: tag.target, time: tag.taggerTime,
            signer: Self.signer(of: tag, bytes, checker, registry)))
      }
      return Array(tags.sorted { $0.time > $1.time }.prefix(most))
    }
  }

  private static func signer(
    of tag: TagParse, _ bytes: [UInt8], _ checker: SignatureChecker, _ registry: Registry
  ) -> SignedTag.Signer {
    guard let signature = tag.signature else { return .nobody }
    let armor = Array(bytes[signature])
    let check = unsafe bytes.withUnsafeBytes { raw in
      unsafe checker.check(
        [SignatureJob(armor: armor, payload: (tag.payload, tag.payload.upperBound..<tag.payload.upperBound))], in: raw)[
          0]
    }
    if case .checked(_, .good(let key, let primary, let time)) = check, let entry = registry.key(primary),
      !entry.isMachine, !entry.isShared,
      registry.certificates[primary]?.standing(of: key, signedAt: time, judgedAt: .then) == .good
    {
      return .person(entry.person)
    }
    let claim = SignatureClaim.read(armor: armor)
    return .claimed("\(claim.format.name) \(claim.key)")
  }
}
