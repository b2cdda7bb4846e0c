/// Why something was refused, as one stable word that scripts may rely on.
///
/// A code never changes its meaning; a new one may be added. A struct and not an enum, so that a
/// report written by a later version can still be read.
package struct RefusalCode: RawRepresentable, Hashable, Sendable {
  /// The word, as JSON and terminals have it.
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }
  private init(_ rawValue: String) { self.rawValue = rawValue }

  /// Fewer different maintainers endorse the change than it needs.
  // What a change lacks.
  package static let tooFewEndorsers = RefusalCode("too-few-endorsers")
  /// A clean merge that no maintainer signed.
  package static let unsignedMerge = RefusalCode("unsigned-merge")
  /// A path rule of the policy asks for more, or for a group.
  package static let pathNeedsMore = RefusalCode("path-needs-more")
  /// A submodule is added or moved.
  package static let gitlink = RefusalCode("gitlink")

  /// A signature names a registered key, and its mathematics fails.
  // What is wrong with an object or a signature.
  package static let badSignature = RefusalCode("bad-signature")
  /// The commit does not follow git's grammar.
  package static let malformedCommit = RefusalCode("malformed-commit")
  /// Under `because`: the signature is none of OpenPGP's.
  package static let unknownKeyFormat = RefusalCode("unknown-key-format")
  /// Under `because`: made with a hash or key that is too weak.
  package static let weakSignature = RefusalCode("weak-signature")
  /// Under `because`: not strictly of OpenPGP's form.
  package static let malformedSignature = RefusalCode("malformed-signature")
  /// Under `because`: the key had expired.
  package static let expiredKey = RefusalCode("expired-key")
  /// Under `because`: the key is revoked.
  package static let revokedKey = RefusalCode("revoked-key")
  /// Under `because`: the key may not sign, or is not bound to its certificate.
  package static let unusableKey = RefusalCode("unusable-key")
  /// Under `because`: the registry does not show that the key lives on a card.
  package static let keyNotOnCard = RefusalCode("key-not-on-card")
  /// Under `because`: a machine's key, a shared one, or a bot's.
  package static let machineKey = RefusalCode("machine-key")
  /// A date that has yet to come.
  package static let futureSignature = RefusalCode("future-signature")
  /// Our verifier and GnuPG contradict each other.
  package static let enginesDisagree = RefusalCode("engines-disagree")
  /// Undecided: an engine could not be asked.
  package static let engineFailed = RefusalCode("engine-failed")

  /// Undecided: the registry cannot be read.
  // What is wrong with the registry or the policy.
  package static let registryInvalid = RefusalCode("registry-invalid")
  /// Undecided: the policy cannot be read.
  package static let policyInvalid = RefusalCode("policy-invalid")
  /// The policy's version would go down.
  package static let policyRollback = RefusalCode("policy-rollback")
  /// The change itself would leave rules that cannot be read, or by which too few people count.
  package static let lockOut = RefusalCode("lock-out")
  /// A branch that follows the lead would change the rules.
  package static let rulesElsewhere = RefusalCode("rules-elsewhere")
  /// A revocation would be removed, or a certificate would lose one.
  package static let revocationLost = RefusalCode("revocation-lost")
  /// A change of the policy would protect a ref that exists and that nobody judged.
  package static let unjudgedBranch = RefusalCode("unjudged-branch")

  /// A protected branch would lose commits.
  // What is wrong with the update of a ref.
  package static let rewind = RefusalCode("rewind")
  /// A protected ref would go.
  package static let deletion = RefusalCode("deletion")
  /// The branch's tip is not on the new first-parent line.
  package static let foxtrot = RefusalCode("foxtrot")
  /// A root commit, or a branch that shares nothing with the protected ones.
  package static let unrelatedHistory = RefusalCode("unrelated-history")
  /// A branch with `from` would take something else.
  package static let wrongSourceBranch = RefusalCode("wrong-source-branch")
  /// The branch carried the rules until another was named for it.
  package static let formerLead = RefusalCode("former-lead")
  /// A branch would point to something that is not a commit.
  package static let notACommit = RefusalCode("not-a-commit")
  /// A protected tag without a maintainer's signature.
  package static let tagUnsigned = RefusalCode("tag-unsigned")
  /// A protected tag under another name than the one it carries.
  package static let tagNameMismatch = RefusalCode("tag-name-mismatch")
  /// A protected tag would point elsewhere.
  package static let tagMoved = RefusalCode("tag-moved")
  /// A protected tag on a commit that no protected branch holds.
  package static let tagTargetUnprotected = RefusalCode("tag-target-unprotected")
  /// `refs/replace/*` would show other objects than those that were signed.
  package static let replaceRef = RefusalCode("replace-ref")
  /// A name that can be taken for a protected one, or a symbolic ref.
  package static let confusableRef = RefusalCode("confusable-ref")
  /// The ref does not stand where the push says it does.
  package static let staleUpdate = RefusalCode("stale-update")

  /// The co-signature ref would take a bad statement.
  // Co-signatures and image signatures.
  package static let coSignatureInvalid = RefusalCode("co-signature-invalid")
  /// The co-signature ref would lose a statement.
  package static let coSignatureRemoved = RefusalCode("co-signature-removed")
  /// A repository of image signatures would take a bad file.
  package static let signatureFileInvalid = RefusalCode("signature-file-invalid")
  /// A repository of image signatures would change a file, or lose one.
  package static let signatureFileChanged = RefusalCode("signature-file-changed")
  /// A repository of image signatures would have one person's signature twice.
  package static let signatureFileDuplicate = RefusalCode("signature-file-duplicate")
  /// A repository of image signatures would have a number left out.
  package static let signatureFileGap = RefusalCode("signature-file-gap")

  /// Undecided: the repository lacks history.
  // What keeps us from judging at all.
  package static let shallow = RefusalCode("shallow")
  /// Undecided: an object is not there.
  package static let missingObject = RefusalCode("missing-object")
  /// Undecided: not a repository that can be read, or somebody else's.
  package static let unsupportedRepository = RefusalCode("unsupported-repository")
  /// Undecided: the time was up.
  package static let budgetSpent = RefusalCode("budget-spent")
  /// Undecided: no commit to start from is configured, or it is not here.
  package static let trustRootMissing = RefusalCode("trust-root-missing")
  /// The branch that carries the rules is not here.
  package static let leadMissing = RefusalCode("lead-missing")
  /// Somebody asked for a judgement of a ref that nothing protects.
  package static let notProtected = RefusalCode("not-protected")
  /// Today's rules refuse it, those of its time did not, and nothing shows that it is of that time.
  package static let unsettled = RefusalCode("unsettled")
  /// Undecided: something could not be read.
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
