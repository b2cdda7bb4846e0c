internal import GitBridge
internal import OpenPGP
internal import Review

/// Finds what single commits hold and the whole diff does not show.
///
/// Attack: one commit brings a program and the next one takes it away. It is in no diff of the whole, and whoever
/// endorses the request endorses the commit that has it.
struct OwnPathFinder {
  private let repository: Repository
  private let start: ObjectID
  /// The whole diff, by path.
  private let final: [[UInt8]: PathChange]
  private var lines: [ObjectID: Set<Int>] = [:]

  init(_ repository: Repository, from start: ObjectID, whole: [PathChange]) {
    self.repository = repository
    self.start = start
    final = Dictionary(whole.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
  }

  mutating func paths(of commit: CommitParse) throws(GitError) -> [SurveyedCommit.OwnPath] {
    var own: [SurveyedCommit.OwnPath] = []
    for change in try changes(commit) {
      if let found = try look(at: change) { own.append(found) }
    }
    return own
  }

  /// What it has and none of its parents has at that path.
  private func changes(_ commit: CommitParse) throws(GitError) -> [PathChange] {
    let first = try commit.parents.first.map { id throws(GitError) in try repository.treeOfCommit(id) }
    var changes = try repository.changes(from: first, to: commit.tree)
    for parent in commit.parents.dropFirst() where !changes.isEmpty {
      let others = Set(try repository.changes(from: repository.treeOfCommit(parent), to: commit.tree).map(\.path))
      changes.removeAll { !others.contains($0.path) }
    }
    return changes
  }

  private mutating func look(at change: PathChange) throws(GitError) -> SurveyedCommit.OwnPath? {
    let last = final[change.path]
    if let last, last.newMode == change.newMode, last.newID == change.newID { return nil }
    let before: (mode: UInt32, id: ObjectID)
    if let last {
      before = (last.oldMode, last.oldID)
    } else {
      let entry = try repository.entry(tree: start, path: change.path)
      before = entry.map { ($0.mode, $0.id) } ?? (0, .zero)
    }
    func own(_ kind: SurveyedCommit.OwnPath.Kind, _ what: String) -> SurveyedCommit.OwnPath {
      SurveyedCommit.OwnPath(change: change, kind: kind, what: what)
    }
    if change.newMode == before.mode, change.newID == before.id {
      return own(.back, change.newMode == 0 ? "gone again" : "as before")
    }
    if change.newMode == 0 { return own(.passing, "gone here, and there again later") }
    let end = last.map { ($0.newMode, $0.newID) } ?? before
    guard change.newMode == end.0 || change.newMode == before.mode else {
      let word = ChangeSurvey.word(forMode: change.newMode)
      let isGone = end.0 == 0 && before.mode == 0
      return own(
        .passing,
        isGone
          ? "\(word) that a later commit takes away" : "\(word) here, \(ChangeSurvey.word(forMode: end.0)) in the end")
    }
    guard let new = try known(change.newMode, change.newID) else {
      return own(.passing, "another \(ChangeSurvey.word(forMode: change.newMode))")
    }
    let old = try known(before.mode, before.id) ?? []
    let later = try known(end.0, end.1) ?? []
    let unseen = new.subtracting(old).subtracting(later).count
    if unseen == 0 { return own(.onTheWay, "another version, of lines that the whole diff shows") }
    return own(.passing, "\(unseen) \(unseen == 1 ? "line" : "lines") that the whole diff does not show")
  }

  /// The lines of a text, hashed; nil for what is no text.
  private mutating func known(_ mode: UInt32, _ id: ObjectID) throws(GitError) -> Set<Int>? {
    if mode == 0 { return [] }
    if mode == FileMode.symbolicLink || mode == FileMode.gitlink { return nil }
    if let seen = lines[id] { return seen }
    guard let text = try ChangeSurvey.text(mode, id, repository) else { return nil }
    let set = Set(text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(\.hashValue))
    if lines.count > 500 { lines.removeAll() }
    lines[id] = set
    return set
  }
}
