/// Two full names or patterns of refs that git cannot have beside each other.
package struct NameClash: Sendable, Equatable {
  /// A name that a policy asks for: what carries the rules, or what holds co-signatures.
  package let name: String
  /// What it protects, and could not be there; or another such name.
  package let other: String
}
