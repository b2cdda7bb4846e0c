package import GitBridge

/// How far a signature reaches, in trailers of the commit that carries it: not below this base, only on this branch,
/// only in this repository. They can only narrow what the commit endorses.
///
/// Attack: the forge shows another base, another repository or a weaker branch, and carries the commit that was signed
/// for it to where it was not meant.
package struct EndorsementBounds: Sendable, Equatable {
  /// What the person was shown begins above it.
  package let base: ObjectID?
  /// A whole ref.
  package let target: String
  /// As the policy names it; nil where it names none.
  package let repository: String?

  package init(base: ObjectID?, target: String, repository: String?) {
    self.base = base
    self.target = target
    self.repository = repository
  }

  /// The last paragraph of a commit's message.
  package var trailers: String {
    let lines = [
      base.map { "Reviewed-Base: \($0.hex)" }, "Reviewed-Target: \(target)",
      repository.map { "Reviewed-Repository: \($0)" },
    ]
    return lines.compactMap(\.self).map { $0 + "\n" }.joined()
  }

  /// A message that ends in the trailers.
  func message(_ subject: String) -> String { "\(subject)\n\n\(trailers)" }
}
