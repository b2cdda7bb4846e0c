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
    guard try isListed(name, files) else { throw .foreignOwner(path: name) }
  }

  /// Throws ``GitError/embedded`` for a repository that was found in another one's work tree and is not its `.git`.
  ///
  /// Attack: a request brings a folder that is a bare repository, with settings that name programs and a trust root of
  /// its own, and somebody stands in it (git-config(1), `safe.bareRepository`). No tree can hold a `.git`.
  static func checkEmbedding(of path: String, files: ConfigurationFiles) throws(GitError) {
    let parts = path.split(separator: "/")
    guard path.hasPrefix("/"), !parts.contains(".git") else { return }
    for count in stride(from: parts.count - 1, through: 0, by: -1) {
      let folder = "/" + parts.prefix(count).joined(separator: "/")
      guard let inner = target(ofLink: (count == 0 ? "" : folder) + "/.git", in: folder) else { continue }
      // `project/.git` may be a file that leads to `project/.bare`.
      if inner == resolved(path) || inner.hasPrefix(resolved(path) + "/") { continue }
      guard try isListed(path, files) else { throw .embedded(path: path, workTree: folder) }
      return
    }
  }

  /// Where a `.git` leads: itself for a folder, what the file says for a file; nil where there is none.
  private static func target(ofLink link: String, in folder: String) -> String? {
    var status = stat()
    guard unsafe stat(link, &status) == 0 else { return nil }
    guard status.st_mode & S_IFMT == S_IFREG else { return resolved(link) }
    let descriptor = unsafe open(link, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return link }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe read(descriptor, &bytes, bytes.count)
    let text = String(decoding: bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    guard text.hasPrefix("gitdir: ") else { return link }
    let place = String(text.dropFirst("gitdir: ".count))
    return resolved(place.hasPrefix("/") ? place : folder + "/" + place)
  }

  private static func isListed(_ name: String, _ files: ConfigurationFiles) throws(GitError) -> Bool {
    let configuration = try unsafe Configuration.open(files, repository: nil)
    var safe = false
    for entry in try configuration.entries(matching: "^safe\\.directory$") {
      switch entry.value {
      case "": safe = false  // An empty entry takes back those before it.
      case "*": safe = true
      case let listed: safe = safe || matches(listed, name)
      }
    }
    return safe
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
