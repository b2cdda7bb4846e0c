internal import GitBridge
internal import OpenPGP
internal import Synchronization

/// Registry, policy and revocations in force for one step. A class, so that steps can be told to share one.
final class Rules: Sendable {
  /// With the certificates as anybody later knew them: signatures are checked under these.
  let loaded: LoadedRegistry
  /// The certificates as the step has them.
  let own: Registry
  let policy: Policy
  /// The files these were read from, unless they are pinned.
  let files: RuleFileIDs
  /// Names the policy in the cache.
  let policyKey: CacheKey
  let revocations: Set<KeyRevocation>
  /// What every verdict under these rules must say.
  let notes: [String]

  init(_ loaded: LoadedRegistry, own: Registry, _ policy: Policy, files: RuleFileIDs, revocations: Set<KeyRevocation>) {
    self.loaded = loaded
    self.own = own
    self.policy = policy
    self.files = files
    self.revocations = revocations
    policyKey = CacheKey(of: Array(policy.fileText.utf8))
    let evidence = policy.evidence == .off ? ["the policy asks for no evidence that keys are on smartcards"] : []
    let registry = loaded.registry
    // Where everybody lacks a certificate that is said once. A file that cannot be read has a reason of its own.
    let others = registry.warnings.filter { !$0.hasSuffix(" is missing") }
    if registry.certificates.isEmpty, others.isEmpty, let nobody = registry.nobodyCounts(needing: policy.evidence) {
      notes = evidence + ["nobody counts: \(nobody.reason); next: \(nobody.next)"]
    } else {
      notes = evidence + registry.warnings
    }
  }

  /// - Parameters:
  ///   - time: The moment at which keys are judged.
  ///   - hardRevoked: Keys that any lead state in question revokes for all time.
  func terms(_ settings: ReviewSettings, time: Int64?, hardRevoked: Set<Fingerprint>) -> SignatureTerms {
    SignatureTerms(
      registry: loaded.registry, own: own.certificates, evidence: policy.evidence, time: time, clock: settings.clock,
      revocations: revocations, hardRevoked: hardRevoked, condemned: settings.condemned)
  }
}
