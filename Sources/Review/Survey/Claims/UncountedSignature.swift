package import GitBridge

extension Repository {
  /// The signature of a format that no rule here counts, if a commit carries one: SSH or X.509. Nil for OpenPGP, for
  /// unsigned commits, and for commits that cannot be read. For telling people; nothing is decided by it.
  package func uncountedSignature(of commit: ObjectID) -> SignatureClaim? {
    let armor = try? unsafe withCommit(commit) { parse, bytes throws(GitError) in
      parse.defect == nil && parse.signature != nil ? unsafe parse.signatureArmor(in: bytes) : []
    }
    guard let armor, !armor.isEmpty else { return nil }
    let claim = SignatureClaim.read(armor: armor)
    return claim.format == .ssh || claim.format == .x509 ? claim : nil
  }
}

extension SignatureClaim {
  /// What is said of a commit that carries one which does not count.
  package var notCounted: String { "signed with \(format.name), which this rule does not count" }
}
