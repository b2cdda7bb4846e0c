import Foundation
import GitBridge
import Review
import Support
import Testing

/// A replica of StageX's history, judged exactly as is expected: step by step and change by change.
@Suite(.enabled(if: Shared.path("data/stagex-replica/history.bundle") != nil)) struct ReplicaTests {
  /// The replica as a bare repository, with the registry pinned since its tree holds none.
  final class Replica {
    let folder: TemporaryFolder
    let repository: Repository
    var settings = ReviewSettings(clock: Int64(Date().timeIntervalSince1970), threads: 2)

    init() throws {
      folder = try TemporaryFolder()
      let data = Shared.path("data/stagex-replica")!
      try Tool.succeed("git", ["clone", "--quiet", "--bare", data + "/history.bundle", folder.path + "/replica.git"])
      repository = try Repository.open(path: folder.path + "/replica.git", configuration: .none)
      settings.registry = .path(data + "/registry")
      settings.engines = .native
      settings.usesCache = false
    }

    var root: ObjectID {
      get throws {
        ObjectID(hexString: try git("rev-list", "--max-parents=0", "main"))!
      }
    }

    @discardableResult
    func git(_ arguments: String...) throws -> String {
      try Tool.succeed("git", ["-C", folder.path + "/replica.git"] + arguments).line
    }

    func audit(_ branch: String, from start: ObjectID, whole: Bool = false) throws -> ([Verdict], AuditSummary) {
      var settings = settings
      settings.moment = .then
      settings.lead = branch
      var scope = AuditScope(ref: "refs/heads/" + branch, tip: try repository.resolve(revision: branch), start: start)
      scope.whole = whole
      var verdicts: [Verdict] = []
      let summary = try Reviewer(repository, settings).audit(scope) { (verdict) throws(ReviewProblem) in
        verdicts.append(verdict)
      }
      return (verdicts, summary)
    }
  }

  /// What is compared of a verdict: everything but messages and notes.
  private func essence(_ json: Any) -> NSObject {
    let verdict = json as? [String: Any] ?? [:]
    let refusals = (verdict["refusals"] as? [[String: Any]] ?? []).map { "\($0["code"] ?? "") \($0["commit"] ?? "")" }
      .sorted()
    return ["verdict": verdict["verdict"] ?? "", "updates": verdict["updates"] ?? [], "refusals": refusals]
      as NSDictionary
  }

  @Test(arguments: [
    ("expected.jsonl", "main", false), ("expected-staging.jsonl", "staging", false),
    ("expected-whole.jsonl", "main", true),
  ])
  func `the audit says what is expected`(file: String, branch: String, whole: Bool) throws {
    let replica = try Replica()
    let (verdicts, summary) = try replica.audit(branch, from: replica.root, whole: whole)
    let lines = try String(contentsOfFile: Shared.path("data/stagex-replica/" + file)!, encoding: .utf8).split(
      separator: "\n")
    try #require(lines.count == verdicts.count + 1)
    for (line, verdict) in zip(lines, verdicts) {
      let expected = try JSONSerialization.jsonObject(with: Data(line.utf8))
      let found = try JSONSerialization.jsonObject(with: Data(verdict.json.bytes))
      #expect(essence(found) == essence(expected), "\(verdict.updates.first?.new.hex ?? "")")
    }
    let expected = try JSONSerialization.jsonObject(with: Data(lines[lines.count - 1].utf8)) as? NSDictionary
    var found = try JSONSerialization.jsonObject(with: Data(summary.json.bytes)) as? [String: Any]
    found?["notes"] = nil
    #expect(found as NSDictionary? == expected)
  }

  @Test func `pushed whole or in ten pieces, it is judged as in the audit`() throws {
    let replica = try Replica()
    let audited = try replica.audit("main", from: replica.root).0
    let line = [try replica.root] + audited.compactMap { $0.updates.first?.new }
    func same(_ verdict: Verdict, as steps: ArraySlice<Verdict>) throws {
      #expect(verdict.updates.map(\.json.text) == steps.flatMap(\.updates).map(\.json.text))
      #expect(verdict.refusals.map(\.code) == steps.flatMap(\.refusals).map(\.code))
      #expect(verdict.refusals.map(\.commit) == steps.flatMap(\.refusals).map(\.commit))
    }
    let ref = Array("refs/heads/main".utf8)
    // Nobody's branch is there yet, only the objects: the first push of a server.
    try replica.git("update-ref", "-d", "refs/heads/staging")
    try replica.git("update-ref", "-d", "refs/heads/main")
    for place in [0, 100, 250] {
      var settings = replica.settings
      settings.trustRoot = line[place]
      let verdict = Reviewer(replica.repository, settings).judge(push: [
        RefUpdate(ref: ref, old: .zero, new: line[line.count - 1])
      ])
      try same(verdict, as: audited[place...])
    }
    for piece in 0..<10 {
      let (start, end) = (piece * (line.count - 1) / 10, (piece + 1) * (line.count - 1) / 10)
      try replica.git("update-ref", "refs/heads/main", line[start].hex)
      var settings = replica.settings
      settings.trustRoot = line[0]
      let verdict = Reviewer(replica.repository, settings).judge(push: [
        RefUpdate(ref: ref, old: line[start], new: line[end])
      ])
      try same(verdict, as: audited[start..<end])
    }
  }
}
