internal import GitBridge
package import Review

/// The rules by which images are signed and counted: the lead's as the rule accepts it, never those of whatever HEAD
/// is.
package struct JudgedRules: Sendable {
  /// In force at the judged tip.
  package let policy: Policy
  /// In force at the judged tip, with the proofs that the policy asks for.
  package let registry: Registry
  /// Where they come from, safe to print.
  package let source: String
}
