package import GitBridge
internal import OpenPGP
package import Review

/// What a reviewer should know of a pull request before reading its diff.
package struct ChangeSurvey: Sendable {
  /// One changed path.
  package struct File: Sendable {
    package let change: PathChange
    /// Lines; nil for binary files and submodules.
    package var added: Int?
    package var removed: Int?
    package var isBinary: Bool
  }

  /// One new commit, as its author and its signature tell it.
  package struct Commit: Sendable {
    package let id: ObjectID
    /// Safe to print.
    package let author: String
    package let signature: String
    package let subject: String
  }

  package let files: [File]
  /// Parents first.
  package let commits: [Commit]
  package let hidden: [HiddenText]
  /// More hidden text was found than is listed.
  package let hasMoreHidden: Bool

  package var binaries: [File] { files.filter { $0.isBinary && $0.change.newMode != FileMode.gitlink } }
  package var gitlinks: [File] {
    files.filter { $0.change.newMode == FileMode.gitlink || $0.change.oldMode == FileMode.gitlink }
  }
  /// New executables, and executables whose content or mode changes.
  package var executables: [File] { files.filter { $0.change.newMode == FileMode.executable } }
  package var symbolicLinks: [File] { files.filter { $0.change.newMode == FileMode.symbolicLink } }

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
    try naming { () throws(GitError) in
      let changes = try repository.changes(from: start, to: end)
      for change in changes {
        if HiddenText.hides(change.path) {
          hidden.append(HiddenText(place: "the name of a path", line: nil, shown: printable(change.path)))
        }
        let old = try Self.text(change.oldMode, change.oldID, repository)
        let new = try Self.text(change.newMode, change.newID, repository)
        let isBinary = old == nil || new == nil
        let lines = isBinary ? nil : counts[change.path]
        files.append(File(change: change, added: lines?.0, removed: lines?.1, isBinary: isBinary))
        if let old, let new, hidden.count <= Self.mostHidden {
          hidden += HiddenText.find(in: new, notIn: old, place: printable(change.path), most: Self.mostHidden)
        }
      }
    }
    var commits: [Commit] = []
    try naming { () throws(GitError) in
      for id in ids {
        let (commit, bytes) = try repository.readCommit(id)
        commits.append(Commit(id, commit, bytes, registry))
        let shown =
          [bytes[commit.author], bytes[commit.committer]] + bytes[commit.message].split(separator: UInt8(ascii: "\n"))
        for line in shown where HiddenText.hides(line) {
          hidden.append(HiddenText(place: "commit \(id.short)", line: nil, shown: printable(line, limit: 160)))
        }
      }
    }
    self.files = files
    self.commits = commits
    self.hidden = Array(hidden.prefix(Self.mostHidden))
    hasMoreHidden = hidden.count > Self.mostHidden
  }

  /// A file's bytes; empty for an absent one, nil for one that is no text.
  private static func text(_ mode: UInt32, _ id: ObjectID, _ repository: Repository) throws(GitError) -> [UInt8]? {
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

extension ChangeSurvey.Commit {
  init(_ id: ObjectID, _ commit: CommitParse, _ bytes: [UInt8], _ registry: Registry) {
    self.id = id
    // `Name <address> seconds zone`: without the time.
    let words = bytes[commit.author].split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).dropLast(2)
    author = printable(Array(words.joined(separator: [UInt8(ascii: " ")])), limit: 80)
    let message = bytes[commit.message].drop { $0 == UInt8(ascii: "\n") }
    subject = printable(message.prefix { $0 != UInt8(ascii: "\n") }, limit: 100)
    guard commit.signature != nil else {
      signature = "not signed"
      return
    }
    let armor = unsafe bytes.withUnsafeBytes { unsafe commit.signatureArmor(in: $0) }
    switch SignatureBlock.read(armor: armor) {
    case .ssh: signature = "signed with SSH"
    case .x509: signature = "signed with X.509"
    case .unreadable(let defect): signature = defect.message
    case .openPGP(let packet):
      // Whom it names; whether it is good is the rule's answer, printed beside it.
      let place = registry.keyring.candidates(for: packet).first
      let person = place.flatMap { registry.key(registry.keyring.certificates[$0.certificate].primary)?.person }
      signature =
        person.map { "signed with a key of \(printable($0))" } ?? "signed with an OpenPGP key of nobody registered"
    }
  }
}
