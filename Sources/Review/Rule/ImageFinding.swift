package import GitBridge

/// What is wrong with one file that a step brings into a repository of image signatures.
package struct ImageFinding: Sendable, Equatable {
  /// What can be wrong with such a file (R114).
  package enum Kind: Sendable {
    case changed, removed, misplaced, notAFile, notFound, duplicate, gap, worthless
  }

  /// What is wrong; it decides the refusal's code.
  package let kind: Kind
  /// The commit that brings it.
  package let commit: ObjectID
  /// The whole path (bytes from outside).
  package let path: [UInt8]
  /// In words, safe to print; empty where the kind says all.
  package let detail: String

  package init(_ kind: Kind, commit: ObjectID, path: [UInt8], detail: String = "") {
    self.kind = kind
    self.commit = commit
    self.path = path
    self.detail = detail
  }
}

extension ImageFinding {
  func refusal(on ref: String) -> Refusal {
    let again = "stagex-maint signatures verify, then stagex-maint stage again"
    let back = "git checkout \(shellWord(ref)) -- \(shellWord(path, limit: 400))"
    let (code, why, next): (RefusalCode, String, String) =
      switch kind {
      case .removed: (.signatureFileChanged, "it is removed; signatures are only added", back)
      case .changed: (.signatureFileChanged, "it is changed; signatures are only added", back)
      case .misplaced:
        (
          .signatureFileInvalid, "it is not the place of a signature, REPOSITORY/PACKAGE@sha256=DIGEST/signature-N",
          again
        )
      case .notAFile: (.signatureFileInvalid, "it is not a regular file of mode 100644", again)
      case .notFound: (.signatureFileInvalid, "it is not found in its folder", again)
      case .duplicate: (.signatureFileDuplicate, detail, again)
      case .gap: (.signatureFileGap, detail, again)
      case .worthless: (.signatureFileInvalid, detail, again)
      }
    return Refusal(
      code, commit: commit, ref: ref, message: "\(commit.short): \(printable(path, limit: 400)): \(why)", next: next)
  }
}
