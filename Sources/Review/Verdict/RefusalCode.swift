/// Why something was refused, as one stable word that scripts may rely on.
///
/// A code never changes its meaning; a new one may be added. A struct and not an enum, so that a
/// report written by a later version can still be read.
package struct RefusalCode: RawRepresentable, Hashable, Sendable {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }
  private init(_ rawValue: String) { self.rawValue = rawValue }

  // What a change lacks.
  package static let tooFewEndorsers = RefusalCode("too-few-endorsers")
  package static let unsignedMerge = RefusalCode("unsigned-merge")
  package static let pathNeedsMore = RefusalCode("path-needs-more")
  package static let gitlink = RefusalCode("gitlink")

  // What is wrong with an object or a signature.
  package static let badSignature = RefusalCode("bad-signature")
  package static let malformedCommit = RefusalCode("malformed-commit")
  package static let unknownKeyFormat = RefusalCode("unknown-key-format")
  package static let weakSignature = RefusalCode("weak-signature")
  package static let malformedSignature = RefusalCode("malformed-signature")
  package static let expiredKey = RefusalCode("expired-key")
  package static let revokedKey = RefusalCode("revoked-key")
  package static let unusableKey = RefusalCode("unusable-key")
  package static let keyNotOnCard = RefusalCode("key-not-on-card")
  package static let machineKey = RefusalCode("machine-key")
  package static let futureSignature = RefusalCode("future-signature")
  package static let enginesDisagree = RefusalCode("engines-disagree")
  package static let engineFailed = RefusalCode("engine-failed")

  // What is wrong with the registry or the policy.
  package static let registryInvalid = RefusalCode("registry-invalid")
  package static let policyInvalid = RefusalCode("policy-invalid")
  package static let policyRollback = RefusalCode("policy-rollback")
  /// The change itself would leave rules that cannot be read, or by which too few people count.
  package static let lockOut = RefusalCode("lock-out")
  /// A branch that follows the lead would change the rules.
  package static let rulesElsewhere = RefusalCode("rules-elsewhere")
  package static let revocationLost = RefusalCode("revocation-lost")
  /// A change of the policy would protect a ref that exists and that nobody judged.
  package static let unjudgedBranch = RefusalCode("unjudged-branch")

  // What is wrong with the update of a ref.
  package static let rewind = RefusalCode("rewind")
  package static let deletion = RefusalCode("deletion")
  package static let foxtrot = RefusalCode("foxtrot")
  package static let unrelatedHistory = RefusalCode("unrelated-history")
  package static let wrongSourceBranch = RefusalCode("wrong-source-branch")
  /// The branch carried the rules until another was named for it.
  package static let formerLead = RefusalCode("former-lead")
  package static let notACommit = RefusalCode("not-a-commit")
  package static let tagUnsigned = RefusalCode("tag-unsigned")
  package static let tagNameMismatch = RefusalCode("tag-name-mismatch")
  package static let tagMoved = RefusalCode("tag-moved")
  package static let tagTargetUnprotected = RefusalCode("tag-target-unprotected")
  package static let replaceRef = RefusalCode("replace-ref")
  package static let confusableRef = RefusalCode("confusable-ref")
  /// The ref does not stand where the push says it does.
  package static let staleUpdate = RefusalCode("stale-update")

  // Co-signatures and image signatures.
  package static let coSignatureInvalid = RefusalCode("co-signature-invalid")
  package static let coSignatureRemoved = RefusalCode("co-signature-removed")
  package static let signatureFileInvalid = RefusalCode("signature-file-invalid")
  package static let signatureFileChanged = RefusalCode("signature-file-changed")
  package static let signatureFileDuplicate = RefusalCode("signature-file-duplicate")
  package static let signatureFileGap = RefusalCode("signature-file-gap")

  // What keeps us from judging at all.
  package static let shallow = RefusalCode("shallow")
  package static let missingObject = RefusalCode("missing-object")
  package static let unsupportedRepository = RefusalCode("unsupported-repository")
  package static let budgetSpent = RefusalCode("budget-spent")
  package static let trustRootMissing = RefusalCode("trust-root-missing")
  /// The branch that carries the rules is not here.
  package static let leadMissing = RefusalCode("lead-missing")
  /// Somebody asked for a judgement of a ref that nothing protects.
  package static let notProtected = RefusalCode("not-protected")
  /// Today's rules refuse it, those of its time did not, and nothing shows that it is of that time.
  package static let unsettled = RefusalCode("unsettled")
  package static let cannotRead = RefusalCode("cannot-read")

  /// The codes that mean "could not judge". Alone they make a verdict undecided, never accepted.
  package var preventsJudging: Bool {
    switch self {
    case .shallow, .missingObject, .unsupportedRepository, .budgetSpent, .registryInvalid,
      .policyInvalid, .trustRootMissing, .leadMissing, .notProtected, .unsettled, .cannotRead, .engineFailed:
      true
    default: false
    }
  }
}
