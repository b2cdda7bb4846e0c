import Foundation
import GitBridge
import Support
import Testing

/// A repository made by git itself, with one commit, beside a work tree.
private func gitRepository(_ folder: TemporaryFolder, _ options: String...) throws -> String {
  let path = folder.path + "/work"
  #expect(try Program.run(["git", "init", "-q", "-b", "main"] + options + [path]).status == 0)
  try folder.write("work/file", "1\n")
  for arguments in [["add", "file"], ["commit", "-q", "-m", "first"]] {
    let finished = try Program.run(["git", "-C", path] + arguments)
    #expect(finished.status == 0, "\(finished.errorText)")
  }
  return path
}

private func open(_ path: String, _ files: ConfigurationFiles = .none) throws -> Repository {
  try Repository.open(path: path, configuration: files)
}

struct OpeningTests {
  @Test func `a work tree is found from any folder in it`() throws {
    let folder = try TemporaryFolder()
    let path = try gitRepository(folder)
    try folder.write("work/deep/er/x", "")
    for start in [path, path + "/deep/er", path + "/.git"] {
      let repository = try open(start)
      #expect(repository.gitDirectory == path + "/.git" && repository.commonDirectory == path + "/.git")
      #expect(repository.workTree == path && !repository.isBare)
      #expect(!repository.isShallow && !repository.isPartialClone)
      #expect(repository.headBranch() == "refs/heads/main")
    }
  }

  @Test func `a bare repository has no work tree`() throws {
    let scripted = try ScriptedRepository()
    #expect(scripted.repository.isBare && scripted.repository.workTree == nil)
    #expect(scripted.repository.gitDirectory == scripted.path)
  }

  @Test func `a linked work tree shares the repository`() throws {
    let folder = try TemporaryFolder()
    let path = try gitRepository(folder)
    let linked = folder.path + "/linked"
    #expect(try Program.run(["git", "-C", path, "worktree", "add", "-q", "-b", "other", linked]).status == 0)
    let repository = try open(linked)
    #expect(repository.workTree == linked && repository.commonDirectory == path + "/.git")
    #expect(repository.headBranch() == "refs/heads/other")
    #expect(try repository.resolve(revision: "HEAD") == open(path).resolve(revision: "HEAD"))
  }

  @Test(arguments: ["with space", "co:lon", "caf\u{E9}", "quo'te\"", "semi;colon", "new\nline"])
  func `odd names of folders make no difference`(name: String) throws {
    let scripted = try ScriptedRepository(name: name)
    let commit = try scripted.commit()
    try scripted.setRef("refs/heads/main", to: commit)
    #expect(try scripted.reopened().resolve(revision: "main") == commit)
  }

  @Test func `where no repository is, none is found`() throws {
    let folder = try TemporaryFolder()
    for path in [folder.path, folder.path + "/absent"] {
      #expect(throws: GitError.notARepository(path: path)) { try open(path) }
    }
  }

  @Test func `SHA-256 is not supported, and said so`() throws {
    let folder = try TemporaryFolder()
    let path = try gitRepository(folder, "--object-format=sha256")
    let error = #expect(throws: GitError.self) { try open(path) }
    guard case .unsupportedRepository(path, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.hasPrefix("its objects are not named by SHA-1"))
    #expect(throws: GitError.unsupportedRepository(path: path + "/.git", reason: reason)) {
      try Repository.openForHook(environment: ["GIT_DIR": path + "/.git"])
    }
  }

  @Test(arguments: [("extensions.unheardof", "true", "1"), ("core.bare", "false", "7")])
  func `an unknown extension or version is not supported, and said so`(
    key: String, value: String, version: String
  ) throws {
    let folder = try TemporaryFolder()
    let path = try gitRepository(folder)
    for (key, value) in [("core.repositoryformatversion", version), (key, value)] {
      #expect(try Program.run(["git", "config", "-f", path + "/.git/config", key, value]).status == 0)
    }
    let error = #expect(throws: GitError.self) { try open(path) }
    guard case .unsupportedRepository = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  /// Extensions that say where settings are and what may be absent take nothing away from what is read.
  @Test(arguments: ["worktreeConfig", "partialClone", "preciousObjects", "noop"])
  func `a known extension is supported`(name: String) throws {
    let folder = try TemporaryFolder()
    let path = try gitRepository(folder)
    for (key, value) in [("core.repositoryformatversion", "1"), ("extensions.\(name)", "true")] {
      #expect(try Program.run(["git", "config", "-f", path + "/.git/config", key, value]).status == 0)
    }
    let repository = try open(path)
    #expect(try repository.readCommit(repository.resolve(revision: "HEAD")).commit.defect == nil)
    #expect(repository.isPartialClone == (name == "partialClone"))
  }

  @Test func `a shallow clone is told, and where it ends is an error of its own`() throws {
    let folder = try TemporaryFolder()
    let scripted = try ScriptedRepository()
    let root = try scripted.commit()
    let middle = try scripted.commit(parents: [root])
    let tip = try scripted.commit(parents: [middle])
    try scripted.setRef("refs/heads/main", to: tip)
    let path = folder.path + "/shallow.git"
    #expect(
      try Program.run(["git", "clone", "-q", "--bare", "--depth=2", "file://" + scripted.path, path]).status == 0)
    let shallow = try open(path)
    #expect(shallow.isShallow && !shallow.isPartialClone)
    #expect(throws: GitError.shallow(path: path)) {
      try shallow.walk(from: [tip], hiding: [], exact: true) { _, _, _ in }
    }
    #expect(throws: GitError.shallow(path: path)) { try shallow.isAncestor(root, of: tip) }
    // The twin: above the cut everything is as it should be.
    #expect(try shallow.isAncestor(middle, of: tip))
    #expect(try !open(scripted.path).isShallow)
    #expect(GitError.shallow(path: path).next.contains("git fetch --unshallow"))
  }

  @Test func `a partial clone is told, and what it lacks is promised`() throws {
    let folder = try TemporaryFolder()
    let scripted = try ScriptedRepository()
    let tip = try scripted.commit(files: ["a": "1"])
    try scripted.setRef("refs/heads/main", to: tip)
    try scripted.setConfig("uploadpack.allowfilter", "true")
    let path = folder.path + "/partial.git"
    let clone = ["git", "clone", "-q", "--bare", "--filter=blob:none", "file://" + scripted.path, path]
    #expect(try Program.run(clone).status == 0)
    let partial = try open(path)
    let blob = try scripted.blob(Array("1".utf8))
    #expect(partial.isPartialClone && !partial.isShallow)
    #expect(throws: GitError.missingObject(blob, promised: true)) { try partial.read(blob, as: .blob) }
    #expect(GitError.missingObject(blob, promised: true).next == "git fetch --refetch --no-filter")
    #expect(try partial.readCommit(tip).commit.defect == nil)
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
  func `a repository of somebody else is not opened`() throws {
    let folder = try TemporaryFolder()
    let path = try gitRepository(folder)
    func give(_ path: String, _ user: uid_t) { #expect(lchown(path, user, user) == 0) }

    // The owner of any of the three decides: work tree, repository, linked work tree's file.
    for foreign in [path, path + "/.git"] {
      give(foreign, 12345)
      #expect(throws: GitError.foreignOwner(path: path)) { try open(path) }
      give(foreign, 0)
      #expect(throws: Never.self) { try open(path) }
    }
    let linked = folder.path + "/linked"
    #expect(try Program.run(["git", "-C", path, "worktree", "add", "-q", linked]).status == 0)
    give(linked + "/.git", 12345)
    #expect(throws: GitError.foreignOwner(path: linked)) { try open(linked) }
    give(linked + "/.git", 0)
    #expect(throws: Never.self) { try open(linked) }

    let bare = try ScriptedRepository()
    give(bare.path, 12345)
    #expect(throws: GitError.foreignOwner(path: bare.path)) { try open(bare.path) }
    #expect(throws: GitError.foreignOwner(path: bare.path)) {
      try Repository.openForHook(environment: ["GIT_DIR": bare.path])
    }
    let next = GitError.foreignOwner(path: "/srv/it's").next
    #expect(next == "git config --global --add safe.directory '/srv/it'\\''s'")
  }

  /// Attack: a request brings a folder that is a bare repository, with settings of its own, and somebody stands in it.
  @Test(arguments: ["\tbare = true\n", "\tbare = false\n\tworktree = ..\n"])
  func `a repository in another one's work tree is nobody's word`(settings: String) throws {
    let folder = try TemporaryFolder()
    let path = try gitRepository(folder)
    let inner = path + "/docs/inner"
    #expect(try Program.run(["git", "init", "-q", "--bare", inner]).status == 0)
    try folder.write(
      "work/docs/inner/config", "[core]\n\trepositoryformatversion = 0\n\(settings)[maint]\n\ttrustRoot = 1111\n")
    for start in [inner, inner + "/refs", inner + "/refs/heads"] {
      #expect(throws: GitError.embedded(path: inner, workTree: path)) { try open(start) }
    }
    // The person may have made it.
    let config = try folder.write("gitconfig", "[safe]\n\tdirectory = \(inner)\n")
    #expect(throws: Never.self) { try open(inner, ConfigurationFiles(system: nil, user: [config])) }
    // The same beside the work tree is a repository like any other.
    let beside = folder.path + "/beside"
    try Tool.succeed("cp", ["-r", inner, beside])
    try folder.write("beside/config", "[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
    #expect(try open(beside).gitDirectory == beside)
    // A hook is told where its repository is, and looks for none.
    #expect(throws: Never.self) { try Repository.openForHook(environment: ["GIT_DIR": inner]) }
  }

  @Test func `a work tree whose .git leads to a folder beside it is no other's`() throws {
    let folder = try TemporaryFolder()
    let bare = folder.path + "/project/.bare"
    #expect(try Program.run(["git", "init", "-q", "--bare", "-b", "main", bare]).status == 0)
    try folder.write("project/.git", "gitdir: ./.bare\n")
    #expect(try open(folder.path + "/project").gitDirectory == bare)
    #expect(try open(bare).gitDirectory == bare)
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
  func `safe.directory opens what it names, and only when the user says it`() throws {
    let scripted = try ScriptedRepository()
    #expect(lchown(scripted.path, 12345, 12345) == 0)
    let parent = (scripted.path as NSString).deletingLastPathComponent
    let folder = try TemporaryFolder()
    let foreign = GitError.foreignOwner(path: scripted.path)
    let table: [(String, Bool)] = [
      ("directory = \(scripted.path)", true), ("directory = *", true), ("directory = \(parent)/*", true),
      ("directory = \(scripted.path)/", true),
      ("directory = \(parent)", false), ("directory = \(scripted.path)x", false), ("directory = /", false),
      ("directory = *\n\tdirectory =", false), ("directory =\n\tdirectory = *", true), ("other = *", false),
    ]
    for (line, expected) in table {
      let config = try folder.write("gitconfig", "[safe]\n\t\(line)\n")
      for files in [ConfigurationFiles(system: config, user: []), ConfigurationFiles(system: nil, user: [config])] {
        let git = try Program.run(
          ["git", "-C", scripted.path, "rev-parse", "--git-dir"],
          adding: ["GIT_CONFIG_GLOBAL": config, "SUDO_UID": "0"])
        // `/*` came with git 2.46.
        if !line.contains("/*") && !line.hasSuffix("/") { #expect((git.status == 0) == expected, "git: \(line)") }
        if expected {
          #expect(throws: Never.self, "\(line)") { try open(scripted.path, files) }
        } else {
          #expect(throws: foreign, "\(line)") { try open(scripted.path, files) }
        }
      }
    }
    // Attack: the repository calls itself safe.
    try scripted.writeFile("config", "[core]\n\tbare = true\n[safe]\n\tdirectory = *\n")
    #expect(throws: foreign) { try open(scripted.path) }
  }
}

struct ConfigurationTests {
  @Test func `the files are those that git reads`() {
    let none = ConfigurationFiles(environment: [:])
    #expect(none == ConfigurationFiles(system: "/etc/gitconfig", user: []))
    let home = ConfigurationFiles(environment: ["HOME": "/h"])
    #expect(home == ConfigurationFiles(system: "/etc/gitconfig", user: ["/h/.config/git/config", "/h/.gitconfig"]))
    let set = ConfigurationFiles(environment: [
      "HOME": "/h", "XDG_CONFIG_HOME": "/x", "GIT_CONFIG_NOSYSTEM": "1",
    ])
    #expect(set == ConfigurationFiles(system: nil, user: ["/x/git/config", "/h/.gitconfig"]))
    let chosen = ConfigurationFiles(environment: [
      "HOME": "/h", "GIT_CONFIG_GLOBAL": "/g", "GIT_CONFIG_SYSTEM": "/s", "GIT_CONFIG_NOSYSTEM": "false",
    ])
    #expect(chosen == ConfigurationFiles(system: "/s", user: ["/g"]))
    #expect(ConfigurationFiles(environment: ["HOME": "/h", "GIT_CONFIG_GLOBAL": ""]).user.isEmpty)
  }

  @Test func `the nearer file wins, and kinds of values are git's`() throws {
    let folder = try TemporaryFolder()
    let files = ConfigurationFiles(
      system: try folder.write("system", "[maint]\n\ta = system\n\tb = system\n\tc = system\n\td = system\n"),
      user: [
        try folder.write("xdg", "[maint]\n\tb = xdg\n\tc = xdg\n\td = xdg\n"),
        try folder.write("user", "[maint]\n\tc = user\n\td = user\n[include]\n\tpath = more\n"),
      ])
    try folder.write("more", "[maint]\n\tincluded = yes\n")
    let scripted = try ScriptedRepository()
    try scripted.writeFile(
      "config",
      "[core]\n\tbare = true\n[maint]\n\td = local\n\tnumber = 2k\n\tflag\n\toff = no\n\tword = maybe\n"
        + "[remote \"Some.Name\"]\n\turl = https://example.org/x\n[remote \"b\"]\n\turl = ../b\n")
    let repository = try open(scripted.path, files)
    #expect(
      ["a", "b", "c", "d", "e"].map { repository.config("maint.\($0)") } == ["system", "xdg", "user", "local", nil])
    #expect(repository.configInt("maint.number") == 2048 && repository.configInt("maint.word") == nil)
    #expect(repository.configBool("maint.flag") == true && repository.configBool("maint.off") == false)
    #expect(repository.configBool("maint.included") == true && repository.configBool("maint.none") == nil)
    #expect(
      try repository.remotes() == [
        Remote(name: "Some.Name", url: "https://example.org/x"), Remote(name: "b", url: "../b"),
      ])
    try repository.setConfig("maint.d", "new")
    #expect(repository.config("maint.d") == "new")
    #expect(try scripted.git("config", "--get", "maint.d").text == "new\n")
    #expect(try open(scripted.path, files).config("maint.d") == "new")
  }

  @Test func `a broken file is an error, not the default`() throws {
    let scripted = try ScriptedRepository()
    try scripted.writeFile("config", "[core\n\tbare = true\n")
    #expect(throws: GitError.self) { try open(scripted.path) }
    let folder = try TemporaryFolder()
    let broken = try folder.write("user", "[maint\n")
    #expect(throws: GitError.self) {
      try open(try ScriptedRepository().path, ConfigurationFiles(system: nil, user: [broken]))
    }
  }

  @Test func `a work tree's own settings win where the repository allows them`() throws {
    let folder = try TemporaryFolder()
    let path = try gitRepository(folder)
    for arguments in [
      ["config", "maint.x", "shared"], ["config", "extensions.worktreeConfig", "true"],
      ["config", "--worktree", "maint.x", "own"],
    ] {
      #expect(try Program.run(["git", "-C", path] + arguments).status == 0)
    }
    #expect(try open(path).config("maint.x") == "own")
  }
}
