import Foundation
import Support

/// A forge whose `main` and `staging` begin with a registry of alice, bob and carol, the CI file that `init` writes for
/// it, and a runner that does with that file what the CI would.
struct CIScene {
  let forge: TestForge
  let team: Team
  let clone: ForgeClone
  let kind: String
  /// The trust root.
  let root: String
  /// The runner's git fetches nothing but last commits.
  var isShallow = false
  /// The runner's folder still holds what another job has left: a shallow clone.
  var isUsedBefore = false
  private let folder: TemporaryFolder
  private let sandbox: Sandbox

  static let isPossible: Bool =
    TestForge.isPossible && Tool.find("bash") != nil
    && (try? Tool.run("/usr/bin/python3", ["-c", "import yaml"]).status) == 0

  /// - Parameter policy: `review.toml` of the first commit; none when nil.
  init(_ kind: String, policy: String? = nil) async throws {
    self.kind = kind
    team = try await Team.shared()
    (forge, folder, sandbox) = (try TestForge(), try TemporaryFolder(), try Sandbox(gnupgHome: team.gnupgHome))
    clone = try forge.clone()
    try clone.git("checkout", "-q", "staging")
    for file in team.registry(team.maintainers) {
      try FileManager.default.createDirectory(atPath: clone.path + "/keys", withIntermediateDirectories: true)
      try Data(file.text.utf8).write(to: URL(filePath: "\(clone.path)/\(file.path)"))
    }
    if let policy { try Data(policy.utf8).write(to: URL(filePath: clone.path + "/review.toml")) }
    try clone.git("add", "-A")
    try Self.commit(clone, "Start", by: team.alice, team)
    try clone.push(as: "alice", "HEAD:main", "HEAD:staging")
    root = try clone.git("rev-parse", "HEAD")

    // The program as a release has it: one file whose sum is known.
    let program = "#!/bin/sh\nexec \(ServerProgram.command) \"$@\"\n"
    try folder.write("release/stagex-maint", program, executable: true)
    let sum = try Tool.succeed("sha256sum", ["\(folder.path)/release/stagex-maint"]).text.prefix(64)
    try folder.write(
      "bin/curl",
      """
      #!/bin/sh
      # Gives the release to who asks for it as it must be asked for; all else goes to the real curl.
      case " $* " in
      *" --output "*)
        case " $* " in *" --proto =https "*) ;; *) exit 2 ;; esac
        for last; do :; done
        [ "$last" = https://releases.example/stagex-maint ] || exit 22
        cp '\(folder.path)/release/stagex-maint' stagex-maint ;;
      *) exec /usr/bin/curl "$@" ;;
      esac
      """, executable: true)
    let written = try await sandbox.run(
      [ServerProgram.command, "init", "--yes", "--trust-root", root, "--lead", "main", "--ci", kind]
        + ["--ci-program", "https://releases.example/stagex-maint", "--ci-sha256", String(sum)], in: clone.path)
    guard written.status == 0 else { throw StepFailed("init: \(written)") }
  }

  /// Where `init` has put the CI's file.
  var file: String {
    clone.path + "/"
      + [
        "github": ".github/workflows/two-maintainers.yml", "forgejo": ".forgejo/workflows/two-maintainers.yml",
        "gitlab": ".gitlab/two-maintainers.yml",
      ][
        kind, default: ".woodpecker/two-maintainers.yml"]
  }

  @discardableResult
  static func commit(_ clone: ForgeClone, _ message: String, by person: Person?, _ team: Team) throws -> String {
    let sign = person.map { ["-S\($0.fingerprint)"] } ?? ["--no-gpg-sign"]
    try Tool.succeed(
      "git", ["commit", "-q", "--allow-empty", "-m", message] + sign, environment: ["GNUPGHOME": team.gnupgHome],
      folder: clone.path)
    return try clone.git("rev-parse", "HEAD")
  }

  /// A commit on a new branch of bob's fork, adopted or not, and the head of a pull request for it.
  func request(_ name: String, adoptedBy person: Person?) throws -> (number: Int, head: String) {
    let fork = try forge.clone(TestForge.fork)
    try fork.git("fetch", "-q", forge.remote(), "staging")
    try fork.git("checkout", "-q", "-b", name, "FETCH_HEAD")
    try Data("\(name)\n".utf8).write(to: URL(filePath: "\(fork.path)/\(name)"))
    try fork.git("add", "-A")
    var head = try Self.commit(fork, "Add \(name)", by: nil, team)
    if let person { head = try Self.commit(fork, "Adopt", by: person, team) }
    try fork.push(as: "bob", "HEAD:refs/heads/\(name)")
    let answer = try forge.call(
      "POST", "/repos/\(TestForge.repository)/pulls", as: "bob",
      body: #"{"title": "Add $(touch /tmp/owned) `x`; \"", "head": "bob:\#(name)", "base": "staging", "body": ""}"#)
    guard let number = answer.firstMatch(of: #/"number": (\d+)/#).flatMap({ Int($0.1) }) else {
      throw StepFailed("no pull request: \(answer)")
    }
    // GitLab keeps heads elsewhere.
    try Tool.succeed("git", ["-C", forge.path(), "update-ref", "refs/merge-requests/\(number)/head", head])
    return (number, head)
  }

  /// What bob does to his request: its branch, and with it the forge's ref, holds another commit.
  func move(_ number: Int, _ branch: String, to head: String) throws {
    let fork = try forge.clone(TestForge.fork)
    try fork.git("fetch", "-q", forge.remote(TestForge.fork), head)
    try fork.push(as: "bob", "--force", "\(head):refs/heads/\(branch)")
    try Tool.succeed("git", ["-C", forge.path(), "update-ref", "refs/merge-requests/\(number)/head", head])
  }

  /// A merge of `change` onto `staging`, pushed: by two people, or by one alone.
  func push(_ name: String, by author: Person, mergedBy merger: Person) throws -> (before: String, after: String) {
    let before = try clone.git("rev-parse", "origin/staging")
    try clone.git("checkout", "-q", "-B", name, before)
    try Data("\(name)\n".utf8).write(to: URL(filePath: "\(clone.path)/\(name)"))
    try clone.git("add", name)
    try Self.commit(clone, "Add \(name)", by: author, team)
    try clone.git("checkout", "-q", "-B", "staging", before)
    try Tool.succeed(
      "git", ["merge", "-q", "--no-ff", "-S\(merger.fingerprint)", "-m", "Merge \(name)", name],
      environment: ["GNUPGHOME": team.gnupgHome], folder: clone.path)
    // The clone's own hook would say what the CI is to find.
    try clone.push(as: "alice", "--no-verify", "staging")
    return (before, try clone.git("rev-parse", "HEAD"))
  }

  /// Copied by another process: a child that some other test starts meanwhile would hold our open file, and nobody
  /// could run it.
  private func script(_ name: String, _ text: String) throws {
    let source = try folder.write("\(name).text", text)
    try Tool.succeed("install", ["-m", "755", source, "\(folder.path)/\(name)"])
  }

  /// Starts the job as the CI does for this event.
  ///
  /// - Parameters:
  ///   - payload: Of the event file, where the CI has one.
  ///   - variables: What the CI puts into the environment.
  func run(_ event: String, payload: String = "{}", variables: [String: String] = [:], branch: String = "") throws
    -> Tool.Result
  {
    let work = try TemporaryFolder()
    var path = ["\(folder.path)/bin"]
    if isShallow {
      // A runner whose git fetches the last commit of everything, whatever it is asked for.
      try script(
        "shallow/git",
        """
        #!/bin/sh
        if [ "$1" = fetch ]; then shift; set -- fetch --depth=1 "$@"; fi
        exec \(Tool.find("git") ?? "git") "$@"

        """)
      path.insert("\(folder.path)/shallow", at: 0)
    }
    if isUsedBefore {
      try Tool.succeed("git", ["clone", "-q", "--depth=1", forge.remote(), work.path + "/job/repository"])
    }
    let home = try TemporaryFolder()
    let facts: [String: Any] = [
      "event": event, "payload": try JSONSerialization.jsonObject(with: Data(payload.utf8)), "url": forge.url,
      "api": forge.url + "/api/v1",
      "repository": TestForge.repository, "token": forge.token(of: "alice"), "variables": variables, "branch": branch,
      "path": path, "home": home.path,
    ]
    let file = try work.write(
      "facts.json", String(decoding: try JSONSerialization.data(withJSONObject: facts), as: UTF8.self))
    try work.write("job/.keep", "")
    return try Tool.run("\(Tool.packageFolder)/Tests/CI/run-ci", [kind, self.file, file, work.path + "/job"])
  }

  /// A pull request's event, as this CI tells of it.
  func judge(_ number: Int, _ head: String, target: String = "staging", action: String = "synchronize") throws
    -> Tool.Result
  {
    switch kind {
    case "gitlab":
      try run(
        "merge_request_event",
        variables: gitlab.merging([
          "CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_IID": String(number),
          "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": target,
          "CI_MERGE_REQUEST_EVENT_TYPE": "detached", "CI_COMMIT_SHA": head,
          "CI_MERGE_REQUEST_PROJECT_PATH": TestForge.repository,
        ]) { $1 })
    case "woodpecker":
      try run(
        "pull_request",
        variables: [
          "CI_REPO_CLONE_URL": forge.remote(), "CI_COMMIT_SHA": head, "CI_COMMIT_PULL_REQUEST": String(number),
          "CI_COMMIT_TARGET_BRANCH": target,
          "CI_COMMIT_BRANCH": target,
        ], branch: target)
    default:
      try run(
        "pull_request_target",
        payload: """
          {"action": "\(action)", "number": \(number), "pull_request": {"number": \(number), \
          "title": "$(touch /tmp/owned)", "head": {"sha": "\(head)", "ref": "x"},
           "base": {"ref": "\(target)", "sha": "\(root)", "repo": {"full_name": "\(TestForge.repository)"}}}}
          """, variables: ["GITHUB_BASE_REF": target, "GITHUB_SHA": root, "GITHUB_REF": "refs/heads/\(target)"])
    }
  }

  /// A push's event, as this CI tells of it.
  func tell(pushed before: String, _ after: String, branch: String = "staging") throws -> Tool.Result {
    switch kind {
    case "gitlab":
      try run(
        "push",
        variables: gitlab.merging([
          "CI_PIPELINE_SOURCE": "push", "CI_COMMIT_REF_PROTECTED": "true", "CI_COMMIT_BEFORE_SHA": before,
          "CI_COMMIT_SHA": after, "CI_COMMIT_BRANCH": branch,
        ]) { $1 })
    case "woodpecker":
      try run(
        "push",
        variables: [
          "CI_REPO_CLONE_URL": forge.remote(), "CI_COMMIT_SHA": after, "CI_COMMIT_BRANCH": branch,
          "CI_PREV_COMMIT_SHA": before, "CI_PREV_COMMIT_BRANCH": branch,
          "CI_PREV_PIPELINE_EVENT": "push",
        ], branch: branch)
    default:
      try run(
        "push",
        payload: """
          {"ref": "refs/heads/\(branch)", "before": "\(before)", "after": "\(after)", \
          "repository": {"full_name": "\(TestForge.repository)"}}
          """, variables: ["GITHUB_SHA": after, "GITHUB_REF": "refs/heads/\(branch)"])
    }
  }

  var gitlab: [String: String] {
    [
      "CI_PROJECT_PATH": TestForge.repository, "CI_PROJECT_URL": "\(forge.url)/\(TestForge.repository)",
      "CI_SERVER_URL": forge.url, "CI_JOB_TOKEN": forge.token(of: "alice"), "CI_PROJECT_ID": "1",
    ]
  }
}
