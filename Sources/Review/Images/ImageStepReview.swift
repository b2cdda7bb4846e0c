package import GitBridge

/// What a step may do to a repository of image signatures: add good signatures of maintainers, and nothing else.
///
/// How many maintainers signed a digest is not asked here: that is counted at release.
struct ImageStepReview {
  let repository: Repository
  let settings: ReviewSettings

  func judge(
    commit: ObjectID, ref: String, rules: Rules, oldTree: ObjectID, newTree: ObjectID
  ) throws(ReviewProblem) -> [Refusal] {
    let changes = try reading { () throws(GitError) in try repository.changes(from: oldTree, to: newTree) }
    var refusals: [Refusal] = []
    var added: [ImageName: Set<[UInt8]>] = [:]
    func refuse(_ code: RefusalCode, _ path: [UInt8], _ why: String, next: String = "stagex-maint signatures verify, then stagex-maint stage again") {
      refusals.append(
        Refusal(code, commit: commit, ref: ref, message: "\(commit.short): \(printable(path, limit: 400)): \(why)", next: next))
    }
    for change in changes {
      guard change.oldMode == 0 else {
        refuse(
          .signatureFileChanged, change.path, change.newMode == 0 ? "it is removed; signatures are only added" : "it is changed; signatures are only added",
          next: "git checkout \(shellWord(ref)) -- \(shellWord(change.path, limit: 400))")
        continue
      }
      guard let (image, name) = ImageFile.place(change.path) else {
        refuse(.signatureFileInvalid, change.path, "it is not the place of a signature, REPOSITORY/PACKAGE@sha256=DIGEST/signature-N")
        continue
      }
      // A link would show another file than the one that is judged here.
      guard change.newMode == FileMode.file else {
        refuse(.signatureFileInvalid, change.path, "it is not a regular file of mode 100644")
        continue
      }
      added[image, default: []].insert(name)
    }
    let judge = ImageJudge(loaded: rules.loaded, terms: rules.terms(settings))
    for (image, names) in added.sorted(by: { $0.key < $1.key }) {
      try settings.checkDeadline()
      let files = try self.files(of: image, in: newTree)
      // What was added and is not among what is judged would pass unseen.
      for name in names.subtracting(files.map(\.name)) {
        refuse(.signatureFileInvalid, Array("\(image.folder)/".utf8) + name, "it is not found in its folder")
      }
      for file in judge.judge(files, of: image) where names.contains(file.name) {
        if case .unjudged(let text) = file.signature { throw .engine(text) }
        guard let objection = file.objection else { continue }
        refuse(Self.code(file.standing), Array("\(image.folder)/".utf8) + file.name, objection)
      }
    }
    return refusals
  }

  private static func code(_ standing: JudgedImageFile.Standing) -> RefusalCode {
    switch standing {
    case .duplicate: .signatureFileDuplicate
    case .hidden: .signatureFileGap
    default: .signatureFileInvalid
    }
  }

  private func files(of image: ImageName, in tree: ObjectID) throws(ReviewProblem) -> [ImageFile] {
    try reading { () throws(GitError) in try repository.imageFiles(of: image, in: tree) }
  }
}

extension Repository {
  /// What lies in an image's folder of a tree; nothing when there is no such folder.
  package func imageFiles(of image: ImageName, in tree: ObjectID) throws(GitError) -> [ImageFile] {
    guard let folder = try entry(tree: tree, path: Array(image.folder.utf8)), folder.mode == FileMode.folder else { return [] }
    return try self.tree(folder.id).map { (entry) throws(GitError) in try imageFile(entry) }
  }

  /// An entry of an image's folder, with what it holds.
  package func imageFile(_ entry: TreeEntry) throws(GitError) -> ImageFile {
    ImageFile(name: entry.name, content: entry.mode == FileMode.file ? try imageFile(entry.id) : .notAFile)
  }

  /// What a blob holds that lies, or shall lie, in an image's folder.
  package func imageFile(_ blob: ObjectID) throws(GitError) -> ImageFile.Content {
    // Attack: a few pushed bytes that inflate to gigabytes.
    guard try size(of: blob) ?? 0 <= ImageSignature.limit else { return .oversize }
    return .bytes(try read(blob, as: .blob))
  }
}
