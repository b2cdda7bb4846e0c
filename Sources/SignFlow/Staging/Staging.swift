internal import Glibc
package import GitBridge
package import Review

/// Brings one maintainer's new signatures onto the release's branch of the signatures repository: one signed commit
/// on top of what is there, fast-forward only.
package struct Staging {
  private let clone: SignaturesClone
  private let judge: ImageJudge
  private let person: String
  private let release: String
  private let remote: String
  private let base: String
  private let namespace: String
  /// The signatures repository's identity, where its policy names one.
  private let identityOfRepository: String?

  package init(
    clone: SignaturesClone, judge: ImageJudge, person: String, release: String, remote: String, base: String,
    namespace: String,
    repository identity: String? = nil
  ) {
    identityOfRepository = identity
    self.clone = clone
    self.judge = judge
    self.person = person
    self.release = release
    self.remote = remote
    self.base = base
    self.namespace = namespace
  }

  /// The branch that signatures of a release go to.
  package var branch: String { "release/\(release)" }
  private var ref: String { "refs/heads/\(branch)" }

  /// Where the signatures are bound.
  package enum Way: Sendable {
    /// To the release's branch, which a pull request then brings to the base.
    case branch
    /// By AGit: straight to a pull request for the base, without a branch.
    case agit
  }

  /// What was made.
  package struct Staged: Sendable {
    /// The commit that holds the signatures.
    package let commit: ObjectID
    /// New in this commit.
    package let images: [ImageName]
    /// Whether a commit was made; false when there was nothing new.
    package let isNew: Bool
    /// Whether the base holds the commit already: then there is nothing to push, and nothing to ask for.
    package let isInBase: Bool
  }

  /// Why nothing was staged.
  package enum Stop: Error {
    case flow(FlowError)
    case signing(SigningError)
  }

  /// Makes the commit, on the local branch. The remote must have been fetched before, if it can be reached.
  ///
  /// - Parameters:
  ///   - images: Whose folders are looked through for good signatures of this person.
  ///   - identity: The committer, `NAME <EMAIL> SECONDS ZONE`.
  package func commit(
    _ images: [ImageName], way: Way, identity: String, by signer: inout some MaintainerSigner
  ) throws(Stop) -> Staged {
    let prepared = try flow { () throws(FlowError) in try prepare(images, way) }
    let ground = prepared.ground
    guard prepared.isNew else {
      guard let tip = ground.parent else {
        throw .flow(FlowError(.refused, "there is nothing of yours to stage", next: "stagex-maint sign"))
      }
      // Others may have gone on meanwhile; a branch left behind them could not be pushed.
      if ground.local != tip { try flow { () throws(FlowError) in try move(to: tip, from: ground.local, "forward") } }
      return try flow { () throws(FlowError) in
        Staged(commit: tip, images: [], isNew: false, isInBase: try isInBase(tip))
      }
    }
    let tree = try flow { () throws(FlowError) in try reading { () throws(GitError) in try prepared.tree.write() } }
    let text = CommitText(
      tree: tree, parents: [ground.parent].compactMap(\.self), author: Array(identity.utf8),
      committer: Array(identity.utf8),
      message: message(prepared.fresh, ground.parent, way))
    let armor: [UInt8]
    do throws(SigningError) {
      armor = try signer.detachedSignature(over: text.payload)
    } catch {
      throw .signing(error)
    }
    return try flow { () throws(FlowError) in
      let commit = try reading { () throws(GitError) in
        try clone.repository.write(.commit, text.bytes(signature: armor))
      }
      try move(to: commit, from: ground.local, "sign")
      return Staged(commit: commit, images: prepared.fresh, isNew: true, isInBase: false)
    }
  }

  /// Brings the work tree to the branch's tip: our own files may have got other numbers there.
  package func cleanUp(_ images: [ImageName]) throws(FlowError) {
    guard let store = try SignatureStore(path: clone.path), let tip = try clone.tip(ref) else { return }
    let tree = try clone.tree(of: tip)
    for image in images {
      let held = try reading { () throws(GitError) in try clone.repository.imageFiles(of: image, in: tree) }
      for file in try store.files(of: image) {
        // Only what the commit holds under another number: nothing of which this is the only copy.
        guard case .bytes(let bytes) = file.content, let number = ImageFile.number(of: file.name),
          held.contains(where: { $0.isFile(of: bytes) }),
          !held.contains(where: { $0.name == file.name && $0.isFile(of: bytes) })
        else { continue }
        _ = unsafe unlink("\(clone.path)/\(image.folder)/\(ImageFile.name(of: number))")
      }
    }
    let holdsNamespace = try reading { () throws(GitError) in
      try clone.repository.entry(tree: tree, path: Array(namespace.utf8)) != nil
    }
    func run(_ arguments: String...) throws(FlowError) {
      guard try clone.run(arguments).status != 0 else { return }
      throw FlowError(
        .impossible, "the work tree of \(printable(clone.path)) could not be brought to \(branch)",
        next: "git -C \(shellWord(clone.path)) status")
    }
    try run("symbolic-ref", "HEAD", ref)
    try run("reset", "--quiet")
    if holdsNamespace { try run("checkout", "--quiet", "--", namespace) }
  }

  // MARK: Pieces

  private struct Prepared {
    let ground: StagingGround
    let tree: StagedTree
    /// Images that this person's signatures are new for.
    let fresh: [ImageName]

    /// What only the base brings is no news: its pull request would be empty, and a touch wasted.
    var isNew: Bool { !fresh.isEmpty }
  }

  private func prepare(_ images: [ImageName], _ way: Way) throws(FlowError) -> Prepared {
    let tips = StagingGround.Tips(
      base: try clone.tip("refs/remotes/\(remote)/\(base)"),
      published: way == .agit ? nil : try clone.tip("refs/remotes/\(remote)/\(branch)"),
      local: try clone.tip(ref))
    let ground = try reading { () throws(GitError) in
      try StagingGround(clone.repository, tips) { local, target throws(GitError) in
        try holdsOnlySignatures(local, above: target)
      }
    }
    try demandNoCollision(ground)
    var tree = StagedTree(clone.repository, onto: ground.tree, beside: ground.beside)
    var fresh: [ImageName] = []
    func stage(_ file: ObjectID, _ statement: ImageStatement, _ image: ImageName) throws(FlowError) {
      if try add(file, stating: statement, to: image, &tree), fresh.last != image { fresh.append(image) }
    }
    // Signatures of one's own that were committed here and never arrived get new numbers.
    for (image, file) in try own(in: ground.aside, not: ground.tree) {
      guard let statement = own(try reading { () throws(GitError) in try clone.repository.imageFile(file) }, image)
      else { continue }
      try stage(file, statement, image)
    }
    let store = try SignatureStore(path: clone.path)
    for image in images {
      for file in try store?.files(of: image) ?? [] {
        guard case .bytes(let bytes) = file.content, let statement = own(file.content, image) else { continue }
        let blob = try reading { () throws(GitError) in try clone.repository.write(.blob, bytes) }
        try stage(blob, statement, image)
      }
    }
    for (image, entry) in tree.broughtAlong {
      if isGood(try reading { () throws(GitError) in try clone.repository.imageFile(entry) }.content, image) {
        continue
      }
      throw FlowError(
        .refused,
        """
        \(base) holds a file in \(image.folder) that is no good signature of it, and yours would have to stand behind it
        """,
        next: "git -C \(shellWord(clone.path)) log \(shellWord("\(remote)/\(base)")) -- \(shellWord(image.folder))")
    }
    return Prepared(ground: ground, tree: tree, fresh: fresh)
  }

  /// Whether commits that the remote does not have are nothing that anybody must look at: each on top of one other,
  /// each only adding good signatures.
  private func holdsOnlySignatures(_ local: ObjectID, above target: ObjectID?) throws(GitError) -> Bool {
    var at = local
    while at != target {
      let commit = try clone.repository.readCommit(at).commit
      guard commit.parents.count <= 1, target == nil || commit.parents.count == 1 else { return false }
      let before = try commit.parents.first.map { id throws(GitError) in try clone.repository.treeOfCommit(id) }
      for change in try clone.repository.changes(from: before, to: commit.tree) {
        guard change.oldMode == 0, change.newMode == FileMode.file, let (image, _) = ImageFile.place(change.path),
          isGood(try clone.repository.imageFile(change.newID), image)
        else { return false }
      }
      guard let parent = commit.parents.first else { return target == nil }
      at = parent
    }
    return true
  }

  /// The signature files that one tree holds and another does not, by what they are and not by their numbers.
  private func own(in tree: ObjectID?, not other: ObjectID) throws(FlowError) -> [(ImageName, ObjectID)] {
    guard let tree else { return [] }
    let changes = try reading { () throws(GitError) in try clone.repository.changes(from: other, to: tree) }
    return changes.compactMap { change in
      guard change.newMode == FileMode.file, let (image, _) = ImageFile.place(change.path) else { return nil }
      return (image, change.newID)
    }
  }

  /// What the base and the branch hold under one name, and differently: nobody may move another's signature.
  private func demandNoCollision(_ ground: StagingGround) throws(FlowError) {
    guard let beside = ground.beside else { return }
    let changes = try reading { () throws(GitError) in try clone.repository.changes(from: ground.tree, to: beside) }
    let collisions = changes.filter { $0.oldMode != 0 && $0.newMode != 0 && ImageFile.place($0.path) != nil }.map(
      \.path)
    guard collisions.isEmpty else { throw collision(collisions) }
  }

  private func isGood(_ content: ImageFile.Content, _ image: ImageName) -> Bool {
    guard case .bytes(let bytes) = content, case .good(let statement, _) = judge.judge(bytes) else { return false }
    return statement.image == image
  }

  /// Adds a file unless the tree holds this person's signature of the same statement, where programs find it.
  private func add(
    _ blob: ObjectID, stating statement: ImageStatement, to image: ImageName, _ tree: inout StagedTree
  ) throws(FlowError) -> Bool {
    let held = try reading { () throws(GitError) in try tree.files(of: image) }
    let isHeld = judge.judge(held, of: image).contains { file in
      guard file.standing == .counts, case .good(let found, let signer) = file.signature else { return false }
      return found == statement && signer.person == person
    }
    guard !isHeld else { return false }
    try reading { () throws(GitError) in try tree.add(blob, to: image) }
    return true
  }

  /// What a file states, if it is a good signature of this person over this image.
  private func own(_ content: ImageFile.Content, _ image: ImageName) -> ImageStatement? {
    guard case .bytes(let bytes) = content, case .good(let statement, let signer) = judge.judge(bytes),
      signer.person == person,
      statement.image == image
    else { return nil }
    return statement
  }

  private func collision(_ paths: [[UInt8]]) -> FlowError {
    FlowError(
      .refused,
      "\(base) and \(branch) hold different files as \(paths.prefix(3).map { printable($0) }.joined(separator: ", "))",
      next: "stagex-maint stage --agit, by whoever signed them: nobody may move another's signature")
  }

  private func move(to commit: ObjectID, from old: ObjectID?, _ what: String) throws(FlowError) {
    try reading { () throws(GitError) in
      // What is not below the new tip is kept under another name: nothing here may be the only copy.
      if let old, try !clone.repository.isAncestor(old, of: commit) {
        let kept = "refs/stagex-maint/staged/\(old.hex)"
        if try clone.repository.resolve(ref: kept) == nil {
          try clone.repository.updateRef(kept, to: old, expecting: nil, message: "stagex-maint stage: set aside")
        }
      }
      try clone.repository.updateRef(ref, to: commit, expecting: old, message: "stagex-maint stage: \(what)")
    }
  }

  private func isInBase(_ commit: ObjectID) throws(FlowError) -> Bool {
    guard let base = try clone.tip("refs/remotes/\(remote)/\(base)") else { return false }
    return try reading { () throws(GitError) in try clone.repository.isAncestor(commit, of: base) }
  }

  private func message(_ images: [ImageName], _ parent: ObjectID?, _ way: Way) -> String {
    let bounds = EndorsementBounds(
      base: parent, target: way == .agit ? "refs/heads/\(base)" : ref, repository: identityOfRepository)
    var text = """
      Sign \(images.count) \(images.count == 1 ? "image" : "images") of release \(release)

      Signed by \(printable(person)):\n\n
      """
    for image in images.prefix(1000) { text += "\(image)\n" }
    if images.count > 1000 { text += "and \(images.count - 1000) more\n" }
    return text + "\n" + bounds.trailers
  }

  private func flow<Value>(_ body: () throws(FlowError) -> Value) throws(Stop) -> Value {
    do throws(FlowError) {
      return try body()
    } catch {
      throw .flow(error)
    }
  }
}

extension ImageFile {
  fileprivate func isFile(of bytes: [UInt8]) -> Bool {
    if case .bytes(bytes) = content { true } else { false }
  }
}

func reading<Value>(_ body: () throws(GitError) -> Value) throws(FlowError) -> Value {
  try SignaturesClone.reading(body)
}
