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

  package init(
    clone: SignaturesClone, judge: ImageJudge, person: String, release: String, remote: String, base: String, namespace: String
  ) {
    self.clone = clone
    self.judge = judge
    self.person = person
    self.release = release
    self.remote = remote
    self.base = base
    self.namespace = namespace
  }

  package var branch: String { "release/\(release)" }
  private var ref: String { "refs/heads/\(branch)" }

  /// Where the signatures are bound.
  package enum Way: Sendable {
    /// To the release's branch, which a pull request then brings to the base.
    case branch
    /// By AGit: straight to a pull request for the base, without a branch.
    case agit
  }

  package struct Staged: Sendable {
    package let commit: ObjectID
    /// New in this commit.
    package let images: [ImageName]
    /// Whether a commit was made; false when there was nothing new.
    package let isNew: Bool
  }

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
    _ images: [ImageName], way: Way, identity: String, by signer: inout some Signer
  ) throws(Stop) -> Staged {
    let (target, local) = try flow { () throws(FlowError) in try tips(way) }
    let store = try flow { () throws(FlowError) in try SignatureStore(path: clone.path) }
    var parents: [ObjectID] = []
    let prepared = try flow { () throws(FlowError) in
      try reading { () throws(GitError) in try prepare(target: target, local: local) }
    }
    parents = prepared.parents
    var tree = prepared.tree
    guard prepared.collisions.isEmpty else {
      throw .flow(
        FlowError(
          .refused, "\(base) and \(branch) hold different files as \(prepared.collisions.prefix(3).joined(separator: ", "))",
          next: "ask whoever staged them to stage again: nobody may move another's signature"))
    }
    let fresh = try flow { () throws(FlowError) in try self.fresh(images, store: store, tree: &tree) }
    guard !fresh.isEmpty || parents.count > 1 else {
      guard let tip = parents.first else { throw .flow(FlowError(.refused, "there is nothing of yours to stage", next: "stagex-maint sign")) }
      // Others may have gone on meanwhile; a branch left behind them could not be pushed.
      if local != tip {
        try flow { () throws(FlowError) in
          try reading { () throws(GitError) in
            try clone.repository.updateRef(ref, to: tip, expecting: local, message: "stagex-maint stage: forward")
          }
        }
      }
      return Staged(commit: tip, images: [], isNew: false)
    }
    let written = try flow { () throws(FlowError) in try reading { () throws(GitError) in try tree.write() } }
    let text = CommitText(
      tree: written, parents: parents, author: Array(identity.utf8), committer: Array(identity.utf8), message: message(fresh))
    let armor: [UInt8]
    do throws(SigningError) {
      armor = try signer.detachedSignature(over: text.payload)
    } catch {
      throw .signing(error)
    }
    let commit = try flow { () throws(FlowError) in
      let commit = try reading { () throws(GitError) in try clone.repository.write(.commit, text.bytes(signature: armor)) }
      try reading { () throws(GitError) in
        try clone.repository.updateRef(ref, to: commit, expecting: local, message: "stagex-maint stage")
      }
      return commit
    }
    return Staged(commit: commit, images: fresh, isNew: true)
  }

  /// Brings the work tree to the branch's tip: our own files may have got other numbers there.
  package func cleanUp(_ images: [ImageName]) throws(FlowError) {
    guard let store = try SignatureStore(path: clone.path), let tip = try clone.tip(ref) else { return }
    let tree = try clone.tree(of: tip)
    for image in images {
      let held = try reading { () throws(GitError) in try contents(of: image, in: tree) }
      for file in try store.files(of: image) {
        // Only what the commit holds, whatever its number there: nothing of which this is the only copy.
        guard case .bytes(let bytes) = file.content, let name = String(validating: file.name, as: UTF8.self),
          ImageFile.number(of: file.name) != nil, held[name] != bytes, held.values.contains(bytes)
        else { continue }
        _ = unsafe unlink("\(clone.path)/\(image.folder)/\(name)")
      }
    }
    guard try clone.run("symbolic-ref", "HEAD", ref).status == 0, try clone.run("reset", "--quiet").status == 0,
      try clone.run("checkout", "--quiet", "--", namespace).status == 0
    else { throw FlowError(.impossible, "the work tree of \(printable(clone.path)) could not be brought to \(branch)", next: "git -C \(printable(clone.path)) status") }
  }

  // MARK: Pieces

  /// Where the target stands, and where the local branch does.
  private func tips(_ way: Way) throws(FlowError) -> (target: ObjectID?, local: ObjectID?) {
    let base = try clone.tip("refs/remotes/\(remote)/\(base)")
    let target: ObjectID?
    switch way {
    case .branch: target = try clone.tip("refs/remotes/\(remote)/\(branch)") ?? base
    case .agit: target = base
    }
    return (target, try clone.tip(ref))
  }

  private struct Prepared {
    var tree: StagedTree
    /// The first is the tip that the new commit stands on: a branch may only grow along first parents.
    var parents: [ObjectID]
    var collisions: [String]
  }

  private func prepare(target: ObjectID?, local: ObjectID?) throws(GitError) -> Prepared {
    let repository = clone.repository
    var parents: [ObjectID] = []
    if let target, let local {
      if try repository.isAncestor(target, of: local) {
        parents = [local]
      } else if try repository.isAncestor(local, of: target) {
        parents = [target]
      } else {
        parents = [target, local]
      }
    } else if let only = target ?? local {
      parents = [only]
    }
    // What came to the base meanwhile could hold the same numbers: the pull request would conflict.
    var tree = try StagedTree(repository, onto: parents.first.map { (tip) throws(GitError) in try repository.treeOfCommit(tip) })
    var collisions: [String] = []
    if let first = parents.first, let base = try repository.resolve(ref: "refs/remotes/\(remote)/\(base)"),
      try !repository.isAncestor(base, of: first)
    {
      collisions = try tree.unite(with: try repository.treeOfCommit(base), namespace: namespace)
      parents.append(base)
    }
    return Prepared(tree: tree, parents: parents, collisions: collisions)
  }

  /// Adds every good signature of this person that the tree does not hold yet; says for which images.
  private func fresh(_ images: [ImageName], store: SignatureStore?, tree: inout StagedTree) throws(FlowError) -> [ImageName] {
    guard let store else { return [] }
    var fresh: [ImageName] = []
    for image in images {
      let files = try store.files(of: image)
      guard !files.isEmpty else { continue }
      let held = try reading { () throws(GitError) in
        var held: [ImageFile] = []
        for (name, id) in try tree.files(of: image) {
          held.append(ImageFile(name: Array(name.utf8), content: .bytes(try clone.repository.read(id, as: .blob))))
        }
        return held
      }
      var given = own(held, image)
      for file in files {
        guard case .bytes(let bytes) = file.content, case .good(let statement, let signer) = judge.judge(bytes),
          signer.person == person, statement.image == image, given.insert(statement).inserted
        else { continue }
        try reading { () throws(GitError) in try tree.add(try clone.repository.write(.blob, bytes), to: image) }
        fresh.append(image)
      }
    }
    return fresh
  }

  private func own(_ files: [ImageFile], _ image: ImageName) -> Set<ImageStatement> {
    Set(judge.judge(files, of: image).compactMap { file in
      guard file.standing == .counts, case .good(let statement, let signer) = file.signature, signer.person == person else { return nil }
      return statement
    })
  }

  private func contents(of image: ImageName, in tree: ObjectID) throws(GitError) -> [String: [UInt8]] {
    guard let folder = try clone.repository.entry(tree: tree, path: Array(image.folder.utf8)) else { return [:] }
    var contents: [String: [UInt8]] = [:]
    for entry in try clone.repository.tree(folder.id) where entry.mode == FileMode.file {
      contents[String(decoding: entry.name, as: UTF8.self)] = try clone.repository.read(entry.id, as: .blob)
    }
    return contents
  }

  private func message(_ images: [ImageName]) -> String {
    guard !images.isEmpty else { return "Bring \(base) into \(branch)\n\nThe numbers of signatures are settled here, so that nothing hides.\n" }
    var text = "Sign \(images.count) \(images.count == 1 ? "image" : "images") of release \(release)\n\nSigned by \(printable(person)):\n\n"
    for image in images.prefix(1000) { text += "\(image)\n" }
    if images.count > 1000 { text += "and \(images.count - 1000) more\n" }
    return text
  }

  private func flow<Value>(_ body: () throws(FlowError) -> Value) throws(Stop) -> Value {
    do throws(FlowError) {
      return try body()
    } catch {
      throw .flow(error)
    }
  }
}

func reading<Value>(_ body: () throws(GitError) -> Value) throws(FlowError) -> Value {
  try SignaturesClone.reading(body)
}
