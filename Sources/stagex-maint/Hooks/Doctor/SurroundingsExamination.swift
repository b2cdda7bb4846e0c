internal import GitBridge
internal import Glibc
internal import Review

/// What is found by looking: settings, files, and who may change them.
extension HookExamination {
  /// Why the hook did not do what it should, as far as its files tell.
  mutating func explain(_ effect: Finding.Effect) {
    if let setting = git.value("core.hooksPath") {
      findings.add(
        "hooks-path", effect,
        """
        core.hooksPath is set to \(printable(setting.value)) (in \(printable(setting.place))): \
        git takes hooks from there and not from this repository
        """,
        next: "git config --unset core.hooksPath, or install the hook there")
    }
    let paths =
      places.forgeFolder(hook) == nil ? [places.place(of: hook)] : ["\(places.folder)/\(hook)", places.place(of: hook)]
    for path in paths {
      if let defect = HookFileDefect(path) {
        findings.add("hook-file", effect, defect.text(path), next: defect.next(path))
      } else if let bytes = try? HookPlaces.readFile(path), !HookPlaces.isOurs(bytes), !HookChain(path: path).isThere,
        paths.count == 1
      {
        findings.add(
          "hook-not-ours", effect, "\(printable(path)) is not the hook that this program installs",
          next: "stagex-maint hook install")
      }
    }
  }

  /// Hooks that git is told by its configuration to run, or not to run (git 2.54 and later).
  mutating func lookAtSwitches() {
    var events = [hook, "reference-transaction"]
    // A hook of ours that is named in the configuration has a switch of its own.
    events += git.settings.filter {
      $0.key.hasPrefix("hook.") && $0.key.hasSuffix(".command") && $0.value.contains("stagex-maint")
    }
    .map { String($0.key.dropFirst(5).dropLast(8)) }
    for name in events where git.isSwitchedOff(name) {
      let place = git.value("hook.\(name).enabled")?.place ?? ""
      findings.add(
        "hook-switched-off", .exposed,
        """
        hook.\(printable(name)).enabled is false (in \(printable(place))): \
        newer versions of git then leave this hook out, silently
        """,
        next: "git config --unset hook.\(shellWord(name)).enabled")
    }
    guard !git.isAtLeast(2, 54) else { return }
    for setting in git.settings
    where setting.key.hasPrefix("hook.") && setting.key.hasSuffix(".event") && events.contains(setting.value) {
      findings.add(
        "hook-in-configuration", .advice,
        """
        \(printable(setting.key)) names a hook for \(printable(setting.value)), \
        and git \(printable(git.version)) does not know such hooks
        """,
        next: "stagex-maint hook install")
    }
  }

  mutating func lookAtRepository() {
    if repository.isShallow {
      findings.add(
        "shallow", .refuses, "the repository is shallow: nothing can be judged", next: "git fetch --unshallow")
    }
    if repository.isPartialClone {
      findings.add(
        "partial", .refuses, "the repository is a partial clone: objects may be missing",
        next: "git fetch --refetch --no-filter")
    }
    var status = stat()
    if unsafe stat(repository.gitDirectory, &status) == 0, status.st_uid != geteuid() {
      findings.add(
        "other-user", .unknown,
        "the repository belongs to another user: what was tried here may come out differently for that one",
        next: "run this as the user whom the server runs git as")
    }
  }

  mutating func lookAtExposure() {
    var exposure = PathExposure(repositoryAt: repository.gitDirectory)
    let folder = repository.gitDirectory.trimmingSlash
    var paths = [folder] + ["HEAD", "config", "objects", "refs", "refs/heads", "packed-refs"].map { "\(folder)/\($0)" }
    paths += git.settings.compactMap(\.file) + [places.folder]
    for name in [hook, "reference-transaction", "update"] {
      let chain = HookChain(path: places.place(of: name))
      paths += ["\(places.folder)/\(name)", chain.path, chain.ours, chain.before]
      if let forge = places.forgeFolder(name) { paths += [forge] + folderNames(forge).map { "\(forge)/\($0)" } }
    }
    // gitolite keeps the hooks of a repository beside the script that runs them.
    paths += folderNames(places.folder).filter { $0.hasPrefix(hook + ".h") }.map { "\(places.folder)/\($0)" }
    if let gitolite {
      paths += [
        "\(gitolite.localCode)/VREF/stagex-maint", "\(gitolite.adminBase)/conf/gitolite.conf-compiled.pm",
        "\(folder)/gl-conf",
      ]
    }
    if places.isGitLabs {
      paths += [places.gitLabFolder] + folderNames(places.gitLabFolder).map { "\(places.gitLabFolder)/\($0)" }
    }
    if let alternates = try? readWholeFile("\(folder)/objects/info/alternates") {
      paths += alternates.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }
    paths += [repository.config("maint.registry"), repository.config("maint.policy")].compactMap { $0 }
    paths += [program, Programs.find("git"), Programs.find("gpg"), Programs.find("gpgv"), "/bin/sh"].compactMap { $0 }
    for path in paths { exposure.look(at: path) }
    for hole in exposure.holes {
      findings.add(
        "writable", .exposed, "\(printable(hole.path)) may be changed by \(hole.who)",
        next:
          "chmod go-w \(shellWord(hole.path)), and let root or the server's user own it: ls -ld \(shellWord(hole.path))"
      )
    }
  }
}
