package import GitBridge
package import OpenPGP
package import Review

/// What a release's tag says, for people; whether it counts is the rule's answer.
package struct TagReading: Sendable {
  /// The tag object.
  package let tag: ObjectID
  /// What it points to.
  package let target: ObjectID
  /// The person whose key the signature names; nil where the registry lists no such key, or there is no signature.
  package let signer: String?
  /// The primary key that the signature names, where the registry lists it.
  package let key: Fingerprint?
  /// When the signature, else the tagger, says that it was made; in seconds since 1970.
  package let time: Int64
  /// The tag's own words, as bytes from outside.
  package let message: [UInt8]

  /// Nil where it is no annotated tag of a commit.
  package init?(_ tag: ObjectID, in repository: Repository, registry: Registry) throws(GitError) {
    guard try repository.kind(of: tag) == .tag else { return nil }
    let (parsed, bytes) = try repository.readTag(tag)
    guard parsed.targetKind == .commit else { return nil }
    self.tag = tag
    target = parsed.target
    message = Array(bytes[parsed.message])
    guard let range = parsed.signature, case .openPGP(let packet) = SignatureBlock.read(armor: Array(bytes[range]))
    else {
      (signer, key, time) = (nil, nil, parsed.taggerTime)
      return
    }
    time = packet.created
    let place = registry.keyring.candidates(for: packet).first
    let listed = place.flatMap { registry.key(registry.keyring.certificates[$0.certificate].primary) }
    (signer, key) = (listed?.person, listed?.fingerprint)
  }
}

extension Repository {
  /// Whether a commit is a state of a branch: on its line of first parents.
  package func isState(_ commit: ObjectID, ofTip tip: ObjectID) throws(GitError) -> Bool {
    guard try isAncestor(commit, of: tip) else { return false }
    var at = tip
    while at != commit {
      guard let parent = try readCommit(at).commit.parents.first else { return false }
      at = parent
    }
    return true
  }
}
