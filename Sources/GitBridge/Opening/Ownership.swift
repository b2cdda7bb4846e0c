#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Whose files a repository is made of (git-config(1), `safe.directory`; CVE-2022-24765).
///
/// Attack: a repository that somebody else put into a shared folder, whose configuration (`maint.*`, key
/// files, programs) then speaks with the voice of the person who runs a command there.
enum Ownership {
  /// Throws ``GitError/foreignOwner`` unless every path belongs to this user or the user lists the repository.
  ///
  /// - Parameter name: the work tree, or the git folder of a bare repository: what `safe.directory` names.
  static func check(
    _ paths: [String], name: String, files: ConfigurationFiles
  ) throws(GitError) {
    if paths.allSatisfy(isOurs) { return }
    let configuration = try unsafe Configuration.open(files, repository: nil)
    var safe = false
    for entry in try configuration.entries(matching: "^safe\\.directory$") {
      switch entry.value {
      case "": safe = false  // An empty entry takes back those before it.
      case "*": safe = true
      case let listed: safe = safe || matches(listed, name)
      }
    }
    guard safe else { throw .foreignOwner(path: name) }
  }

  private static func isOurs(_ path: String) -> Bool {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return false }
    let user = geteuid()
    if status.st_uid == user { return true }
    // As git: under sudo, root acts for the user who called it.
    guard user == 0, let text = unsafe getenv("SUDO_UID"), let caller = uid_t(unsafe String(cString: text)) else {
      return false
    }
    return status.st_uid == caller
  }

  private static func matches(_ listed: String, _ name: String) -> Bool {
    var listed = listed
    if listed.hasPrefix("~/"), let home = unsafe getenv("HOME") {
      listed = unsafe String(cString: home) + String(listed.dropFirst())
    }
    if listed.hasSuffix("/*") {
      let folder = resolved(String(listed.dropLast(2)))
      return Array(resolved(name).utf8).starts(with: Array((folder + "/").utf8))
    }
    return Array(resolved(listed).utf8) == Array(resolved(name).utf8)
  }

  /// The path without symbolic links and trailing slash; itself when it does not exist.
  private static func resolved(_ path: String) -> String {
    guard let real = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(real) }
    return unsafe String(cString: real)
  }
}
