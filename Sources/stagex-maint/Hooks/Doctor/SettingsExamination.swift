internal import GitBridge
internal import Glibc
internal import Review
internal import SignFlow

/// Every setting `maint.*` of a repository, held against what this program makes of it.
struct SettingsExamination {
  let repository: Repository
  let git: ServerGit
  /// On a server: git's own settings for pushes are asked too.
  let isServer: Bool
  private(set) var findings = Findings()

  init(_ repository: Repository, _ git: ServerGit, isServer: Bool) {
    (self.repository, self.git, self.isServer) = (repository, git, isServer)
  }

  static let known = [
    "trustRoot", "lead", "registry", "policy", "program", "cache", "remote", "budget", "engine", "forge", "gpgProgram",
    "signatures",
  ]

  mutating func look() {
    for setting in git.settings where setting.key.hasPrefix("maint.") {
      let words = setting.key.split(separator: ".", omittingEmptySubsequences: false)
      let name = String(words.last ?? "")
      // `maint.start.<branch>`: a branch's name may hold dots.
      if setting.key.hasPrefix("maint.start.") {
        lookAtStart(setting)
      } else if words.count != 2 || !Self.known.contains(where: { $0.lowercased() == name }) {
        findings.add(
          "setting-unknown", .mistake,
          "\(printable(setting.key)) is no setting of this program (in \(printable(setting.place)))",
          next: "git config --unset \(shellWord(setting.key))" + suggestion(name))
      } else if git.value(setting.key)?.value == setting.value {
        lookAt(name, setting)
      }
    }
    lookAtDifferences()
    lookAtGit()
  }

  private func suggestion(_ name: String) -> String {
    Suggestion.nearest(to: name, among: Self.known).map { "; did you mean maint.\($0)?" } ?? ""
  }

  private mutating func wrong(_ setting: ServerGit.Setting, _ what: String, _ effect: Finding.Effect, next: String) {
    findings.add(
      "setting-invalid", effect,
      "\(setting.key) is \(printable(setting.value)), which is \(what) (in \(printable(setting.place)))",
      next: next)
  }

  private mutating func lookAt(_ name: String, _ setting: ServerGit.Setting) {
    let value = setting.value
    switch name {
    case "lead":
      guard isBranch(value) else {
        return wrong(setting, "not the name of a branch", .mistake, next: "git config maint.lead main")
      }
      if hasBranches, (try? repository.resolve(ref: "refs/heads/\(value)")).flatMap({ $0 }) == nil, isServer {
        wrong(setting, "no branch here", .mistake, next: "git for-each-ref refs/heads")
      }
    case "engine":
      if EngineChoice(rawValue: value) == nil {
        wrong(
          setting, "neither both, native nor gpgme: every push is refused", .refuses,
          next: "git config maint.engine both")
      } else if value != "both" {
        findings.add(
          "one-engine", .advice, "maint.engine is \(value): a mistake of that one engine is found by nobody",
          next: "git config --unset maint.engine")
      }
    case "budget":
      if (Int(value) ?? 0) <= 0 {
        wrong(setting, "not a number of seconds: every push is refused", .refuses, next: "git config maint.budget 30")
      }
    case "cache":
      if repository.configBool("maint.cache") == nil {
        wrong(setting, "neither true nor false", .mistake, next: "git config maint.cache true")
      }
    case "registry", "policy": lookAtPin(setting)
    case "remote":
      let remotes = (try? repository.remotes()) ?? []
      if !remotes.contains(where: { $0.name == value }) {
        wrong(setting, "no remote here", .mistake, next: "git remote")
      }
    case "forge":
      if (try? ForgeKind(setting: value)) == nil {
        wrong(setting, "no kind of forge", .mistake, next: "git config maint.forge forgejo")
      }
    case "gpgprogram":
      if unsafe access(value, X_OK) != 0 {
        wrong(setting, "no program", .mistake, next: "git config --unset maint.gpgProgram")
      }
    case "signatures":
      if value.isEmpty { wrong(setting, "no address", .mistake, next: "git config --unset maint.signatures") }
    default: break
    }
  }

  private mutating func lookAtPin(_ setting: ServerGit.Setting) {
    let value = setting.value
    // A revision can be moved by a push; a path of a folder that the hook does not stand in is another one.
    if unsafe access(value, F_OK) == 0 {
      if !value.hasPrefix("/") {
        wrong(
          setting, "a relative path: another file where a command is run elsewhere", .mistake,
          next: "git config \(setting.key) /ABSOLUTE/PATH")
      }
      return
    }
    guard (try? repository.resolve(revision: value)) != nil else {
      return wrong(
        setting, "neither a file or folder nor a revision: every push is refused", .refuses,
        next: "git config --unset \(setting.key)")
    }
    if ObjectID(hexString: value) == nil {
      wrong(
        setting, "a name that a push may move", .exposed,
        next: "git config \(setting.key) $(git rev-parse \(shellWord(value)))")
    }
  }

  private mutating func lookAtStart(_ setting: ServerGit.Setting) {
    var branch = String(setting.key.dropFirst("maint.start.".count))
    // Git takes no slash in a setting's last part: maint.start.<branch>.commit.
    if branch.hasSuffix(".commit") { branch.removeLast(".commit".count) }
    if !isBranch(branch) {
      wrong(
        setting, "for something that is not the name of a branch", .mistake,
        next: "git config --unset \(shellWord(setting.key))")
    } else if let id = ObjectID(hexString: setting.value) {
      if hasBranches, (try? repository.kind(of: id)) != .commit {
        wrong(setting, "no commit here", .mistake, next: "git config \(shellWord(setting.key)) $(git rev-parse COMMIT)")
      }
    } else {
      wrong(
        setting, "not the full id of a commit", .mistake,
        next: "git config \(shellWord(setting.key)) $(git rev-parse COMMIT)")
    }
  }

  /// Git and libgit2 do not read all the same: a file that is included under a condition, the environment.
  private mutating func lookAtDifferences() {
    for name in Self.known {
      let key = "maint.\(name)"
      let (theirs, ours) = (git.value(key), repository.config(key))
      guard theirs?.value != ours, name != "cache" else { continue }
      findings.add(
        "setting-not-read", .mistake,
        "\(key) is \(printable(theirs?.value ?? "not set")) for git (in \(printable(theirs?.place ?? "no file"))) and "
          + "\(printable(ours ?? "not set")) for this program",
        next: "git config \(key) VALUE, in the repository's own configuration")
    }
  }

  private mutating func lookAtGit() {
    if let value = git.value("safe.bareRepository")?.value, value == "explicit", isServer {
      findings.add(
        "safe-bare-repository", .advice,
        """
        safe.bareRepository is explicit: in this folder git takes commands only with --git-dir, \
        as git 3.0 will everywhere
        """,
        next: "git --git-dir=\(shellWord(repository.gitDirectory)) …")
    }
    guard isServer else { return }
    let checked = ["receive.fsckObjects", "transfer.fsckObjects"].compactMap { repository.configBool($0) }.first
    if checked != true {
      findings.add(
        "no-fsck", .advice, "git does not check pushed objects itself", next: "git config receive.fsckObjects true")
    }
  }

  private var hasBranches: Bool {
    ((try? repository.references()) ?? []).contains { $0.name.starts(with: "refs/heads/".utf8) }
  }

  private func isBranch(_ name: String) -> Bool { Self.isBranch(name, repository) }

  static func isBranch(_ name: String, _ repository: Repository) -> Bool {
    !name.isEmpty && !name.hasPrefix("refs/") && !name.hasPrefix("-") && repository.mayBeRef("refs/heads/\(name)")
  }
}
