/// One update of the ref that holds co-signatures.
package struct CoSignatureRefFacts: Sendable {
  /// What is wrong with one path that the update changes.
  package struct Finding: Sendable {
    /// What can be wrong with it (R113).
    package enum Kind: Sendable {
      /// It was there before, and is changed or removed; or it is no plain file where co-signatures lie.
      case changed, misplaced
      /// With the reason, safe to print.
      case notGood(String)
      /// With the repository that it is for.
      case foreign(String)
    }

    /// The whole path in the ref's tree, as bytes from outside.
    package let path: [UInt8]
    /// What is wrong; it decides the refusal's code.
    package let kind: Kind

    package init(path: [UInt8], kind: Kind) {
      self.path = path
      self.kind = kind
    }
  }

  /// Whether `old` is an ancestor of `new`; true where there is no old value. Else no path is looked at.
  package var isForward = true
  /// Empty where each path is as it should be, and where none was looked at.
  package var findings: [Finding] = []

  package init() {}
}
