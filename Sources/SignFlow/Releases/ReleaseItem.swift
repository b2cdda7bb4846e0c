/// One thing that a release asks for.
package struct ReleaseItem: Sendable {
  /// Whether it is done.
  package enum State: String, Sendable {
    case done
    case missing
    /// It is there, and not as it must be.
    case wrong
    /// It cannot be told from here.
    case unknown
  }

  /// A stable word: `branch`, `content`, `staging`, `main`, `tree`, `rule`, `tag`, `notes`, `digests`, `machines`.
  package let name: String
  /// Whether it is done.
  package let state: State
  /// What was found, safe to print.
  package let words: String
  /// The next command to type; empty where nothing is left to do.
  package let next: String

  package init(_ name: String, _ state: State, _ words: String, next: String = "") {
    (self.name, self.state, self.words, self.next) = (name, state, words, next)
  }
}
