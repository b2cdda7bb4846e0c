import Foundation
import Support
import Testing

/// A repository that has its history and its list of people already is adopted, as the README says it is done.
@Suite struct AdoptionTests {
  /// What is compared of a step: everything but messages and notes.
  private func essence(_ line: Substring) throws -> NSDictionary {
    let step = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
    guard step["updates"] != nil else { return step.filter { $0.key != "notes" } as NSDictionary }
    let refusals = (step["refusals"] as? [[String: Any]] ?? []).map { "\($0["code"] ?? "") \($0["commit"] ?? "")" }
      .sorted()
    return ["verdict": step["verdict"] ?? "", "updates": step["updates"] ?? [], "refusals": refusals] as NSDictionary
  }

  /// From a clone with the list and no certificate to an audit of the whole history, everything typed; only the server
  /// that has the certificates is named, since it is this machine.
  @Test(
    .enabled(
      if: KeyServer.isPossible && Shared.path("data/stagex-replica/history.bundle") != nil,
      "needs curl, python3-cryptography and the replica"),
    .timeLimit(.minutes(60)))
  func `StageX's history: init, keys fetch, audit`() async throws {
    let data = try #require(Shared.path("data/stagex-replica"))
    let server = try KeyServer()
    for name in try FileManager.default.contentsOfDirectory(atPath: data + "/registry/keys") {
      try server.put(
        "vks/\(name.dropLast(4))",
        Array(try #require(FileManager.default.contents(atPath: "\(data)/registry/keys/\(name)"))))
    }
    let sandbox = try Sandbox()
    let clone = sandbox.path + "/stagex"
    try await sandbox.must(["git", "clone", "--quiet", "--branch", "main", data + "/history.bundle", clone])
    // In the replica's own tree the list is as unreadable as every file.
    try Data(contentsOf: URL(filePath: data + "/registry/MAINTAINERS")).write(to: URL(filePath: clone + "/MAINTAINERS"))
    #expect(!FileManager.default.fileExists(atPath: clone + "/keys"))
    func type(_ words: String...) async throws -> Finished {
      try await sandbox.run([ServerProgram.command] + words, in: clone)
    }

    let clock = ContinuousClock()
    let start = clock.now
    let plan = try await type("init", "--plan")
    #expect(
      plan.status == 0
        && plan.output.contains("nobody counts: 8 people are listed, none has a certificate under keys/"), "\(plan)")
    #expect(plan.output.hasSuffix("next: stagex-maint keys fetch\n"), "\(plan)")
    let lacking = try await type("keys", "audit", "--registry", ".")
    #expect(
      lacking.output.matches(of: #/keys fetch/#).count == 1 && !lacking.output.contains("no-certificate"), "\(lacking)")
    let fetched = try await type("keys", "fetch", "--from", server.url)
    #expect(fetched.status == 0 && fetched.output.contains("9 of 9 keys have a certificate"), "\(fetched)")
    #expect(fetched.output.hasSuffix("  stagex-maint keys audit --registry .\n"), "\(fetched)")
    let audited = try await type("keys", "audit", "--registry", ".")
    #expect(audited.output.contains("8 of 8 people can endorse"), "\(audited)")
    let first = try await type("init", "--yes")
    #expect(first.status == 0 && first.output.contains("8 of 8 can endorse"), "\(first)")
    // HEAD is on main, and staging is to carry the rules: committed here, the list would be where nobody looks for it.
    #expect(
      first.output.hasSuffix(
        """
        next: git switch staging && git add MAINTAINERS keys review.toml \
        && git commit --gpg-sign --message "List the maintainers" && stagex-maint init\n
        """), "\(first)")
    let root = try await sandbox.must(["git", "-C", clone, "rev-list", "--max-parents=0", "main"])
    // main is here; staging is only where the clone has the remote's.
    for (branch, file) in [("main", "expected.jsonl"), ("staging", "expected-staging.jsonl")] {
      try await sandbox.must(["git", "-C", clone, "config", "maint.lead", branch])
      let audit = try await type("audit", branch, "--from", root, "--registry", ".", "--format", "json")
      #expect(audit.status == 1, "\(audit.error)")
      let lines = audit.output.split(separator: "\n")
      let expected = try String(contentsOfFile: "\(data)/\(file)", encoding: .utf8).split(separator: "\n")
      try #require(lines.count == expected.count, "\(audit.error)")
      for (line, wanted) in zip(lines, expected) { #expect(try essence(line) == essence(wanted)) }
    }
    print("adopted and audited, twice, in \(clock.now - start)")

    // On to the commit: the trust root is on the branch that carries the rules.
    try await sandbox.must(["git", "-C", clone, "config", "--unset", "maint.lead"])
    try await sandbox.must(["git", "-C", clone, "checkout", "--quiet", "--", "MAINTAINERS"])
    try await sandbox.must(["git", "-C", clone, "switch", "--quiet", "staging"])
    try Data(contentsOf: URL(filePath: data + "/registry/MAINTAINERS")).write(to: URL(filePath: clone + "/MAINTAINERS"))
    try await sandbox.must(["git", "-C", clone, "add", "MAINTAINERS", "keys", "review.toml"])
    try await sandbox.must(["git", "-C", clone, "commit", "--quiet", "--message", "List the maintainers"])
    let tip = try await sandbox.must(["git", "-C", clone, "rev-parse", "staging"])
    let second = try await type("init", "--yes")
    #expect(
      second.status == 0 && second.output.contains("maint.trustRoot = \(tip)")
        && second.output.contains("maint.lead = staging"), "\(second)")
    #expect(second.output.hasSuffix("stagex-maint hook install --trust-root \(tip) --lead staging\n"), "\(second)")
    let log = try await type("log", "staging")
    #expect(log.status == 0, "\(log)")
  }

  /// StageX's own list, with all that it says of people and that nobody of us reads.
  @Test(.enabled(if: Shared.path("data/stagex/MAINTAINERS") != nil))
  func `the list as StageX has it: why nobody counts, once`() async throws {
    let sandbox = try Sandbox()
    let path = sandbox.path + "/stagex"
    try await sandbox.must(["git", "init", "--quiet", path])
    try FileManager.default.copyItem(
      atPath: try #require(Shared.path("data/stagex/MAINTAINERS")), toPath: path + "/MAINTAINERS")
    try await sandbox.must(["git", "-C", path, "add", "."])
    try await sandbox.must(["git", "-C", path, "commit", "--quiet", "--message", "List"])
    let root = try await sandbox.must(["git", "-C", path, "rev-parse", "HEAD"])
    for file in 0..<3 {
      try Data("\(file)".utf8).write(to: URL(filePath: "\(path)/\(file)"))
      try await sandbox.must(["git", "-C", path, "add", "."])
      try await sandbox.must(["git", "-C", path, "commit", "--quiet", "--message", "Change"])
    }
    try await sandbox.must(["git", "-C", path, "config", "maint.trustRoot", root])
    for words in [
      ["init", "--plan"], ["keys", "list"], ["keys", "audit"], ["audit"], ["log"], ["verify", "\(root)..HEAD"],
      ["explain", "HEAD"], ["doctor"],
    ] {
      let told = try await sandbox.run([ServerProgram.command] + words, in: path)
      let text = told.output + told.error
      let said = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(
        said.matches(of: #/8 people are listed, none has a certificate under keys//#).count == 1, "\(words): \(text)")
      #expect(said.contains("next: stagex-maint keys fetch"), "\(words): \(text)")
    }
  }
}
