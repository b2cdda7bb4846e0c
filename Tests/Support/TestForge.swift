import Glibc

/// A forge on the loopback address with real repositories; see `Tests/Forge`. It ends with the value, and with the test
/// process even if that is killed.
///
/// There are `stagex/stagex` with the writers alice and dave, the fork `bob/stagex`, and carol, who only reads.
/// `main` and `staging` start at the same root commit.
package final class TestForge: Sendable {
  package static let repository = "stagex/stagex"
  package static let fork = "bob/stagex"

  /// `http://127.0.0.1:PORT`, or https with `tls`.
  package let url: String
  /// Whether requests are held against Forgejo's own description; false where it is not at hand.
  package let isContractChecked: Bool
  /// The commit that all branches start at.
  package let rootCommit: String
  private let folder: TemporaryFolder

  package static let isPossible: Bool =
    Tool.find("git") != nil && Tool.find("curl") != nil
    && (try? Tool.run("/usr/bin/python3", ["--version"]).status) == 0

  package init(tls: Bool = false) throws {
    folder = try TemporaryFolder()
    let shared = getenv("STAGEX_MAINT_SHARED").map { ["STAGEX_MAINT_SHARED": String(cString: $0)] } ?? [:]
    let started = try Tool.succeed(
      Self.program, ["start", folder.path, "--example", "--owner", String(getpid())] + (tls ? ["--tls"] : []),
      environment: shared)
    let facts = started.text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    url = facts.first { $0[0] == "url" }?[1] ?? ""
    isContractChecked = facts.first { $0[0] == "contract" }?[1] == "checked"
    rootCommit = try Tool.succeed(
      "git", ["-C", "\(folder.path)/\(Self.repository).git", "rev-parse", "refs/heads/main"]
    ).line
  }

  deinit { _ = try? Tool.run(Self.program, ["stop", folder.path]) }

  // MARK: the forge

  /// Any command of `Tests/Forge/forge` about this forge; returns what it printed.
  @discardableResult
  package func forge(_ command: String, _ arguments: String..., input: String = "") throws -> String {
    try Tool.succeed(Self.program, [command, folder.path] + arguments, input: Array(input.utf8)).text
  }

  /// The bare repository of `OWNER/NAME` on disk.
  package func path(_ repository: String = repository) -> String { "\(folder.path)/\(repository).git" }

  /// Puts a program into a repository's pre-receive.d, as an administrator does.
  package func installHook(_ program: String, repository: String = repository) throws {
    try forge("hook", repository, program)
  }

  /// Breaches of Forgejo's description so far: by our client, or (marked `SERVER`) by the test forge itself.
  package func violations() throws -> [String] { try forge("violations").split(separator: "\n").map(String.init) }

  /// Spoils answers by these rules, replacing those before; without rules the forge behaves. See
  /// `Tests/Forge/README.md`.
  package func behave(hostileBy rules: String...) throws {
    try forge("hostile", "-", input: rules.joined(separator: "\n"))
  }

  /// PEM file of the server's certificate, with `tls`.
  package var certificateFile: String { "\(folder.path)/certificate.pem" }

  // MARK: people

  package func token(of user: String) -> String {
    let hex = user.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    return String((hex + String(repeating: "0", count: 40)).prefix(40))
  }

  /// Address of a repository for git, without credentials, as a remote should be.
  package func remote(_ repository: String = repository) -> String { "\(url)/\(repository).git" }

  /// Arguments for git that give a person's password for this forge, and nothing of the machine's own helpers.
  package func credentials(of user: String) -> [String] {
    let helper = "!f() { echo username=\(user); echo password=pw-\(user); }; f"
    return ["-c", "credential.helper=", "-c", "credential.\(url).helper=\(helper)"]
  }

  // MARK: work

  /// A clone of a repository, for a person to work in.
  package func clone(_ repository: String = repository) throws -> ForgeClone { try ForgeClone(of: self, repository) }

  /// A commit on top of `base`, on a new branch of bob's fork, and a pull request for it. Returns number and head.
  package func openPullRequest(
    branch: String = "topic", base: String = "staging", title: String = "Add f", files: [String: String] = ["f": "1\n"]
  ) throws -> (number: Int, head: String) {
    let clone = try clone(Self.fork)
    try clone.git("checkout", "-q", "-b", branch, "origin/\(base)")
    let head = try clone.commit(title, files: files)
    try clone.push(as: "bob", "HEAD:refs/heads/\(branch)")
    let answer = try call(
      "POST", "/repos/\(Self.repository)/pulls", as: "bob",
      body: #"{"title": "\#(title)", "head": "bob:\#(branch)", "base": "\#(base)", "body": ""}"#)
    guard let number = answer.firstMatch(of: #/"number": (\d+)/#).flatMap({ Int($0.1) }) else {
      throw Tool.Failure(description: "no pull request: \(answer)")
    }
    return (number, head)
  }

  /// A request to the REST interface, past our client; returns the answer's text.
  @discardableResult
  package func call(_ method: String, _ path: String, as user: String? = nil, body: String? = nil) throws -> String {
    var arguments = ["-s", "-X", method, "\(url)/api/v1\(path)"]
    if let user { arguments += ["-H", "Authorization: token \(token(of: user))"] }
    if let body { arguments += ["-H", "Content-Type: application/json", "--data-binary", body] }
    return try Tool.succeed("curl", arguments).text
  }

  private static var program: String { "\(Tool.packageFolder)/Tests/Forge/forge" }
}

/// A clone to work in; deleted with the value.
package final class ForgeClone: Sendable {
  private let forge: TestForge
  private let folder: TemporaryFolder
  package var path: String { folder.path }

  init(of forge: TestForge, _ repository: String) throws {
    self.forge = forge
    folder = try TemporaryFolder()
    try Tool.succeed("git", ["clone", "-q", forge.remote(repository), folder.path])
  }

  @discardableResult
  package func git(_ arguments: String..., environment: [String: String] = [:]) throws -> String {
    try Tool.succeed("git", arguments, environment: environment, folder: path).line
  }

  /// Writes files, commits them and returns the commit's id.
  @discardableResult
  package func commit(
    _ message: String, files: [String: String] = [:], signedBy card: VirtualCard? = nil
  ) throws -> String {
    for (name, content) in files {
      try Tool.succeed("tee", [name], input: Array(content.utf8), folder: path)
      try git("add", name)
    }
    let key = card.map { ["-c", "user.signingkey=\($0.signingFingerprint)!"] } ?? []
    let sign = card == nil ? [] : ["-S"]
    try Tool.succeed(
      "git", key + ["commit", "-q", "--allow-empty", "-m", message] + sign, environment: card?.environment ?? [:],
      folder: path)
    return try git("rev-parse", "HEAD")
  }

  /// Pushes to `origin` as a person; returns what git printed. A refusal is an error with the server's words.
  @discardableResult
  package func push(as user: String, _ arguments: String...) throws -> String {
    try Tool.succeed("git", forge.credentials(of: user) + ["push", "origin"] + arguments, folder: path).errorText
  }
}
