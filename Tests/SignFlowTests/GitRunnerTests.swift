import Dispatch
import SignFlow
import Support
import Testing

/// What we start of git runs nobody's program: each way in which a setting, a tree or a relative path could name one,
/// and git by itself to show that the trap is real.
struct GitRunnerTests {
  let folder: TemporaryFolder
  var work: String { "\(folder.path)/w" }
  var trace: String { "\(folder.path)/ran" }

  init() throws {
    folder = try TemporaryFolder()
    try Tool.succeed("git", ["init", "--quiet", "-b", "main", work])
    // The trap: a program in the tree itself.
    try folder.write("w/trap", "#!/bin/sh\ntouch \(folder.path)/ran\ncat\n", executable: true)
    try folder.write("w/trap-alone", "#!/bin/sh\ntouch \(folder.path)/ran\n", executable: true)
    try folder.write("w/.gitattributes", "*.f filter=trap merge=trap diff=trap\n")
    try folder.write("w/a.f", "one\ntwo\nthree\nfour\nfive\n")
    try Tool.succeed("git", ["-C", work, "add", "."])
    try Tool.succeed("git", ["-C", work, "commit", "--quiet", "-m", "Start"])
    try git("branch", "other")
    try folder.write("w/a.f", "ONE\ntwo\nthree\nfour\nfive\n")
    try git("commit", "--quiet", "--all", "-m", "Ours")
    try git("checkout", "--quiet", "other")
    try folder.write("w/a.f", "one\ntwo\nthree\nfour\nFIVE\n")
    try git("commit", "--quiet", "--all", "-m", "Theirs")
    try git("checkout", "--quiet", "main")
  }

  @discardableResult
  func git(_ words: String...) throws -> Tool.Result { try Tool.run("git", ["-C", work] + words) }

  func runner() -> GitRunner {
    GitRunner(gitDirectory: "\(work)/.git", folder: work, environment: Tool.bareEnvironment, mayPrompt: false)
  }

  func hasRun() throws -> Bool {
    defer { _ = try? Tool.run("rm", ["-f", trace]) }
    return try Tool.run("test", ["-e", trace]).status == 0
  }

  /// A setting that leads to the trap, what we do, and what git by itself walks into the trap with.
  struct Way: CustomTestStringConvertible, Sendable {
    let name: String
    let settings: [(String, String)]
    /// In a work tree, else as if bare.
    let inWorkTree: Bool
    let ours: [String]
    let theirs: [String]
    var before: [String] = []
    var input = ""
    var testDescription: String { name }
  }

  static let ways: [Way] = [
    Way(
      name: "hooks at a relative path", settings: [("core.hooksPath", "hooks")], inWorkTree: true,
      ours: ["checkout", "--quiet", "other"], theirs: ["checkout", "--quiet", "main"],
      before: ["sh", "-c", "mkdir hooks; cp trap hooks/post-checkout"]),
    Way(
      name: "hooks of the clone", settings: [], inWorkTree: true, ours: ["checkout", "--quiet", "other"],
      theirs: ["checkout", "--quiet", "main"],
      before: ["sh", "-c", "mkdir -p .git/hooks; cp trap .git/hooks/post-checkout"]),
    Way(
      name: "reference-transaction hook", settings: [], inWorkTree: false, ours: ["update-ref", "refs/x/y", "HEAD"],
      theirs: ["update-ref", "refs/x/z", "HEAD"],
      before: ["sh", "-c", "mkdir -p .git/hooks; cp trap .git/hooks/reference-transaction"]),
    Way(
      name: "fsmonitor", settings: [("core.fsmonitor", "./trap")], inWorkTree: true, ours: ["status", "--porcelain"],
      theirs: ["status", "--porcelain"]),
    Way(
      name: "smudge filter", settings: [("filter.trap.smudge", "./trap")], inWorkTree: true,
      ours: ["checkout", "--quiet", "other"], theirs: ["checkout", "--quiet", "main"]),
    Way(
      name: "clean filter", settings: [("filter.trap.clean", "./trap")], inWorkTree: true, ours: ["add", "a.f"],
      theirs: ["add", "a.f"],
      before: ["sh", "-c", "echo more >>a.f"]),
    Way(
      name: "a filter that must run", settings: [("filter.trap.clean", "./trap"), ("filter.trap.required", "true")],
      inWorkTree: true, ours: ["add", "a.f"], theirs: ["add", "a.f"],
      before: ["sh", "-c", "echo more >>a.f"]),
    Way(
      name: "filter process", settings: [("filter.trap.process", "./trap")], inWorkTree: true,
      ours: ["checkout", "--quiet", "other"], theirs: ["checkout", "--quiet", "main"]),
    Way(
      name: "merge driver", settings: [("merge.trap.driver", "./trap")], inWorkTree: true,
      ours: ["merge", "--quiet", "--no-commit", "other"],
      theirs: ["merge", "--quiet", "--no-commit", "other"]),
    Way(
      name: "a driver by default", settings: [("merge.default", "also"), ("merge.also.driver", "./trap")],
      inWorkTree: true,
      ours: ["merge", "--quiet", "--no-commit", "other"], theirs: ["merge", "--quiet", "--no-commit", "other"],
      before: ["sh", "-c", "git rm -q .gitattributes; git commit -qm x"]),
    Way(
      name: "merge driver of a bare merge", settings: [("merge.trap.driver", "\(Self.absolute) %A")], inWorkTree: false,
      ours: ["merge-tree", "--write-tree", "main", "other"], theirs: ["merge-tree", "--write-tree", "main", "other"]),
    Way(
      name: "textconv", settings: [("diff.trap.textconv", "\(Self.absolute) <")], inWorkTree: true,
      ours: ["diff", "--no-textconv", "--no-ext-diff", "main", "other"],
      theirs: ["diff", "main", "other"]),
    Way(
      name: "external diff", settings: [("diff.external", Self.absolute)], inWorkTree: true,
      ours: ["diff", "--no-textconv", "--no-ext-diff", "main", "other"],
      theirs: ["diff", "main", "other"]),
    Way(
      name: "gpg in a log", settings: [("gpg.program", Self.absolute), ("log.showSignature", "true")], inWorkTree: true,
      ours: ["log", "-1", "signed"], theirs: ["log", "-1", "signed"], before: ["sh", "-c", Self.makeSigned]),
    // Asked for aloud, so that no other switch hides these.
    Way(
      name: "gpg.program for a signature", settings: [("gpg.program", Self.absolute)], inWorkTree: true,
      ours: ["log", "-1", "--show-signature", "signed"], theirs: ["log", "-1", "--show-signature", "signed"],
      before: ["sh", "-c", Self.makeSigned]),
    Way(
      name: "gpg.openpgp.program for a signature", settings: [("gpg.openpgp.program", Self.absolute)], inWorkTree: true,
      ours: ["log", "-1", "--show-signature", "signed"], theirs: ["log", "-1", "--show-signature", "signed"],
      before: ["sh", "-c", Self.makeSigned]),
    Way(
      name: "gpg.x509.program for a signature", settings: [("gpg.x509.program", Self.absolute)], inWorkTree: true,
      ours: ["log", "-1", "--show-signature", "signed"], theirs: ["log", "-1", "--show-signature", "signed"],
      before: [
        "sh", "-c",
        Self.makeSigned.replacing("PGP SIGNATURE", with: "SIGNED MESSAGE").replacing("END PGP", with: "END SIGNED"),
      ]),
    Way(
      name: "gpg.ssh.program for a signature",
      settings: [("gpg.ssh.program", Self.absolute), ("gpg.ssh.allowedSignersFile", "/dev/null")], inWorkTree: true,
      ours: ["log", "-1", "--show-signature", "signed"], theirs: ["log", "-1", "--show-signature", "signed"],
      before: [
        "sh", "-c",
        Self.makeSigned.replacing("PGP SIGNATURE", with: "SSH SIGNATURE").replacing("END PGP", with: "END SSH"),
      ]),
    Way(
      name: "gpg.program to sign", settings: [("gpg.program", Self.absolute)], inWorkTree: true,
      ours: ["commit", "-S", "--allow-empty", "-m", "x"], theirs: ["commit", "-S", "--allow-empty", "-m", "x"]),
    Way(
      name: "gpg.ssh.program to sign",
      settings: [
        ("gpg.format", "ssh"), ("user.signingKey", "key::ssh-ed25519 AAAA"), ("gpg.ssh.program", Self.absolute),
      ], inWorkTree: true,
      ours: ["commit", "-S", "--allow-empty", "-m", "x"], theirs: ["commit", "-S", "--allow-empty", "-m", "x"]),
    Way(
      name: "gpg.ssh.defaultKeyCommand",
      settings: [("gpg.format", "ssh"), ("gpg.ssh.defaultKeyCommand", Self.absolute)], inWorkTree: true,
      ours: ["commit", "-S", "--allow-empty", "-m", "x"], theirs: ["commit", "-S", "--allow-empty", "-m", "x"]),
    Way(
      name: "credential helper where nobody is asked", settings: [("credential.helper", "!./trap-alone")],
      inWorkTree: false,
      ours: ["credential", "fill"], theirs: ["credential", "fill"], input: "protocol=https\nhost=x.example\n\n"),
    Way(
      name: "ssh command at a relative path",
      settings: [("core.sshCommand", "./trap-alone"), ("remote.x.url", "ssh://x.example/r.git")], inWorkTree: false,
      ours: ["fetch", "x"], theirs: ["fetch", "x"]),
    Way(
      name: "git proxy at a relative path",
      settings: [("core.gitProxy", "./trap-alone"), ("remote.x.url", "git://x.example/r.git")], inWorkTree: false,
      ours: ["fetch", "x"], theirs: ["fetch", "x"]),
    Way(
      name: "remote helper", settings: [("protocol.ext.allow", "always"), ("remote.x.url", "ext::./trap-alone")],
      inWorkTree: false,
      ours: ["fetch", "x"], theirs: ["fetch", "x"]),
    Way(
      name: "attributes of the clone", settings: [("filter.trap.smudge", "./trap")], inWorkTree: true,
      ours: ["checkout", "--quiet", "other"], theirs: ["checkout", "--quiet", "main"],
      before: ["sh", "-c", "mkdir -p .git/info; echo '* filter=trap' > .git/info/attributes"]),
    // An equals sign in its name: `-c filter.a=b.smudge=` would set something else.
    Way(
      name: "a filter with a name that splits", settings: [("filter.a=b.smudge", "./trap")], inWorkTree: true,
      ours: ["checkout", "--quiet", "other"],
      theirs: ["checkout", "--quiet", "main"],
      before: ["sh", "-c", "mkdir -p .git/info; echo '*.f filter=a=b' > .git/info/attributes"]),
    Way(
      name: "editor", settings: [("core.editor", Self.absolute)], inWorkTree: true, ours: ["commit", "--allow-empty"],
      theirs: ["commit", "--allow-empty"]),
    Way(
      name: "an alias of a name that is git's own",
      settings: [("alias.status", "!\(Self.absolute)"), ("core.fsmonitor", "./trap")], inWorkTree: true,
      ours: ["status", "--porcelain"], theirs: ["status", "--porcelain"]),
  ]

  private static let absolute = "./trap"
  /// A commit with something that looks like a signature, for git to ask gpg about.
  private static let makeSigned = """
    git cat-file commit HEAD | sed 's/^committer .*/&\\ngpgsig -----BEGIN PGP SIGNATURE-----\\n \\n \
    iQ==\\n -----END PGP SIGNATURE-----/' |
      sed "s/^parent .*//; /^tree/a parent $(git rev-parse HEAD)" | grep -v '^$' | sed '/END PGP/a\\
    \\
    signed' | git hash-object -t commit -w --stdin | xargs git branch signed
    """

  @Test(arguments: ways)
  func `Nothing runs`(way: Way) async throws {
    for (key, value) in way.settings { #expect(try git("config", key, value).status == 0) }
    if let program = way.before.first {
      let prepared = try Tool.run(program, Array(way.before.dropFirst()), folder: work)
      #expect(prepared.status == 0, "\(prepared.all)")
    }
    _ = try hasRun()
    let runner = runner()
    let work = work
    _ = try await aside {
      way.inWorkTree
        ? try runner.run(inWorkTree: work, way.ours) : try runner.run(way.ours, input: Array(way.input.utf8))
    }
    #expect(try !hasRun(), "\(way.name): it ran")
    _ = try git("merge", "--abort")
    if way.ours == way.theirs, way.inWorkTree {
      _ = try? Tool.run("sh", ["-c", "git reset -q; touch a.f; echo >> a.f"], folder: work)
    }
    if way.ours.first == "merge" {
      _ = try Tool.run("git", ["-c", "core.hooksPath=/dev/null", "-C", work, "checkout", "--quiet", "--force", "main"])
    }
    _ = try hasRun()
    _ = try Tool.run(
      "git", ["-C", work] + way.theirs, environment: ["GIT_TERMINAL_PROMPT": "0"], input: Array(way.input.utf8))
    #expect(try hasRun(), "\(way.name): git by itself does not walk into the trap")
  }

  @Test func `A merge without its driver is git's own, and never silently one side`() async throws {
    try git("config", "merge.trap.driver", "./trap")
    let (runner, work) = (runner(), work)
    let result = try await aside { try runner.run(inWorkTree: work, ["merge", "--quiet", "--no-commit", "other"]) }
    #expect(result.status == 0)
    #expect(try Tool.succeed("cat", ["\(work)/a.f"]).text == "ONE\ntwo\nthree\nfour\nFIVE\n")
  }

  // MARK: who is asked for passwords

  /// A server that wants a password, and the ways to name a program that knows it.
  @Test(
    .enabled(if: TestForge.isPossible, "needs git, curl and python3"),
    arguments: ["credential.helper", "credential.URL.helper", "core.askPass", "GIT_ASKPASS", "SSH_ASKPASS"])
  func `A program at a relative path is not asked for a password, and the person's own is`(way: String) async throws {
    let forge = try TestForge()
    try git("remote", "add", "origin", forge.remote())
    let isHelper = way.hasPrefix("credential")
    // It knows the password, and leaves a trace.
    let knows =
      isHelper
      ? "echo username=alice; echo password=pw-alice" : "case $1 in User*) echo alice ;; *) echo pw-alice ;; esac"
    for place in ["w/knows", "own/knows"] {
      try folder.write(place, "#!/bin/sh\ntouch \(folder.path)/ran\n\(knows)\n", executable: true)
    }
    func push(_ program: String) async throws -> Int32 {
      _ = try hasRun()
      let settings = try TemporaryFolder()
      let key = way.replacing("URL", with: forge.url)
      if !way.hasSuffix("ASKPASS") {
        try Tool.succeed("git", ["config", "--file", "\(settings.path)/c", key, (isHelper ? "!" : "") + program])
      }
      var environment = Tool.bareEnvironment.merging(["GIT_CONFIG_GLOBAL": "\(settings.path)/c"]) { $1 }
      if way.hasSuffix("ASKPASS") { environment[way] = program }
      let runner = GitRunner(gitDirectory: "\(work)/.git", folder: work, environment: environment, mayPrompt: false)
      return try await aside { try runner.run(["push", "--quiet", "origin", "HEAD:refs/heads/new"]).status }
    }
    // Out of the work tree, which may be the request's: nobody is asked, and the server takes nothing.
    #expect(try await push("./knows") != 0)
    #expect(try !hasRun())
    // The person's own, named in full.
    #expect(try await push("\(folder.path)/own/knows") == 0)
    #expect(try hasRun())
  }

  // The address of a remote may be a path from the work tree; then git runs there, as it does by itself.
  @Test func `A remote at a relative path is found where git finds it`() async throws {
    try Tool.succeed("git", ["init", "--quiet", "--bare", "\(folder.path)/s.git"])
    try git("remote", "add", "origin", "../s.git")
    let runner = runner()
    #expect(try await aside { try runner.run(["push", "--quiet", "origin", "HEAD:refs/heads/new"]).status } == 0)
  }

  @Test(arguments: [
    ("../s.git", true), ("s.git", true), ("./a:b", true), ("/srv/s.git", false), ("host:s.git", false),
    ("https://h/s.git", false), ("ext::x", false),
  ])
  func `A path that depends on where git runs is told from an address`(address: String, isRelative: Bool) {
    #expect(GitSettings.isRelativePath(address) == isRelative)
  }

  // MARK: the environment

  @Test(arguments: [
    "MAINT_TOKEN", "MAINT_TOKEN_CODEBERG_ORG", "GITHUB_TOKEN", "GH_PAT", "CI_JOB_TOKEN", "AWS_SECRET_ACCESS_KEY",
    "NPM_AUTH", "DOCKER_AUTH_CONFIG",
    "DB_PASSWORD", "GPG_PASSPHRASE", "OPENAI_API_KEY", "GIT_DIR", "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0",
    "GIT_EXEC_PATH",
  ])
  func `A build gets no secret and nothing that turns git elsewhere`(name: String) {
    let environment = [
      "PATH": "/bin", "NOCACHE": "1", "SSH_AUTH_SOCK": "/s", "GIT_AUTHOR_NAME": "A", "XAUTHORITY": "/x", name: "value",
    ]
    #expect(
      ChildEnvironment.withoutSecrets(environment).keys.sorted() == [
        "GIT_AUTHOR_NAME", "NOCACHE", "PATH", "SSH_AUTH_SOCK", "XAUTHORITY",
      ])
  }

  @Test func `A token is known by what it looks like, whatever its name`() {
    let environment = ["INNOCENT": "ghp_0123456789", "OTHER": "glpat-0123", "PLAIN": "value"]
    #expect(ChildEnvironment.withoutSecrets(environment) == ["PLAIN": "value"])
  }

  @Test func `git itself gets no token`() async throws {
    let bin = "\(folder.path)/bin"
    try folder.write("bin/git", "#!/bin/sh\nenv\n", executable: true)
    let environment = Tool.bareEnvironment.merging([
      "PATH": "\(bin):/usr/bin:/bin", "MAINT_TOKEN": "secret", "GITHUB_TOKEN": "secret", "ODD": "secret",
    ]) { $1 }
    let runner = GitRunner(gitDirectory: "\(work)/.git", folder: work, environment: environment, mayPrompt: false)
    let text = try await aside { try runner.run(["fetch"]).text }
    #expect(text.contains("GIT_CONFIG_COUNT=") && !text.contains("secret"), "\(text)")
  }
}

/// Runs what waits for a program on a thread of its own: those of Swift's pool must not wait.
func aside<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
  }
}
