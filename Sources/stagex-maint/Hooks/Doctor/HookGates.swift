internal import GitBridge
internal import Glibc
internal import Review

/// Everything that a server would run when somebody pushes here.
struct HookGates {
  let repository: Repository
  let places: HookPlaces
  let git: ServerGit

  func all() throws -> [HookGate] {
    guard repository.isBare else { return [try gate(.prePush), try gate(.client)] }
    return [try gate(.preReceive), try gate(.update), try gate(.backstop)]
  }

  private func gate(_ place: HookGate.Place) throws -> HookGate {
    if place == .preReceive, places.isGitLabs {
      return HookGate(place: place, name: "GitLab's custom_hooks/pre-receive", commands: gitLabs())
    }
    // GitLab's own git takes no other hooks from a repository.
    if places.isGitLabs { return HookGate(place: place, name: place.rawValue, commands: []) }
    var commands: [GateStep] = []
    if git.isAtLeast(2, 54) {
      commands += git.configuredHooks(place.hook).map { GateStep(kind: .shell, text: $0.command) }
    }
    let path = try git.hookPath(place.hook)
    let file = GateStep(kind: .file, text: path)
    let folder = repository.workTree ?? repository.gitDirectory
    // Git also tries to run a folder, and then refuses.
    if let path = file.file(in: folder), unsafe access(path, X_OK) == 0, git.runsHooksFolder(path.lastName) ?? true {
      commands.append(file)
    }
    let isForges = places.forgeFolder(place.hook) != nil
    return HookGate(
      place: place, name: isForges ? "the forge's \(place.hook)" : place.hook, commands: commands,
      remote: repository.config("maint.remote") ?? "origin")
  }

  /// Gitaly runs the repository's own file, then its folder's files by name, those that are executable and no backups.
  private func gitLabs() -> [GateStep] {
    let folder = places.gitLabFolder
    let files =
      ["\(folder)/pre-receive"] + folderNames("\(folder)/pre-receive.d").map { "\(folder)/pre-receive.d/\($0)" }
    return files.filter { !$0.hasSuffix("~") && isRegular($0) && (unsafe access($0, X_OK)) == 0 }
      .map { GateStep(kind: .file, text: $0) }
  }

  private func isRegular(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}

extension String {
  var lastName: String { split(separator: "/").last.map(String.init) ?? self }
}
