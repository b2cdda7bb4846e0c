internal import Clibgit2

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

extension Repository {
  /// Opens the repository at `path` or in the nearest folder above it, with or without work tree.
  ///
  /// - Parameter configuration: where the settings of the machine and the user are; by default where git finds them.
  package static func open(
    path: String, configuration: ConfigurationFiles = .ofThisProcess
  ) throws(GitError) -> Repository {
    try Repository(.discovered(path: path), files: configuration)
  }

  /// Opens the repository that a hook was started in, with the objects of the push (githooks(5), git-receive-pack(1)
  /// QUARANTINE ENVIRONMENT). A push that only deletes has no quarantine.
  ///
  /// The quarantine is added as one more store instead of letting libgit2 read git's environment: git quotes a
  /// path that contains `:`, libgit2 does not understand the quotes and loses the main store.
  package static func openForHook(environment: [String: String]) throws(GitError) -> Repository {
    let folder = environment["GIT_DIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "."
    let quarantine = environment["GIT_QUARANTINE_PATH"].flatMap { $0.isEmpty ? nil : $0 }
    return try Repository(
      .hook(path: folder, quarantine: quarantine), files: ConfigurationFiles(environment: environment))
  }

  static func openHandle(
    _ opening: Opening
  ) throws(GitError) -> (repository: OpaquePointer, odb: OpaquePointer) {
    let path: String
    let flags: UInt32
    var quarantine: String?
    switch opening {
    case .discovered(let start):
      (path, flags) = (start, 0)
    case .hook(let folder, let incoming):
      (path, flags) = (folder, GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue | GIT_REPOSITORY_OPEN_BARE.rawValue)
      quarantine = incoming
    }
    var repository: OpaquePointer?
    let status = unsafe git_repository_open_ext(&repository, path, flags, nil)
    if status == Code.notFound { throw .notARepository(path: path) }
    guard status == 0, let repository = unsafe repository else { throw openingFailure(path, status) }

    var odb: OpaquePointer?
    do throws(GitError) {
      try Library.check("open the object store", unsafe git_repository_odb(&odb, repository))
      guard let odb = unsafe odb else { throw Library.failure("open the object store", -1) }
      if let quarantine {
        try Library.check("open the quarantine", unsafe git_odb_add_disk_alternate(odb, quarantine))
      }
      try unsafe takeAwayWriting(odb)
      return unsafe (repository, odb)
    } catch {
      unsafe git_odb_free(odb)
      unsafe git_repository_free(repository)
      throw error
    }
  }

  /// libgit2 has one code for all that it cannot open; its message says which.
  private static func openingFailure(_ path: String, _ status: Int32) -> GitError {
    let message = Library.lastMessage
    for sign in ["unsupported extension", "unknown object format", "unsupported repository version"]
    where message.contains(sign) {
      let sha256 = message.contains("objectformat") || message.contains("object format")
      return .unsupportedRepository(
        path: path, reason: sha256 ? "its objects are not named by SHA-1 (\(message))" : message)
    }
    return .library(operation: "open \(path)", code: status, message: message)
  }

  /// Leaves the store of `odb` nothing to write with, nor to touch a file's time ("freshen") in place of writing.
  static func takeAwayWriting(_ odb: OpaquePointer) throws(GitError) {
    for position in 0..<(unsafe git_odb_num_backends(odb)) {
      var backend: UnsafeMutablePointer<git_odb_backend>?
      try Library.check("open the object store", unsafe git_odb_get_backend(&backend, odb, position))
      guard let backend = unsafe backend else { continue }
      unsafe backend.pointee.write = nil
      unsafe backend.pointee.writestream = nil
      unsafe backend.pointee.writepack = nil
      unsafe backend.pointee.writemidx = nil
      unsafe backend.pointee.freshen = nil
    }
  }

  struct Paths {
    var git: String
    var common: String
    var workTree: String?
    /// What must belong to the user.
    var owned: [String]
  }

  static func paths(of repository: OpaquePointer) -> Paths {
    func text(_ pointer: UnsafePointer<CChar>?) -> String? {
      guard let pointer = unsafe pointer else { return nil }
      let path = unsafe String(cString: pointer)
      return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
    let git = unsafe text(unsafe git_repository_path(repository)) ?? ""
    let common = unsafe text(unsafe git_repository_commondir(repository)) ?? git
    let workTree = unsafe text(unsafe git_repository_workdir(repository))
    var owned = common == git ? [git] : [git, common]
    if let workTree {
      owned.append(workTree)
      // A linked work tree's `.git` is a file that says where to look: its owner decides as well.
      var status = stat()
      if unsafe lstat(workTree + "/.git", &status) == 0 { owned.append(workTree + "/.git") }
    }
    return Paths(git: git, common: common, workTree: workTree, owned: owned)
  }
}
