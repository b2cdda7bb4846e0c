package import GitBridge
internal import OpenPGP

/// Finds what is wrong with the files that a step brings into a repository of image signatures.
///
/// How many maintainers signed a digest is not asked here: that is counted at release.
struct ImageReader {
  let reader: StepReader

  private var repository: Repository { reader.repository }

  /// Looks at every new commit, not only at the step's two ends:
  /// what one brings and a later one takes away was published.
  // R115
  func findings(_ step: Step, _ table: CommitTable, under terms: StepTerms) throws(ReviewProblem) -> [ImageFinding] {
    let judge = ImageJudge(loaded: terms.loaded, terms: terms.signatures)
    var findings: [ImageFinding] = []
    for place in step.members {
      let record = table.records[place]
      guard record.defect == nil, !record.parents.isEmpty else { continue }
      try reader.settings.checkDeadline()
      let changes = try self.changes(record, table)
      findings += try self.findings(changes, record.id, record.tree, judge)
    }
    // A number that is free in each of two lines of work may be taken twice, or stand behind a gap, where they meet.
    let (old, new) = try reading { () throws(GitError) in
      (try table.tree(of: step.old, in: repository), try table.tree(of: step.new, in: repository))
    }
    if old != new, step.members.count > 1 {
      let changes = try reading { () throws(GitError) in try repository.changes(from: old, to: new) }
      let known = Set(findings.map(\.path))
      findings += try self.findings(changes, step.new, new, judge).filter { !known.contains($0.path) }
    }
    return findings
  }

  /// What a commit does that none of its parents has: added by it, changed or removed against any of them.
  private func changes(_ record: CommitRecord, _ table: CommitTable) throws(ReviewProblem) -> [PathChange] {
    try reading { () throws(GitError) in
      var added: [[UInt8]: PathChange]?
      var others: [[UInt8]: PathChange] = [:]
      for parent in record.parents {
        var here: [[UInt8]: PathChange] = [:]
        for change in try repository.changes(from: try table.tree(of: parent, in: repository), to: record.tree) {
          if change.oldMode == 0 { here[change.path] = change } else { others[change.path] = change }
        }
        added = added?.filter { here[$0.key] != nil } ?? here
      }
      let all = Array((added ?? [:]).values) + Array(others.values)
      return all.sorted { $0.path.lexicographicallyPrecedes($1.path) }
    }
  }

  // R114
  private func findings(
    _ changes: [PathChange], _ commit: ObjectID, _ tree: ObjectID, _ judge: ImageJudge
  ) throws(ReviewProblem) -> [ImageFinding] {
    var findings: [ImageFinding] = []
    var added: [ImageName: Set<[UInt8]>] = [:]
    for change in changes {
      // The rules' files are judged as rules.
      if Self.isRuleFile(change.path) { continue }
      guard change.oldMode == 0 else {
        findings.append(ImageFinding(change.newMode == 0 ? .removed : .changed, commit: commit, path: change.path))
        continue
      }
      guard let (image, name) = ImageFile.place(change.path) else {
        findings.append(ImageFinding(.misplaced, commit: commit, path: change.path))
        continue
      }
      // A link would show another file than the one that is judged here.
      guard change.newMode == FileMode.file else {
        findings.append(ImageFinding(.notAFile, commit: commit, path: change.path))
        continue
      }
      added[image, default: []].insert(name)
    }
    let folders = ImageFolders(repository, tree: tree)
    for (image, names) in added.sorted(by: { $0.key < $1.key }) {
      try reader.settings.checkDeadline()
      let files = try reading { () throws(GitError) in try folders.files(of: image) }
      // What was added and is not among what is judged would pass unseen.
      for name in names.subtracting(files.map(\.name)) {
        findings.append(ImageFinding(.notFound, commit: commit, path: Array("\(image.folder)/".utf8) + name))
      }
      for file in judge.judge(files, of: image) where names.contains(file.name) {
        if case .unjudged(let text) = file.signature { throw .engine(text) }
        guard let objection = file.objection else { continue }
        findings.append(
          ImageFinding(
            Self.kind(file.standing), commit: commit, path: Array("\(image.folder)/".utf8) + file.name,
            detail: objection))
      }
    }
    return findings
  }

  private static func isRuleFile(_ path: [UInt8]) -> Bool {
    path == Array(MaintainersFile.path.utf8) || path == Array(Policy.path.utf8)
      || path.starts(with: "\(Registry.keysFolder)/".utf8)
  }

  private static func kind(_ standing: JudgedImageFile.Standing) -> ImageFinding.Kind {
    switch standing {
    case .duplicate: .duplicate
    case .hidden: .gap
    default: .worthless
    }
  }
}

/// The folders of images in one tree. Each folder above them is read once, however many images are asked for.
private final class ImageFolders {
  private let repository: Repository
  private let tree: ObjectID
  private var known: [ObjectID: [[UInt8]: TreeEntry]] = [:]

  init(_ repository: Repository, tree: ObjectID) {
    self.repository = repository
    self.tree = tree
  }

  func files(of image: ImageName) throws(GitError) -> [ImageFile] {
    var folder = tree
    for part in image.folder.utf8.split(separator: UInt8(ascii: "/")) {
      guard let entry = try entries(folder)[Array(part)], entry.mode == FileMode.folder else { return [] }
      folder = entry.id
    }
    return try repository.tree(folder).map { (entry) throws(GitError) in try repository.imageFile(entry) }
  }

  private func entries(_ folder: ObjectID) throws(GitError) -> [[UInt8]: TreeEntry] {
    if let found = known[folder] { return found }
    let found = Dictionary(try repository.tree(folder).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    known[folder] = found
    return found
  }
}

extension Repository {
  /// What lies in an image's folder of a tree; nothing when there is no such folder.
  package func imageFiles(of image: ImageName, in tree: ObjectID) throws(GitError) -> [ImageFile] {
    guard let folder = try entry(tree: tree, path: Array(image.folder.utf8)), folder.mode == FileMode.folder else {
      return []
    }
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
