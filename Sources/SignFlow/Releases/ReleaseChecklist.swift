package import GitBridge
package import Review

/// What a release has and lacks, by what the history itself shows. What the rule says of it, and who signed the
/// digests, is put in by whoever can judge that.
package struct ReleaseChecklist {
  private let repository: Repository
  private let view: ReleaseView
  private let registry: Registry

  package init(_ view: ReleaseView, in repository: Repository, registry: Registry) {
    (self.repository, self.view, self.registry) = (repository, view, registry)
  }

  /// Before the merge to main: the branch. After it: the merge, the tag.
  package func items() throws(GitError) -> [ReleaseItem] {
    try [branch(), content(), staging(), main(), tree(), tag(), notes()]
  }

  private var isPublished: Bool { view.merge != nil }
  private var branchName: String { "release/\(view.name)" }

  private func branch() throws(GitError) -> ReleaseItem {
    if let branch = view.branch { return ReleaseItem("branch", .done, "\(branchName) stands at \(branch.short)") }
    if isPublished { return ReleaseItem("branch", .done, "\(branchName) is gone; the release is on main") }
    return ReleaseItem("branch", .missing, "there is no \(branchName)", next: "make prepare-release-branch")
  }

  /// Besides digests and signatures a release branch holds nothing that staging does not hold.
  private func content() throws(GitError) -> ReleaseItem {
    guard let branch = view.branch else {
      return ReleaseItem(
        "content", isPublished ? .unknown : .missing, "without the branch it cannot be told what it alone held")
    }
    guard let staging = view.staging, let base = try repository.mergeBases(branch, staging).first else {
      return ReleaseItem("content", .unknown, "there is no staging here to hold it against", next: "git fetch")
    }
    let changes = try repository.changes(
      from: try repository.treeOfCommit(base), to: try repository.treeOfCommit(branch))
    let own = changes.filter { !Self.isDigestOrSignature($0.path) }
    guard let first = own.first else {
      return ReleaseItem(
        "content", .done,
        "besides \(changes.count) \(changes.count == 1 ? "file" : "files") of digests nothing that staging lacks")
    }
    if try isLate(branch) {
      return ReleaseItem(
        "content", .done,
        """
        \(own.count) late \(own.count == 1 ? "change" : "changes") after the merge to main, \
        on the branch alone, such as \(printable(first.path))
        """)
    }
    return ReleaseItem(
      "content", .wrong,
      """
      \(own.count) \(own.count == 1 ? "file differs" : "files differ") from what staging holds, \
      such as \(printable(first.path))
      """,
      next: "git diff \(base.short) \(branch.short) -- ':!digests'   (a patch goes to staging first)")
  }

  private static func isDigestOrSignature(_ path: [UInt8]) -> Bool {
    path.starts(with: "digests/".utf8) || path == Array("signatures".utf8) || path.starts(with: "signatures/".utf8)
  }

  /// Changes after the merge to main stay on the release branch, with a tag of their own.
  private func isLate(_ commit: ObjectID) throws(GitError) -> Bool {
    guard let taken = view.taken, commit != taken else { return false }
    guard let main = view.main, try !repository.mergeBases(commit, taken).isEmpty else { return false }
    return try !repository.isAncestor(commit, of: main)
  }

  private func staging() throws(GitError) -> ReleaseItem {
    guard let staging = view.staging else {
      return ReleaseItem("staging", .unknown, "there is no staging here", next: "git fetch")
    }
    if let taken = view.taken {
      return try repository.isState(taken, ofTip: staging)
        ? ReleaseItem("staging", .done, "main took \(taken.short), a state of staging")
        : ReleaseItem(
          "staging", .wrong, "main took \(taken.short), which staging never stood at",
          next: "git log --first-parent staging")
    }
    guard let branch = view.branch else {
      return ReleaseItem("staging", .missing, "there is nothing to merge yet", next: "make prepare-release-branch")
    }
    return try repository.isAncestor(branch, of: staging)
      ? ReleaseItem("staging", .done, "staging holds \(branch.short)")
      : ReleaseItem(
        "staging", .missing, "staging does not hold \(branchName) at \(branch.short)",
        next: "git switch staging && git merge -S --no-ff \(branchName)")
  }

  private func main() throws(GitError) -> ReleaseItem {
    guard let merge = view.merge else {
      return ReleaseItem(
        "main", .missing, "no merge on main names the release",
        next: "git switch main && git merge -S --no-ff -m \"Merge branch 'staging' (Release \(view.name))\" staging")
    }
    guard let signer = namedSigner(of: merge, in: repository, registry: registry) else {
      return ReleaseItem(
        "main", .wrong, "\(merge.short) names the release, and nobody registered has signed it",
        next: "stagex-maint explain \(merge.short)")
    }
    return ReleaseItem("main", .done, "\(merge.short) names the release, signed with \(printable(signer))'s key")
  }

  private func tree() throws(GitError) -> ReleaseItem {
    guard let merge = view.merge, let taken = view.taken else {
      return ReleaseItem("tree", .missing, "there is no merge on main yet")
    }
    return try repository.treeOfCommit(merge) == repository.treeOfCommit(taken)
      ? ReleaseItem("tree", .done, "main holds exactly what staging held at \(taken.short)")
      : ReleaseItem(
        "tree", .wrong, "main's tree differs from staging's at \(taken.short)",
        next: "git diff \(taken.short) \(merge.short)")
  }

  private func tag() throws(GitError) -> ReleaseItem {
    let make =
      "git tag -s \(view.name) \(view.commit?.short ?? "COMMIT")   (the text: stagex-maint release notes \(view.name))"
    guard let id = view.tag else { return ReleaseItem("tag", .missing, "there is no tag \(view.name)", next: make) }
    guard let tag = try TagReading(id, in: repository, registry: registry) else {
      return ReleaseItem("tag", .wrong, "\(view.name) is no annotated tag, so it carries no signature", next: make)
    }
    let parsed = try repository.readTag(id).tag
    guard parsed.name == Array(view.name.utf8) else {
      return ReleaseItem("tag", .wrong, "the tag object says that it is \(printable(parsed.name))", next: make)
    }
    guard let signer = tag.signer else {
      return ReleaseItem("tag", .wrong, "\(view.name) carries no signature of anybody registered", next: make)
    }
    if tag.target == view.merge {
      return ReleaseItem("tag", .done, "\(view.name) on main's merge, signed with \(printable(signer))'s key")
    }
    if try isLate(tag.target) {
      return ReleaseItem(
        "tag", .done, "\(view.name) on the late \(tag.target.short), signed with \(printable(signer))'s key")
    }
    return ReleaseItem(
      "tag", .wrong, "\(view.name) tags \(tag.target.short), which is not the release",
      next: "stagex-maint check . --release \(view.name)")
  }

  private func notes() throws(GitError) -> ReleaseItem {
    guard let id = view.tag, let tag = try TagReading(id, in: repository, registry: registry) else {
      return ReleaseItem(
        "notes", .missing, "there is no tag whose text could name changes and contributors",
        next: "stagex-maint release notes \(view.name)")
    }
    let lines = tag.message.split(separator: UInt8(ascii: "\n")).count
    return lines > 2
      ? ReleaseItem("notes", .done, "the tag's text has \(lines) lines")
      : ReleaseItem(
        "notes", .wrong, "the tag's text names no changes and contributors",
        next: "stagex-maint release notes \(view.name)")
  }
}
