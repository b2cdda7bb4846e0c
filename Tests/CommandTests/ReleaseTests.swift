import Foundation
import Support
import Testing

/// A release from its branch to its tag: what `release status` finds at each stage.
@Suite struct ReleaseTests {
  private struct Scene {
    let clone: Clone
    let team: Team

    func status(_ command: String = "status", _ words: String...) async throws -> (
      states: [String: String], result: Finished
    ) {
      let result = try await clone.sandbox.run(
        [ServerProgram.command, "release", command, "2026.01.0", "--format", "json"] + words, in: clone.path)
      let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
      let items = object?["items"] as? [[String: String]] ?? []
      return (Dictionary(items.map { ($0["name"]!, $0["state"]!) }) { $1 }, result)
    }
  }

  private func scene() async throws -> Scene {
    let (server, clone) = try await Server.make()
    try await clone.git("config", "maint.trustRoot", server.start)
    try await clone.change("a", by: server.team.alice, mergedBy: server.team.bob)
    return Scene(clone: clone, team: server.team)
  }

  private func branch(_ scene: Scene) async throws {
    try await scene.clone.git("checkout", "--quiet", "-b", "release/2026.01.0", "staging")
    try await scene.clone.commit(
      "digests/core.txt", String(repeating: "a", count: 64) + " busybox\n", by: scene.team.alice)
  }

  private func publish(_ scene: Scene) async throws {
    try await scene.clone.git("checkout", "--quiet", "staging")
    try await scene.clone.merge("release/2026.01.0", by: scene.team.bob)
    try await scene.clone.git("checkout", "--quiet", "main")
    try await scene.clone.merge("staging", by: scene.team.carol)
    try await scene.clone.commitIndex(
      by: scene.team.carol, ["--amend", "--message", "Merge branch 'staging' (Release 2026.01.0)"])
  }

  @Test func eachStageIsSeen() async throws {
    let scene = try await scene()
    #expect(try await scene.status().states["branch"] == "missing")
    try await branch(scene)
    let branched = try await scene.status()
    #expect(branched.states["branch"] == "done", "\(branched.result.output)\(branched.result.error)")
    #expect(branched.states["content"] == "done")
    #expect(branched.states["staging"] == "missing")
    #expect(branched.states["main"] == "missing")
    try await publish(scene)
    let merged = try await scene.status()
    for name in ["branch", "content", "staging", "main", "tree", "rule"] {
      #expect(merged.states[name] == "done", "\(name): \(merged.result.output)")
    }
    #expect(merged.states["tag"] == "missing")
    #expect(merged.states["digests"] == "unknown")
    #expect(try await scene.status("verify").result.status == 1)
    let notes = try await scene.clone.sandbox.run(
      [ServerProgram.command, "release", "notes", "2026.01.0"], in: scene.clone.path)
    #expect(notes.output.contains("Release 2026.01.0"), "\(notes.output)\(notes.error)")
    for person in ["alice", "bob", "carol"] { #expect(notes.output.contains("- \(person) ("), "\(notes.output)") }
    try await scene.clone.git(
      "-c", "user.signingkey=\(scene.team.bob.fingerprint)", "tag", "-s", "-m", notes.output, "2026.01.0", "main")
    let tagged = try await scene.status()
    #expect(tagged.states["tag"] == "done", "\(tagged.result.output)")
    #expect(tagged.states["notes"] == "done")
  }

  /// Attack: a tag whose text was changed under bob's signature is done, since it names his key.
  @Test func aTagIsDoneOnlyWithAGoodSignature() async throws {
    let scene = try await scene()
    try await branch(scene)
    try await publish(scene)
    try await scene.clone.git(
      "-c", "user.signingkey=\(scene.team.bob.fingerprint)", "tag", "-s", "-m", "a\n\nb\nc", "2026.01.0", "main")
    #expect(try await scene.status().states["tag"] == "done")
    let text = try await scene.clone.sandbox.must(["git", "cat-file", "tag", "2026.01.0"], in: scene.clone.path)
    let changed = Array((text.replacingOccurrences(of: "\nb\n", with: "\nevil\n") + "\n").utf8)
    let forged = try await scene.clone.sandbox.must(
      ["git", "hash-object", "-t", "tag", "-w", "--stdin"], in: scene.clone.path, input: changed)
    try await scene.clone.git("update-ref", "refs/tags/2026.01.0", forged.trimmingCharacters(in: .newlines))
    let result = try await scene.status()
    #expect(result.states["tag"] == "wrong", "\(result.result.output)\(result.result.error)")
  }

  /// Attack: the server's lead lists one more key, in a commit by nobody; the release is counted by it.
  @Test func rulesThatNobodyAcceptedCountNothing() async throws {
    let (server, clone) = try await Server.make()
    let scene = Scene(clone: clone, team: server.team)
    try await clone.git("config", "maint.trustRoot", server.start)
    try await clone.git("checkout", "--quiet", "main")
    #expect(try await scene.status().result.status != 2)
    let registry = try await clone.git("show", "main:MAINTAINERS")
    let mallory = server.team.mallory.fingerprint
    try await clone.commit(
      "MAINTAINERS", "\(registry)\n[people.mal]\n[keys.mal.card]\nid = \"\(mallory)\"\ndevices = \"YubiKey 5\"\n")
    try await clone.git("update-ref", "refs/remotes/origin/main", "main")
    let result = try await clone.sandbox.run([ServerProgram.command, "release", "status", "2026.01.0"], in: clone.path)
    #expect(result.status != 0 && result.output.isEmpty, "\(result.output)\(result.error)")
    #expect(result.error.contains("is not what the rule accepts"), "\(result.error)")
  }

  /// What staging lacks is smuggled in on the release branch, unless it is late and stays there.
  @Test func whatStagingLacksIsFound() async throws {
    let scene = try await scene()
    try await branch(scene)
    try await scene.clone.commit("packages/core/x/Containerfile", "FROM x\n", by: scene.team.alice)
    let wrong = try await scene.status()
    #expect(wrong.states["content"] == "wrong", "\(wrong.result.output)")
    try await scene.clone.git("reset", "--quiet", "--hard", "HEAD^")
    try await publish(scene)
    try await scene.clone.git("checkout", "--quiet", "release/2026.01.0")
    try await scene.clone.commit("packages/core/x/Containerfile", "FROM x\n", by: scene.team.alice)
    let late = try await scene.status()
    #expect(late.states["content"] == "done", "\(late.result.output)")
    try await scene.clone.git(
      "-c", "user.signingkey=\(scene.team.bob.fingerprint)", "tag", "-s", "-m", "a\n\nb\nc", "2026.01.0", "HEAD")
    #expect(try await scene.status().states["tag"] == "done")
    // The twin: a tag on what is no state of the release at all.
    try await scene.clone.git(
      "-c", "user.signingkey=\(scene.team.bob.fingerprint)", "tag", "-f", "-s", "-m", "a", "2026.01.0", "main~1")
    #expect(try await scene.status().states["tag"] == "wrong")
  }

  /// What a person finds out about a release with git, gpg and a shell, in another way than the program does. Lines
  /// `NAME VALUE`.
  private static let byHand = """
    set -eu
    merge=$(git log --first-parent --merges --format='%H %s' main | grep -F "(Release $1)" |
      head -n 1 | cut -d ' ' -f 1)
    echo merge $merge
    echo changes $(git rev-list --count "$merge^1..$merge")
    [ "$(git rev-parse "$merge^{tree}")" = "$(git rev-parse "$merge^2^{tree}")" ] && echo tree same
    git log --first-parent --format=%H staging | grep -qx "$(git rev-parse "$merge^2")" && echo staging state
    git show-ref --quiet "refs/tags/$1" || echo tag none
    git show-ref --quiet "refs/heads/release/$1" || echo branch none
    # A digest is 64 digits and a name.
    git show "$merge:digests/bootstrap.txt" | grep -Evq '^[0-9a-f]{64} [a-z0-9-]+$' && echo digests other
    key=$(git cat-file commit "$merge" | sed -n '/^gpgsig /,/^ -----END/{s/^gpgsig //; s/^ //; p}' |
      gpg --list-packets 2>/dev/null |
      sed -n 's/.*issuer fpr v4 \\([0-9A-F]*\\).*/\\1/p')
    for file in "$2"/keys/*.asc; do
      gpg --show-keys --with-colons "$file" 2>/dev/null | grep -q ":$key:" && primary=$(basename "$file" .asc)
    done
    echo signer $(sed -n "/^\\[keys\\./{s/^\\[keys\\.\\([a-z0-9]*\\)\\..*/\\1/; h}; /$primary/{x; p}" "$2/MAINTAINERS")
    """

  /// On a replica of StageX's history: what the program says of three releases, and what is found by hand.
  @Test(
    .enabled(
      if: Shared.path("data/stagex-replica/history.bundle") != nil, "needs the replica: set STAGEX_MAINT_SHARED"),
    arguments: ["2025.10.0", "2025.08.0", "2025.07.0"])
  func onTheReplica(release: String) async throws {
    let folder = Shared.path("data/stagex-replica")!
    let sandbox = try Sandbox()
    try await sandbox.must(["git", "clone", "--quiet", "--mirror", "\(folder)/history.bundle", "r.git"])
    let root = try await sandbox.must(["git", "-C", "r.git", "rev-list", "--first-parent", "--max-parents=0", "main"])
    try await sandbox.must(["git", "-C", "r.git", "config", "maint.trustRoot", root])
    let facts = try await sandbox.must(
      ["sh", "-c", Self.byHand, "sh", release, "\(folder)/registry"], in: "\(sandbox.path)/r.git"
    )
    .split(separator: "\n").reduce(into: [String: String]()) { facts, line in
      let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
      facts[parts[0]] = parts.count > 1 ? parts[1] : ""
    }
    let result = try await sandbox.run([
      ServerProgram.command, "-C", "r.git", "release", "verify", release, "--registry", "\(folder)/registry",
      "--format", "json",
    ])
    #expect(result.status == 1, "\(result.output)\(result.error)")
    let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    let items = object?["items"] as? [[String: String]] ?? []
    func item(_ name: String) -> (state: String, words: String) {
      let found = items.first { $0["name"] == name }
      return (found?["state"] ?? "", found?["words"] ?? "")
    }
    let merge = try #require(facts["merge"])
    #expect(item("main").state == "done")
    #expect(
      item("main").words == "\(merge.prefix(12)) names the release, signed with \(facts["signer"] ?? "nobody")'s key")
    #expect(item("rule").words.hasPrefix("\(facts["changes"] ?? "none") changes"), "\(item("rule").words)")
    // One change of 2025.10.0 has one maintainer; which one: stagex-maint explain.
    #expect(item("rule").state == (release == "2025.10.0" ? "wrong" : "done"))
    for (name, fact, state) in [
      ("tree", facts["tree"] == "same", "done"), ("staging", facts["staging"] == "state", "done"),
      ("tag", facts["tag"] == "none", "missing"), ("notes", facts["tag"] == "none", "missing"),
      ("branch", facts["branch"] == "none", "done"), ("content", facts["branch"] == "none", "unknown"),
      ("digests", facts["digests"] == "other", "missing"), ("machines", facts["digests"] == "other", "unknown"),
    ] {
      #expect(fact && item(name).state == state, "\(name): \(facts), \(item(name))")
    }
    #expect(item("branch").words.contains("is gone"))
    #expect(item("tag").words == "there is no tag \(release)")
  }
}
