internal import GitBridge
package import OpenPGP

extension Registry {
  /// This registry with what the files of its folder show of where its keys live.
  ///
  /// - Parameter level: What is looked for; nil for what the policy asks for.
  package func proven(
    inFolder folder: String, policy: Policy, settings: ReviewSettings, level: Evidence? = nil
  ) throws(ReviewProblem) -> Registry {
    let reader = EvidenceReader(source: FolderFiles(folder: folder), registry: self, policy: policy, settings: settings)
    return holding(try reader.read(level ?? policy.evidence))
  }

  /// The strongest level that a signing key of an entry reaches, as far as proofs were looked for.
  package func level(of entry: RegisteredKey, signing key: Fingerprint) -> Evidence {
    let levels: [Evidence] = [.attested, .witnessed, .declared]
    return levels.first { disqualification(of: entry, signing: key, needing: $0) == nil } ?? .off
  }
}
