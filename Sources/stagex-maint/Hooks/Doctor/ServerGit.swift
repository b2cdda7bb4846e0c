internal import GitBridge
internal import Glibc
internal import Review
internal import SignFlow

/// The git that serves the pushes, asked for itself: what it reads and which hooks it would run is its own to say.
struct ServerGit {
  struct Setting {
    let key: String
    let value: String
    /// The file that it stands in; nil for one that the environment gives.
    let file: String?
    /// Where it stands, for people.
    let place: String
  }

  let version: String
  let settings: [Setting]
  private let git: ChildProgram
  /// Where git is asked, and how it is told so.
  private let place: (folder: String, words: [String])

  /// Git's own variables that name another repository: receive-pack takes them away (githooks(5)).
  static let local = [
    "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE",
    "GIT_INTERNAL_SUPER_PREFIX", "GIT_REPLACE_REF_BASE", "GIT_PUSH_CERT",
  ]

  init(_ repository: Repository) throws {
    var environment = ProcessEnvironment.current.filter { !Self.local.contains($0.key) }
    environment["LC_ALL"] = "C"
    environment["GIT_OPTIONAL_LOCKS"] = "0"
    git = ChildProgram("git", environment: environment)
    // As receive-pack stands there: the paths of hooks come out as scripts see them.
    place =
      repository.isBare
      ? (repository.gitDirectory, ["--git-dir=."]) : (repository.workTree ?? repository.gitDirectory, [])
    let told = try Self.run(git, place.folder, ["--version"])
    version =
      told.split(separator: " ").first { $0.first?.isNumber == true }.map { String($0.prefix { $0 != "\n" }) } ?? ""
    let list = try Self.run(git, place.folder, place.words + ["config", "--null", "--show-origin", "--list"])
    settings = Self.parse(list, place.folder)
  }

  func value(_ key: String) -> Setting? { settings.last { $0.key == key.lowercasedKey } }

  /// Whether git is this version or a newer one.
  func isAtLeast(_ major: Int, _ minor: Int) -> Bool {
    let numbers = version.split(separator: ".").prefix(2).map { Int($0) ?? 0 }
    guard numbers.count == 2 else { return false }
    return numbers[0] > major || numbers[0] == major && numbers[1] >= minor
  }

  /// A hook's path as git runs it: below the repository, or where `core.hooksPath` says.
  func hookPath(_ name: String) throws -> String {
    let path = try Self.run(git, place.folder, place.words + ["rev-parse", "--git-path", "hooks/\(name)"])
    return path.hasSuffix("\n") ? String(path.dropLast()) : path
  }

  /// Whether git would run the file in its hooks folder; nil where this git cannot tell.
  func runsHooksFolder(_ name: String) -> Bool? {
    guard isAtLeast(2, 54) else { return nil }
    guard let list = try? Self.run(git, place.folder, place.words + ["hook", "list", name]) else { return nil }
    return list.split(separator: "\n").contains { $0.contains("hookdir") || $0.contains("hook directory") }
  }

  /// The commands that the configuration names for a hook, in git's order (git-config(1), `hook.<name>.command`).
  func configuredHooks(_ event: String) -> [(name: String, command: String)] {
    var names: [String] = []
    for setting in settings where setting.key.hasPrefix("hook.") && setting.key.hasSuffix(".event") {
      let name = String(setting.key.dropFirst(5).dropLast(6))
      // An empty event takes back those before it.
      if setting.value.isEmpty { names.removeAll { $0 == name } }
      if setting.value == event, !names.contains(name) { names.append(name) }
    }
    return names.compactMap { name in
      guard !isSwitchedOff(name), let command = settings.last(where: { $0.key == "hook.\(name).command" }) else {
        return nil
      }
      return (name, command.value)
    }
  }

  func isSwitchedOff(_ name: String) -> Bool {
    guard let value = settings.last(where: { $0.key == "hook.\(name).enabled" })?.value else { return false }
    return ["false", "no", "off", "0"].contains(value.lowercased())
  }

  private static func run(_ git: ChildProgram, _ folder: String, _ arguments: [String]) throws -> String {
    func failure(_ reason: String) -> Failure {
      .cannotJudge(
        "git cannot be asked: \(printable(reason, limit: 300))",
        next: "git \(arguments.first ?? "") …, as the server's user")
    }
    let result: ChildProgram.Result
    do throws(ChildProgram.Failure) {
      result = try git.run(arguments, folder: folder)
    } catch {
      throw failure(error.message)
    }
    guard result.status == 0 else { throw failure(String(decoding: result.errors, as: UTF8.self)) }
    return String(decoding: result.output, as: UTF8.self)
  }

  private static func parse(_ list: String, _ folder: String) -> [Setting] {
    let parts = Array(list.utf8).split(separator: 0, omittingEmptySubsequences: false)
    func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }
    var settings: [Setting] = []
    for index in stride(from: 0, to: parts.count - 1, by: 2) {
      // "key LF value"; a key alone means true.
      let pair = parts[index + 1].split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
      let origin = text(parts[index])
      var file: String?
      if origin.hasPrefix("file:") {
        let path = String(origin.dropFirst(5))
        file = path.hasPrefix("/") ? path : "\(folder)/\(path)"
      }
      settings.append(
        Setting(
          key: text(pair.first ?? []), value: pair.count > 1 ? text(pair[1]) : "true", file: file,
          place: file ?? "the environment"))
    }
    return settings
  }
}

extension String {
  /// A setting's name as git lists it: its first and last part do not depend on case.
  var lowercasedKey: String {
    guard let first = firstIndex(of: "."), let last = lastIndex(of: ".") else { return lowercased() }
    return self[..<first].lowercased() + self[first..<last] + self[last...].lowercased()
  }
}
