internal import Clibgit2

/// libgit2 itself: started once for the process, told to read nothing outside the repository.
enum Library {
  /// Evaluated once, by the first thread that needs it (`static let`).
  private static let started: Int32 = {
    let count = git_libgit2_init()
    guard count > 0 else { return count }
    // A gitattributes or gitconfig file somewhere on the machine must not change what a merge yields:
    // with empty search paths libgit2 finds none. The configuration is read by ConfigurationFiles instead.
    for level in [GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_PROGRAMDATA]
    {
      let status = unsafe shim_set_search_path(level.rawValue, "")
      guard status == 0 else { return status }
    }
    // Objects are compared with their id whenever they are read: a damaged or swapped file is an error.
    guard shim_set_strict_hash_verification(1) == 0 else { return -1 }
    // Ownership is judged by Ownership.swift, alike for every version of libgit2.
    guard shim_set_owner_validation(0) == 0 else { return -1 }
    // Each object is read once; keeping them costs more than it gains.
    guard shim_set_caching(0) == 0, allowExtensions() == 0 else { return -1 }
    return 0
  }()

  /// Beyond those that libgit2 knows: extensions of the repository format that only say where settings are and which
  /// objects may be absent, both of which are looked after here (git's Documentation/technical/repository-version).
  private static func allowExtensions() -> Int32 {
    unsafe "worktreeconfig".withCString { worktree in
      unsafe "partialclone".withCString { partial in
        unsafe "preciousobjects".withCString { precious in
          let names: [UnsafePointer<CChar>?] = unsafe [worktree, partial, precious]
          return unsafe shim_set_extensions(names, names.count)
        }
      }
    }
  }

  /// libgit2's own, such as 1.5.1: another one may merge otherwise.
  static var version: String {
    var (major, minor, revision): (Int32, Int32, Int32) = (0, 0, 0)
    unsafe git_libgit2_version(&major, &minor, &revision)
    return "\(major).\(minor).\(revision)"
  }

  static func start() throws(GitError) {
    guard started == 0 else {
      throw .library(operation: "start", code: started, message: "libgit2 cannot be started")
    }
  }

  /// Keeps less of the packs in memory at a time, for the whole process: for reading a history of any length once.
  static func mapLittle() throws(GitError) {
    try start()
    try check("limit the mapped memory", shim_set_window_size(4 << 20))
    try check("limit the mapped memory", shim_set_mapped_limit(64 << 20))
  }

  /// The message of this thread's last failed call. Read it before any other call.
  static var lastMessage: String {
    guard let error = unsafe git_error_last(), let text = unsafe error.pointee.message else { return "no message" }
    return unsafe String(cString: text)
  }

  static func failure(_ operation: String, _ code: Int32) -> GitError {
    .library(operation: operation, code: code, message: lastMessage)
  }

  /// Turns a status into an error that names the operation.
  static func check(_ operation: String, _ code: Int32) throws(GitError) {
    if code < 0 { throw failure(operation, code) }
  }
}

/// libgit2's return codes that mean something to us. Others survive as numbers in ``GitError/library``.
struct Code {
  static let notFound = GIT_ENOTFOUND.rawValue
  static let exists = GIT_EEXISTS.rawValue
  static let ambiguous = GIT_EAMBIGUOUS.rawValue
  static let invalidSpec = GIT_EINVALIDSPEC.rawValue
  static let locked = GIT_ELOCKED.rawValue
  static let mismatch = GIT_EMISMATCH.rawValue
  static let iterationOver = GIT_ITEROVER.rawValue
  static let unborn = GIT_EUNBORNBRANCH.rawValue
  static let peel = GIT_EPEEL.rawValue
}
