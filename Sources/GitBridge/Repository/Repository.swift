internal import Clibgit2

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// One opened repository, for one thread.
///
/// Everything a judgement reads goes through here. The object store behind it has no way to write: the functions
/// that could are taken out of libgit2's backends when it is opened. Only ``write(_:_:)`` and its kin open another.
///
/// Not Sendable, since libgit2's last error belongs to the thread: ``again()`` opens a second one for another thread.
@safe package final class Repository {
  /// libgit2's repository and its read-only object store, owned.
  let handle: OpaquePointer
  let odb: OpaquePointer
  let configuration: Configuration
  let files: ConfigurationFiles
  let opening: Opening

  /// What has been learnt about commits: a commit that several questions touch is read once.
  let graph = CommitGraph()
  let knownTrees = KnownTrees()
  /// The store of merges done again; made by the first of them.
  var mergeStore: MergeStore?
  /// Who is asked what a merge yields; nil where there is nobody.
  package var git = GitProgram.ofThisProcess {
    didSet { mergeStore = nil }
  }
  /// The store that writes; made by the first write.
  var writer: ObjectWriter?

  /// How many paths a tree, a change or a merge may have. No distribution has more; but a few small trees that contain
  /// each other many times name billions.
  package var mostPaths = 2_000_000
  /// In bytes, of all paths of a change together, each with what is kept beside it.
  package var mostPathBytes = 128 << 20

  /// The `.git` folder (of this work tree), or the bare repository, without trailing slash.
  package let gitDirectory: String
  /// The folder that all work trees share; the same as ``gitDirectory`` where there are no others.
  package let commonDirectory: String
  /// The checked out files' folder, without trailing slash; nil in a bare repository.
  package let workTree: String?

  /// How a repository was opened, so that it can be opened again.
  enum Opening: Sendable {
    case discovered(path: String)
    case hook(path: String, quarantine: String?)
  }

  init(_ opening: Opening, files: ConfigurationFiles) throws(GitError) {
    try Library.start()
    let opened = try unsafe Repository.openHandle(opening)
    self.opening = opening
    self.files = files
    unsafe handle = opened.repository
    unsafe odb = opened.odb
    let paths = unsafe Repository.paths(of: opened.repository)
    gitDirectory = paths.git
    commonDirectory = paths.common
    workTree = paths.workTree
    do throws(GitError) {
      try Ownership.check(paths.owned, name: paths.workTree ?? paths.git, files: files)
      if case .discovered = opening { try Ownership.checkEmbedding(of: paths.git, files: files) }
      let opened = try unsafe Configuration.open(files, repository: opened.repository)
      if case .hook = opening { configuration = try opened.fixed() } else { configuration = opened }
    } catch {
      unsafe git_odb_free(opened.odb)
      unsafe git_repository_free(opened.repository)
      throw error
    }
    unsafe git_repository_set_config(handle, configuration.handle)
  }

  deinit {
    mergeStore = nil
    writer = nil
    unsafe git_odb_free(odb)
    unsafe git_repository_free(handle)
  }

  /// Where a repository was found, to open it once more on another thread.
  package struct Source: Sendable {
    let opening: Opening
    let files: ConfigurationFiles
    let git: GitProgram?
  }

  /// What another handle on the same repository is opened by.
  package var source: Source { Source(opening: opening, files: files, git: git) }

  /// A second handle on the same repository, for another thread; in a hook it sees the pushed objects too.
  package convenience init(again source: Source) throws(GitError) {
    try self.init(source.opening, files: source.files)
    git = source.git
  }

  /// Another handle, for another thread.
  package func again() throws(GitError) -> Repository { try Repository(again: source) }

  /// The version of libgit2 that reads here.
  package static var libraryVersion: String { Library.version }

  /// Keeps less of the packs in memory at a time from now on, in the whole process. Call it before a repository is
  /// opened.
  package static func mapLittle() throws(GitError) { try Library.mapLittle() }

  /// Whether it has no work tree.
  package var isBare: Bool { workTree == nil }

  /// True when history is cut off here, by a shallow clone or fetch.
  package var isShallow: Bool {
    // libgit2 looks beside a linked work tree's own files, where git never writes it.
    var status = stat()
    return unsafe stat(commonDirectory + "/shallow", &status) == 0 && status.st_size > 0
  }

  /// True when a remote has promised objects that were never fetched (`git clone --filter`).
  package var isPartialClone: Bool {
    if config("extensions.partialclone") != nil { return true }
    let promisors = try? configuration.entries(matching: "^remote\\..*\\.promisor$")
    return promisors?.isEmpty == false
  }
}
