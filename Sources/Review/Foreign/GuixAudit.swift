package import GitBridge
internal import OpenPGP

/// A history as Guix's rule sees it.
package struct GuixAudit: Sendable {
  /// The first commit that is trusted.
  package let introduction: ObjectID
  /// The certificates, and where they are from.
  package let keyring: GuixKeyring
  /// The introduction first, then what came after it, parents before children.
  package internal(set) var commits: [ForeignCommit]

  init(introduction: ObjectID, keyring: GuixKeyring, commits: [ForeignCommit]) {
    self.introduction = introduction
    self.keyring = keyring
    self.commits = commits
  }

  /// How many commits the rule takes.
  package var accepted: Int { commits.count { $0.isGood } }

  /// Undecided where nothing is wrong but what could not be judged.
  package var outcome: Outcome {
    let bad = commits.filter { !$0.isGood && $0.state != GuixRule.afterRefused }
    if bad.isEmpty { return .accepted }
    return bad.allSatisfy { RefusalCode(rawValue: $0.state).preventsJudging } ? .undecided : .refused
  }

  /// The detail of an accepted commit that our own rule would not take.
  static func disregarding(_ code: String) -> String { "disregarded: \(code)" }

  /// Refusal codes that our own rule would have had for accepted commits, with their numbers.
  package var disregarded: [String: Int] {
    commits.reduce(into: [:]) { counts, commit in
      guard commit.isGood, !commit.detail.isEmpty else { return }
      counts[String(commit.detail.dropFirst(Self.disregarding("").count)), default: 0] += 1
    }
  }

  /// What a reader must know to hold this against Guix's own answer.
  package var notes: [String] {
    var notes = [
      "\(keyring.keyring.certificates.count) certificates from \(printable(keyring.ref)) at \(keyring.commit.short)"
    ]
    let counts = disregarded.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    notes.append(
      "guix looks at no key's expiry, revocation or binding, so neither does this rule; "
        + (counts.isEmpty
          ? "no accepted commit hangs on that"
          : "of the accepted commits it disregards \(counts.joined(separator: ", "))"))
    notes.append(
      "refused here although guix may take it: a signature with SHA-1 or by a DSA key, RSA under 2048 bits, "
        + "a malformed commit, a \(GuixAuthorizations.path) that is not strictly of its form")
    return notes
  }

  /// As docs/verdict.md describes it.
  package var summary: JSONValue {
    .object([
      "schema": .string("stagex-maint/guix-summary/1"), "verdict": .string(outcome.rawValue),
      "introduction": .string(introduction.hex), "keyring": .string(keyring.commit.hex),
      "commits": .integer(Int64(commits.count)), "states": ForeignCommit.counts(commits),
      "disregarded": .counts(disregarded),
      "notes": .strings(notes),
    ])
  }
}
