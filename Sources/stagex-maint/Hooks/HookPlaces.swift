internal import Basics
internal import GitBridge
internal import Glibc
internal import Review

/// Where a repository's hooks lie, and the files that this program ships for them.
struct HookPlaces {
  let repository: Repository

  /// Our own hook: what stands in its place, or what a chain runs from there.
  func ours(of hook: String) -> String {
    let chain = HookChain(path: place(of: hook))
    return chain.isThere ? chain.ours : chain.path
  }

  /// The folder that git takes hooks from: `core.hooksPath` moves it away from the repository's own.
  var folder: String {
    guard let path = repository.config("core.hooksPath") else {
      return repository.commonDirectory.trimmingSlash + "/hooks"
    }
    if path.hasPrefix("/") { return path }
    if path.hasPrefix("~/"), let home = ProcessEnvironment.current["HOME"], home.hasPrefix("/") {
      return home.trimmingSlash + path.dropFirst(1)
    }
    // "Relative to the directory where the hooks are run" (git-config): the work tree's root, where there is one.
    // Elsewhere git would never run what is installed.
    return (repository.workTree ?? repository.gitDirectory).trimmingSlash + "/" + path
  }

  /// A forge's own hook runs every file of this folder; nil where there is none.
  func forgeFolder(_ hook: String) -> String? {
    let path = "\(folder)/\(hook).d"
    return isFolder(path) ? path : nil
  }

  /// The place for our hook: a forge's folder where there is one.
  func place(of hook: String) -> String {
    if isGitLabs {
      let file = "\(gitLabFolder)/\(hook)"
      return isFolder(file + ".d") ? file + ".d/stagex-maint" : file
    }
    return forgeFolder(hook).map { $0 + "/stagex-maint" } ?? "\(folder)/\(hook)"
  }

  /// GitLab's git takes hooks from a folder of its own, and those hooks run what is in `custom_hooks`.
  var isGitLabs: Bool { repository.isBare && (isFolder(gitLabFolder) || repository.config("gitlab.fullpath") != nil) }
  var gitLabFolder: String { repository.gitDirectory.trimmingSlash + "/custom_hooks" }

  /// Whether git, or a forge, would run a hook of this name.
  func isThere(_ hook: String) -> Bool { unsafe access("\(folder)/\(hook)", X_OK) == 0 }

  /// The hook as it is shipped with this program: beside an installed one, or in the source's folder.
  static func shipped(_ hook: String, from folder: String?) throws -> [UInt8] {
    // The program's own is of its own version, whatever lies beside it.
    if folder == nil, let bytes = EmbeddedFiles.hook(hook) { return bytes }
    let program = try ownPath()
    let home = program.split(separator: "/").dropLast().joined(separator: "/")
    let folders = folder.map { [$0] } ?? ["/\(home)/../share/stagex-maint/hooks", "/\(home)/../../../hooks"]
    for folder in folders {
      if let bytes = try readFile("\(folder)/\(hook)") { return bytes }
    }
    throw Failure.cannotJudge(
      "the hook file \(hook) is not at \(folders.joined(separator: " nor at "))",
      next: "stagex-maint hook install --hooks DIR, with the folder hooks/ of the source or of the package")
  }

  /// The hook with the running program's path filled in, so that no push has to wait until git has been asked for it.
  static func filledIn(_ hook: String, from folder: String?) throws -> [UInt8] {
    let shipped = try shipped(hook, from: folder)
    let program = try ownPath()
    let lines = shipped.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    // A hook file of somebody's own may ask where the program is in its own way.
    guard lines.count(where: { $0.elementsEqual(assignment.utf8) }) == 1, !program.utf8.contains(UInt8(ascii: "\n"))
    else {
      return shipped
    }
    let filled = lines.map { $0.elementsEqual(assignment.utf8) ? $0 + shellQuoted(program).utf8 : $0 }
    return Array(filled.joined(separator: [UInt8(ascii: "\n")]))
  }

  /// The program that was filled into an installed hook; nil where the hook asks git.
  static func program(filledInto hook: [UInt8]) -> String? {
    let lines = hook.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    guard let word = lines.first(where: { $0.hasPrefix(assignment) })?.dropFirst(assignment.count), !word.isEmpty else {
      return nil
    }
    let isQuoted = word.hasPrefix("'") && word.hasSuffix("'") && word.count > 2
    let program = isQuoted ? String(word.dropFirst().dropLast()).replacing("'\\''", with: "'") : String(word)
    // A hook of before, or of somebody's own, has a command there: program=$(git config …).
    return shellQuoted(program).elementsEqual(word) ? program : nil
  }

  /// Whether a hook file is one that this program, or an earlier version of it, has installed.
  static func isOurs(_ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    // `program=` has stood in every version; a script that only mentions us is somebody's own.
    return text.contains("maint.program") && text.contains("stagex-maint")
      && text.contains("the program that has to judge it cannot be run")
  }

  /// In a shipped hook nothing stands behind it.
  private static let assignment = "program="

  /// The absolute path of the running program, for `maint.program`.
  static func ownPath() throws -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count - 1)
    guard count > 0 else { throw Failure.cannotJudge("the program's own path cannot be read: \(errorText(errno))") }
    return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  static func readFile(_ path: String) throws -> [UInt8]? {
    do {
      return try readWholeFile(path)
    } catch {
      throw Failure.cannotJudge(printable(error.message))
    }
  }

  /// Writes a new file under a temporary name and moves it into place, so that no half-written hook ever runs.
  static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws {
    let temporary = "\(path).new.\(getpid())"
    do throws(SystemError) {
      try FileWriting.replace(path, bytes, mode: mode, exactly: true, temporary: temporary)
    } catch {
      let what = error.what == "opened" ? "written" : error.what
      throw Failure.cannotJudge(
        "\(printable(path)) cannot be \(what): \(errorText(error.number))", next: "ls -ld \(shellWord(path))")
    }
  }

  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  private func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}

extension String {
  var trimmingSlash: String { hasSuffix("/") && utf8.count > 1 ? String(dropLast()) : self }
}
