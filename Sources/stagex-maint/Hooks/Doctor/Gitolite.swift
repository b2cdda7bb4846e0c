internal import GitBridge
internal import Glibc
internal import Review
internal import SignFlow

/// A gitolite that a repository belongs to: its update hook asks for rights and then runs the VREFs.
struct Gitolite {
  /// Where VREFs and hooks of the site are.
  let localCode: String
  let adminBase: String
  /// What gitolite's shell tells its hooks, with a user who may push.
  let environment: [String: String]

  /// Whether a repository's update hook is gitolite's.
  static func runs(_ updateHook: String) -> Bool {
    guard let bytes = PlainFile.start(of: updateHook, 1 << 16) else { return false }
    return String(decoding: bytes, as: UTF8.self).contains("Gitolite::")
  }

  /// Nil where gitolite cannot be asked.
  init?(_ repository: Repository, branch: String) {
    guard let libraries = Self.setting("GL_LIBDIR"), let programs = Self.setting("GL_BINDIR"),
      let repositories = Self.setting("GL_REPO_BASE")
    else { return nil }
    let base = Self.real(repositories) + "/"
    let folder = Self.real(repository.gitDirectory)
    guard folder.hasPrefix(base), folder.hasSuffix(".git") else { return nil }
    let name = String(folder.dropFirst(base.count).dropLast(4))
    // Rights are somebody's: the push must not fail for want of them.
    let users = ["stagex-maint-doctor"] + Self.users(folder)
    let user = users.prefix(20).first { Self.ask(["access", "-q", name, $0, "W", branch]) != nil }
    localCode = Self.setting("LOCAL_CODE") ?? ""
    adminBase = Self.setting("GL_ADMIN_BASE") ?? ""
    environment = [
      "GL_LIBDIR": libraries, "GL_BINDIR": programs, "GL_REPO": name, "GL_USER": user ?? users[0],
      "PATH": programs + ":" + (ProcessEnvironment.current["PATH"] ?? "/usr/bin:/bin"),
    ]
  }

  private static func setting(_ name: String) -> String? {
    ask(["query-rc", name]).map { $0.filter { $0 != "\n" } }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The users and groups in the rules that gitolite has compiled for the repository.
  private static func users(_ folder: String) -> [String] {
    guard let bytes = PlainFile.start(of: folder + "/gl-conf", 1 << 20) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
      guard line.hasPrefix("    '"), let end = line.dropFirst(5).firstIndex(of: "'") else { return nil }
      let name = String(line.dropFirst(5)[..<end])
      return name.hasPrefix("@") ? nil : name
    }
  }

  /// - Returns: what it said; nil where it failed.
  private static func ask(_ words: [String]) -> String? {
    guard let result = try? ChildProgram("gitolite", environment: ProcessEnvironment.current).run(words),
      result.status == 0
    else {
      return nil
    }
    return String(decoding: result.output, as: UTF8.self)
  }

  private static func real(_ path: String) -> String {
    guard let real = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(real) }
    return unsafe String(cString: real)
  }
}
