package import GitBridge
package import OpenPGP

/// One commit under another project's rule.
package struct ForeignCommit: Sendable {
  /// The state of a commit that the rule takes.
  package static let good = "good"
  /// The state of one by a key that is in no certificate.
  package static let unknownKey = "unknown-key"
  /// The state of one without a signature.
  package static let unsigned = "unsigned"
  /// Signed with SSH or X.509.
  package static let uncounted = "uncounted-signature"

  /// As `--rule` names it.
  package let rule: String
  /// The commit that was judged.
  package let commit: ObjectID
  /// `good`, `unsigned`, `uncounted-signature`, `unknown-key`, a word of the rule's own, or a refusal code.
  package let state: String
  /// The primary key of the certificate whose key signed.
  package let key: Fingerprint?
  /// The key that signed; the primary key itself where that did.
  package let subkey: Fingerprint?
  /// When, in seconds since 1970 by the signer's clock.
  package let time: Int64?
  /// Why, safe to print; empty where nothing is to be said.
  package let detail: String

  init(
    rule: String, commit: ObjectID, state: String, detail: String = "", key: Fingerprint? = nil,
    subkey: Fingerprint? = nil,
    time: Int64? = nil
  ) {
    self.rule = rule
    self.commit = commit
    self.state = state
    self.key = key
    self.subkey = subkey
    self.time = time
    self.detail = detail
  }

  /// Whether the rule takes it.
  package var isGood: Bool { state == Self.good }

  /// For a terminal.
  package var line: String {
    var parts = [commit.hex, state]
    if let subkey, let key { parts += [subkey.hex, key.hex] }
    if let time { parts.append(timestamp(time)) }
    if !detail.isEmpty { parts.append(printable(detail, limit: 500)) }
    return parts.joined(separator: "  ")
  }

  /// As docs/verdict.md describes it.
  package var json: JSONValue {
    .object([
      "schema": .string("stagex-maint/\(rule)/1"), "commit": .string(commit.hex), "state": .string(state),
      "key": key.map { .string($0.hex) } ?? .null, "subkey": subkey.map { .string($0.hex) } ?? .null,
      "time": time.map(JSONValue.integer) ?? .null, "detail": .string(detail),
    ])
  }

  /// How many commits are in each state.
  static func counts(_ commits: [ForeignCommit]) -> JSONValue {
    .counts(commits.reduce(into: [:]) { $0[$1.state, default: 0] += 1 })
  }
}

extension JSONValue {
  /// Numbers by their names, in the order of the names.
  static func counts(_ counts: [String: Int]) -> JSONValue {
    .object(counts.sorted { $0.key < $1.key }.map { Member($0.key, .integer(Int64($0.value))) })
  }
}
