/// What a repository holds, and so which rule its pushes are judged by.
package enum RepositoryKind: String, Sendable {
  /// The repository's own files: each change needs the threshold.
  case source
  /// Signatures of container images, and the rules: each push of signatures needs one maintainer (R114, R115).
  case signatures
}

/// A branch, or a family of branches, that the policy protects.
package struct BranchRule: Sendable {
  /// Of the branch, without `refs/heads/`.
  package let name: Glob
  /// The branches it takes merges from; empty means that anything reviewed may land here.
  package let from: [Glob]
  /// Overrides the policy's threshold.
  package let threshold: Int?
  /// Whether it may be made anew on a later state of the lead until a protected tag holds it.
  package var mayRewind = false
}

/// A tag, or a family of tags, that the policy protects.
package struct TagRule: Sendable, Equatable {
  /// Of the tag, without `refs/tags/`.
  package let name: Glob
  /// How many maintainers must have signed it.
  package var threshold = 1

  /// ``name`` as the policy has it.
  package var pattern: String { name.pattern }
}

/// Paths for which more is asked than for the rest.
package struct PathRule: Sendable {
  /// Paths that it guards.
  package let match: [Glob]
  /// How many maintainers it asks for.
  package let threshold: Int
  /// Groups of which one each has to be among them.
  package let groups: [String]
}

/// What the protected repository asks of each change: its `review.toml`, or the defaults.
package struct Policy: Sendable {
  /// Never goes down. 0 when there is no file.
  package var version = 0
  /// The identity that co-signatures bind to, for instance `codeberg.org/stagex/stagex`.
  package var repository: String?
  /// Sources, or signatures of images.
  package var kind = RepositoryKind.source
  /// The branch that carries the rules, without `refs/heads/`; nil where the file does not say.
  package var lead: String?
  /// How many distinct maintainers each change needs.
  package var threshold = 2
  /// What a key needs to count.
  package var evidence = Evidence.declared
  /// SHA-256 digests of certificates, in lower-case hex, that attestations may end in besides Yubico's.
  package var attestationRoots: [String] = []
  /// The ways to endorse that count.
  package var ways = Set(Way.allCases)
  /// Whether an adoption endorses only if it says base, target and repository.
  package var boundAdoptions = false
  /// Whether submodules may be added and moved.
  package var allowsGitlinks = false
  /// Whether `cosign` and `sign` may use a key behind Split GPG instead of a card in a local reader.
  package var allowsSplitGPG = false
  /// The full name of the ref that holds co-signatures.
  package var coSignatureRef = "refs/heads/cosignatures"
  /// Protected branches; the first that matches has its say.
  package var branches: [BranchRule] = []
  /// Protected tags, without `refs/tags/`; the first that matches has its say.
  package var tags: [TagRule] = []
  /// All that match have their say.
  package var paths: [PathRule] = []
  /// Ids of people, by the group's name.
  package var groups: [String: [String]] = [:]

  /// StageX's own practice, in force where a repository has no policy file.
  // R119
  package static let standard: Policy = {
    var policy = Policy()
    do throws(FileDefect) {
      for name in ["main", "staging", "release/*"] {
        policy.branches.append(BranchRule(name: try Glob(name), from: [], threshold: nil))
      }
      policy.tags = [TagRule(name: try Glob("[0-9]*"))]
    } catch {
      preconditionFailure("the built-in patterns are valid: \(error.message)")
    }
    return policy
  }()

  /// The first rule whose pattern matches a branch, by the branch's full ref name.
  package func branchRule(for ref: [UInt8]) -> BranchRule? {
    guard let name = shortName(ref, under: "refs/heads/") else { return nil }
    return branches.first { $0.name.matches(name) }
  }

  /// The branch that carries the rules where neither the policy nor the server's settings name one.
  package static let usualLead = "main"

  /// How many maintainers a change to the lead needs: the most that is asked on any branch, for what the lead holds the
  /// others take without asking again.
  // R37
  package var leadThreshold: Int {
    kind == .signatures ? 1 : max(threshold, branches.compactMap(\.threshold).max() ?? 0)
  }

  /// How many maintainers a change to a branch needs. In a repository of image signatures one is enough: each file
  /// is one maintainer's own statement, and the threshold is counted for each digest at release.
  package func threshold(for ref: [UInt8]) -> Int {
    kind == .signatures ? 1 : branchRule(for: ref)?.threshold ?? threshold
  }

  /// By its full name.
  package func protectsTag(_ ref: [UInt8]) -> Bool {
    guard let name = shortName(ref, under: "refs/tags/") else { return false }
    return tags.contains { $0.name.matches(name) } || vouchedTag(name) != nil
  }

  /// How many maintainers a protected tag needs, by its name after `refs/tags/`.
  package func tagThreshold(for name: [UInt8]) -> Int { tags.first { $0.name.matches(name) }?.threshold ?? 1 }

  /// `NAME` and `PERSON` of a tag `NAME+PERSON` by which PERSON stands behind the tag NAME; nil for any other name. Who
  /// that is, a policy does not know.
  // R122
  package func vouchedTag(_ name: [UInt8]) -> (tag: [UInt8], person: String)? {
    guard let plus = name.lastIndex(of: UInt8(ascii: "+")),
      let person = String(validating: name[(plus + 1)...], as: UTF8.self)
    else { return nil }
    let tag = Array(name[..<plus])
    return tagThreshold(for: tag) > 1 ? (tag, person) : nil
  }
}

/// The part of a ref's name after a prefix, as bytes.
package func shortName(_ ref: [UInt8], under prefix: String) -> [UInt8]? {
  let prefix = Array(prefix.utf8)
  guard ref.starts(with: prefix), ref.count > prefix.count else { return nil }
  return Array(ref.dropFirst(prefix.count))
}
