package import GitBridge

/// Where the registry or the policy comes from, if not from the tree of each step's first parent.
package enum Pin: Sendable, Equatable {
  /// A folder (registry) or a file (policy) outside the repository.
  case path(String)
  /// The tree of a fixed commit; the name is the one the user gave.
  case commit(ObjectID, name: String)

  /// How the pin is named in the output.
  package var text: String {
    switch self {
    case .path(let path): path
    case .commit(let id, let name): "\(name) (\(id.short))"
    }
  }
}
