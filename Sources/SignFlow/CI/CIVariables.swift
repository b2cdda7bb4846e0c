internal import GitBridge
internal import Review

/// A CI's environment. Empty is as good as absent there. What contributors choose (branches, titles) is in it too, so
/// each value is held to the form that it must have.
struct CIVariables {
  private let environment: [String: String]

  init(_ environment: [String: String]) { self.environment = environment }

  /// The first of them that says something.
  subscript(_ names: String...) -> String? {
    names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
  }

  func commit(_ name: String) throws(GateInputError) -> ObjectID? {
    guard let text = self[name] else { return nil }
    return try CIValue.commit(text, name)
  }
}
