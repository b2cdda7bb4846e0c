package import GitBridge
package import Review

/// What a reviewer should know of a pull request before reading its diff.
package struct ChangeSurvey: Sendable {
  /// One changed path.
  package struct File: Sendable {
    /// The path, and what it becomes.
    package let change: PathChange
    /// Lines; nil for binary files and submodules.
    package var added: Int?
    /// Lines that go; nil where nobody can count them.
    package var removed: Int?
    /// Whether git takes it for no text.
    package var isBinary: Bool
  }

  /// Each path that differs.
  package let files: [File]
  /// Everything that the signature will endorse, parents first.
  package let commits: [SurveyedCommit]
  /// What a screen would not show.
  package let hidden: [HiddenText]
  /// More hidden text was found than is listed.
  package let hasMoreHidden: Bool
  /// Names that look like another one in the same place, safe to print.
  package let twins: [(name: String, other: String)]
  /// Where each symbolic link leads, safe to print, and whether that is out of the repository.
  package let links: [(path: String, target: String, leaves: Bool)]

  /// Files that nobody can review line by line.
  package var binaries: [File] { files.filter { $0.isBinary && $0.change.newMode != FileMode.gitlink } }
  /// Submodules that are added or moved.
  package var gitlinks: [File] {
    files.filter { $0.change.newMode == FileMode.gitlink || $0.change.oldMode == FileMode.gitlink }
  }
  /// New executables, and executables whose content or mode changes.
  package var executables: [File] { files.filter { $0.change.newMode == FileMode.executable } }
  /// Files whose mode changes, and files that become links or folders' contents, or the other way round.
  package var modeChanges: [File] {
    files.filter { $0.change.oldMode != 0 && $0.change.newMode != 0 && $0.change.oldMode != $0.change.newMode }
  }
  /// Files by which git itself is told how to show, filter, merge or fetch others.
  package var gitSettings: [File] {
    files.filter { file in
      let name = file.change.path.split(separator: UInt8(ascii: "/")).last.map {
        String(decoding: $0, as: UTF8.self).lowercased()
      }
      return [".gitattributes", ".gitmodules", ".mailmap"].contains(name ?? "")
    }
  }

  static let mostHidden = 50
  /// Files beyond this are called binary instead of being searched, in bytes.
  static let largestSearched = 4 << 20

  /// - Parameters:
  ///   - start: The tree before the changes.
  ///   - end: The tree after them.
  ///   - commits: The new commits, parents first.
  package init(
    from start: ObjectID, to end: ObjectID, commits ids: [ObjectID], registry: Registry, repository: Repository,
    git: GitRunner
  ) throws(CosignError) {
    let counts = try Self.lineCounts(start, end, git)
    var files: [File] = []
    var hidden: [HiddenText] = []
    var links: [(String, String, Bool)] = []
    var twins: [(String, String)] = []
    var names = NameTwins(repository, tree: end)
    func search(_ change: PathChange, _ old: [UInt8]?, _ new: [UInt8]?, in place: String) throws(GitError) {
      if HiddenText.hidesInName(change.path) {
        hidden.append(
          HiddenText(trick: .invisible, place: "the name of a path", line: nil, shown: printable(change.path)))
      }
      if change.newMode == FileMode.symbolicLink {
        let target = try repository.read(change.newID, as: .blob)
        links.append((place, printable(target, limit: .max), Self.leaves(target, from: change.path)))
      } else if let new, hidden.count <= Self.mostHidden {
        hidden += HiddenText.find(in: new, notIn: [old ?? []], place: place, most: Self.mostHidden)
      }
    }
    var whole: [PathChange] = []
    try naming { () throws(GitError) in
      whole = try repository.changes(from: start, to: end)
      for change in whole {
        let old = try Self.text(change.oldMode, change.oldID, repository)
        let new = try Self.text(change.newMode, change.newID, repository)
        let isBinary = old == nil || new == nil
        let lines = isBinary ? nil : counts[change.path]
        files.append(File(change: change, added: lines?.0, removed: lines?.1, isBinary: isBinary))
        try search(change, old, new, in: printable(change.path))
        guard change.newMode != 0 else { continue }
        for twin in try names.twins(of: change.path) { twins.append((printable(change.path), printable(twin))) }
      }
    }
    var commits: [SurveyedCommit] = []
    var finder = OwnPathFinder(repository, from: start, whole: whole)
    try naming { () throws(GitError) in
      for id in ids {
        let (commit, bytes) = try repository.readCommit(id)
        let own = try finder.paths(of: commit)
        for path in own where path.kind == .passing && path.change.newMode != 0 {
          let old = try Self.text(path.change.oldMode, path.change.oldID, repository)
          let new = try Self.text(path.change.newMode, path.change.newID, repository)
          try search(path.change, old, new, in: "\(printable(path.change.path)) in \(id.short)")
        }
        commits.append(SurveyedCommit(id, commit, bytes, registry, own: own))
        let shown =
          [bytes[commit.author], bytes[commit.committer]] + bytes[commit.message].split(separator: UInt8(ascii: "\n"))
        for line in shown where HiddenText.hides(line) {
          hidden.append(
            HiddenText(
              trick: HiddenText.trick(of: line) ?? .invisible, place: "commit \(id.short)", line: nil,
              shown: printable(line, limit: 160)))
        }
      }
    }
    self.files = files
    self.commits = commits
    self.links = links
    self.twins = twins
    self.hidden = Array(hidden.prefix(Self.mostHidden))
    hasMoreHidden = hidden.count > Self.mostHidden
  }

  /// Whether a link leads out of the repository, or up from where it is and so perhaps out of a folder that is guarded.
  private static func leaves(_ target: [UInt8], from path: [UInt8]) -> Bool {
    if target.first == UInt8(ascii: "/") { return true }
    var depth = path.split(separator: UInt8(ascii: "/")).count - 1
    for part in target.split(separator: UInt8(ascii: "/")) {
      if part.elementsEqual("..".utf8) { depth -= 1 } else if !part.elementsEqual(".".utf8) { depth += 1 }
      if depth < 0 { return true }
    }
    return false
  }

  /// What a mode means, in a word.
  package static func word(forMode mode: UInt32) -> String {
    switch mode {
    case 0: "nothing"
    case FileMode.executable: "executable"
    case FileMode.symbolicLink: "symbolic link"
    case FileMode.gitlink: "submodule"
    default: "file"
    }
  }

  /// A file's bytes; empty for an absent one, nil for one that is no text.
  static func text(_ mode: UInt32, _ id: ObjectID, _ repository: Repository) throws(GitError) -> [UInt8]? {
    guard mode != 0 else { return [] }
    guard mode != FileMode.gitlink else { return nil }
    let bytes = try repository.read(id, as: .blob)
    guard bytes.count <= largestSearched, !bytes.contains(0) else { return nil }
    return bytes
  }

  /// Added and removed lines of each path, counted by git.
  private static func lineCounts(
    _ start: ObjectID, _ head: ObjectID, _ git: GitRunner
  ) throws(CosignError) -> [[UInt8]: (Int, Int)] {
    // --text: an attribute must not make a text file look binary, nor --no-textconv another file.
    let output = try git.succeed(
      "count lines",
      [
        "diff", "--numstat", "-z", "--text", "--no-renames", "--no-ext-diff", "--no-textconv",
        "--ignore-submodules=none", start.hex, head.hex, "--",
      ])
    var counts: [[UInt8]: (Int, Int)] = [:]
    for entry in output.split(separator: 0) {
      let parts = entry.split(separator: 0x09, maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, let added = Int(String(decoding: parts[0], as: UTF8.self)),
        let removed = Int(String(decoding: parts[1], as: UTF8.self))
      else { continue }
      counts[Array(parts[2])] = (added, removed)
    }
    return counts
  }
}
