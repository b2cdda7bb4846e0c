package import GitBridge
internal import OpenPGP
package import Review

/// What a repository shows of one release of StageX's kind: a branch `release/R`, merged to staging, staging merged to
/// main by a commit that names the release, and a signed tag R.
package struct ReleaseView: Sendable {
  /// The release.
  package let name: String
  /// The release branch's tip; nil where there is none, as after publication.
  package let branch: ObjectID?
  /// The tip of staging; nil where there is none.
  package let staging: ObjectID?
  /// The tip of main; nil where there is none.
  package let main: ObjectID?
  /// The commit on main's first-parent line that names the release.
  package let merge: ObjectID?
  /// The state of staging that it took: its second parent.
  package let taken: ObjectID?
  /// What the release's digests and tag belong to: the merge, else the branch's tip.
  package var commit: ObjectID? { merge ?? branch }
  /// The release's tag; nil where it has not been made.
  package let tag: ObjectID?
  /// The newest release on main before this one.
  package let previous: (name: String, commit: ObjectID, taken: ObjectID?)?

  /// How far back on main a release is looked for.
  private static let most = 5000

  /// - Parameter remote: whose view is meant; nil for this repository's own branches.
  package init(
    _ name: String, in repository: Repository, remote: String?, mainName: String = "main",
    stagingName: String = "staging"
  ) throws(GitError) {
    self.name = name
    func tip(_ branch: String) throws(GitError) -> ObjectID? {
      if let remote, let id = try repository.resolve(ref: "refs/remotes/\(remote)/\(branch)") { return id }
      return try repository.resolve(ref: "refs/heads/\(branch)")
    }
    branch = try tip("release/" + name)
    staging = try tip(stagingName)
    main = try tip(mainName)
    tag = try repository.resolve(ref: "refs/tags/" + name)
    var at = main
    var count = 0
    var found: (commit: ObjectID, taken: ObjectID?)?
    var before: (name: String, commit: ObjectID, taken: ObjectID?)?
    while let id = at, count < Self.most, before == nil {
      let (commit, bytes) = try repository.readCommit(id)
      let subject = Self.subject(bytes[commit.message])
      let taken = commit.parents.count > 1 ? commit.parents[1] : nil
      if commit.parents.count > 1, let named = Self.release(in: subject) {
        if found == nil, named == name {
          found = (id, taken)
        } else if found != nil {
          before = (named, id, taken)
        }
      }
      at = commit.parents.first
      count += 1
    }
    merge = found?.commit
    taken = found?.taken
    previous = before
  }

  /// The releases that main names, newest first.
  package static func names(in repository: Repository, main: ObjectID, atMost most: Int) throws(GitError) -> [String] {
    var names: [String] = []
    var at: ObjectID? = main
    var count = 0
    while let id = at, count < Self.most, names.count < most {
      let (commit, bytes) = try repository.readCommit(id)
      if commit.parents.count > 1, let name = release(in: subject(bytes[commit.message])), !names.contains(name) {
        names.append(name)
      }
      at = commit.parents.first
      count += 1
    }
    return names
  }

  static func subject(_ message: some Collection<UInt8>) -> String {
    String(decoding: message.drop { $0 == UInt8(ascii: "\n") }.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  /// `2026.01.0` of `Merge branch 'staging' (Release 2026.01.0)` and of `Merge branch 'release/2026.01.0'`.
  package static func release(in subject: String) -> String? {
    for mark in ["(Release ", "(Release: ", "'release/"] {
      guard let range = subject.firstRange(of: mark) else { continue }
      let name = String(subject[range.upperBound...].prefix { isNamePart($0) })
      if isName(name) { return name }
    }
    return nil
  }

  private static func isNamePart(_ character: Character) -> Bool {
    character.isASCII && (character.isNumber || character == ".")
  }

  /// `YYYY.MM.N`.
  package static func isName(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 3 && parts[0].count == 4 && parts[1].count == 2 && (1...4).contains(parts[2].count)
      && parts.allSatisfy { $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }
  }
}

/// Whose key a commit's signature names. Whether it counts is the rule's answer, not this one's.
package func namedSigner(of commit: ObjectID, in repository: Repository, registry: Registry) -> String? {
  guard let (parsed, bytes) = try? repository.readCommit(commit),
    case .openPGP(let packet) = SignatureBlock.read(
      armor: unsafe bytes.withUnsafeBytes { unsafe parsed.signatureArmor(in: $0) }),
    let place = registry.keyring.candidates(for: packet).first
  else { return nil }
  return registry.key(registry.keyring.certificates[place.certificate].primary)?.person
}
