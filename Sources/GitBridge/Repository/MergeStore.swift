internal import Clibgit2

/// What merging again makes: trees and commits in memory, and what git has written into its throwaway folder.
///
/// The repository's own objects are not in here; nothing is written into the repository.
// R105
@safe final class MergeStore {
  let odb: OpaquePointer
  private let memory: UnsafeMutablePointer<git_odb_backend>
  /// Objects that are in memory only, where git does not see them.
  private var waiting: [(kind: ObjectKind, bytes: [UInt8])] = []
  private let repository: Repository.MergingPlace
  private var git: GitMerging?

  init(_ place: Repository.MergingPlace) throws(GitError) {
    repository = place
    var made: OpaquePointer?
    try Library.check("prepare a merge", unsafe git_odb_new(&made))
    guard let made = unsafe made else { throw Library.failure("prepare a merge", -1) }
    var memory: UnsafeMutablePointer<git_odb_backend>?
    do throws(GitError) {
      try Library.check("prepare a merge", unsafe git_mempack_new(&memory))
      guard let memory = unsafe memory else { throw Library.failure("prepare a merge", -1) }
      // Before git's folder: the first that can write takes what is written.
      try Library.check("prepare a merge", unsafe git_odb_add_backend(made, memory, 999))
      unsafe self.memory = memory
      unsafe odb = made
    } catch {
      unsafe git_odb_free(made)
      throw error
    }
  }

  deinit {
    git = nil
    unsafe git_odb_free(odb)
  }

  /// Forgets everything that merges have made.
  func empty() throws(GitError) {
    waiting.removeAll()
    try Library.check("empty the merge store", unsafe git_mempack_reset(memory))
  }

  /// Keeps an object in memory.
  func write(_ kind: ObjectKind, _ bytes: [UInt8]) throws(GitError) -> ObjectID {
    var oid = git_oid()
    let status = unsafe bytes.withUnsafeBytes { buffer in
      let hashed = unsafe git_odb_hash(&oid, buffer.baseAddress, buffer.count, kind.type)
      guard hashed == 0 else { return hashed }
      return unsafe memory.pointee.write(memory, &oid, buffer.baseAddress, buffer.count, kind.type)
    }
    try Library.check("merge", status)
    waiting.append((kind, bytes))
    return ObjectID(oid)
  }

  /// True when a merge made this object.
  func holds(_ id: ObjectID) -> Bool {
    var oid = id.oid
    return unsafe git_odb_exists_ext(odb, &oid, GIT_ODB_LOOKUP_NO_REFRESH.rawValue) != 0
  }

  /// A commit that says nothing but what was merged, so that the next merge has something to begin with.
  func commit(_ tree: ObjectID, _ parents: [ObjectID]) throws(GitError) -> ObjectID {
    var text = "tree \(tree)\n"
    for parent in parents { text += "parent \(parent)\n" }
    text += "author - <-> 0 +0000\ncommitter - <-> 0 +0000\n\n"
    return try write(.commit, Array(text.utf8))
  }

  /// Has git merge two commits. What it makes can be read here.
  func mergeByGit(
    _ ours: ObjectID, _ theirs: ObjectID, until deadline: ContinuousClock.Instant
  ) throws(GitError) -> GitMerging.Answer {
    guard let program = repository.git else { return .cannot("no git is on the PATH") }
    if git?.isWorn == true { git = nil }
    if git == nil {
      let made = try GitMerging(program, objects: repository.objects)
      try Library.check("read what git merges", unsafe git_odb_add_disk_alternate(odb, made.objects))
      git = made
    }
    guard let git else { return .cannot("no git is on the PATH") }
    for object in waiting { try git.add(object.kind, object.bytes) }
    waiting.removeAll()
    return try git.merge(ours, theirs, until: deadline)
  }
}

extension Repository {
  /// What git needs to know of a repository to merge its commits elsewhere.
  struct MergingPlace {
    let git: GitProgram?
    /// The object stores, the pushed objects' first.
    let objects: [String]
  }

  var mergingPlace: MergingPlace {
    var objects = [commonDirectory + "/objects"]
    if case .hook(_, let quarantine?) = opening { objects.insert(quarantine, at: 0) }
    return MergingPlace(git: git, objects: objects)
  }
}
