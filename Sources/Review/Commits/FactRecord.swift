internal import Crypto
internal import GitBridge
internal import OpenPGP

/// What is remembered of one commit: facts of its bytes, never a verdict. Who may endorse, whether a
/// key has expired or is revoked, and what the policy asks are judged anew each time.
///
/// Only plain cases are kept: at most two parents, well formed, unsigned or with a good signature, no
/// path that a rule looks at. Everything else is found out again.
struct FactRecord: Equatable {
  let id: ObjectID
  let tree: ObjectID
  let parents: [ObjectID]
  let time: Int64
  let saysAdopt: Bool

  /// The mathematics of the signature under one keyring and choice of engines.
  struct Signature: Equatable {
    let keyring: CacheKey
    /// Nil: unsigned, or made by nobody of this keyring and of no other kind that matters.
    let good: (subkey: Fingerprint, primary: Fingerprint, time: Int64)?

    static func == (left: Signature, right: Signature) -> Bool {
      left.keyring == right.keyring && left.good?.subkey == right.good?.subkey
        && left.good?.primary == right.good?.primary && left.good?.time == right.good?.time
    }
  }
  var signature: Signature?

  /// The shape under one policy.
  struct Shape: Equatable {
    let policy: CacheKey
    let isAdoption: Bool
    /// Whether a merge is clean; nil for what is no merge.
    let isCleanMerge: Bool?
  }
  var shape: Shape?

  /// Known where the commit is on a first-parent line.
  var ruleFiles: RuleFileIDs?
}
