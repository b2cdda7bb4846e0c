import Foundation
import RuleModel
import Support

/// What those are asked who only fetch: `fetch` in a clone, and `check` without one.
extension Questioning {
  /// Whether somebody who has seen the ref elsewhere than the hook, or never, cannot know what the hook knows: only how
  /// the ref moved is wrong.
  private func isNeverSeen(_ update: Update, _ hook: Said, last: String?) -> Bool {
    if update.old == nil, hook.codes == ["wrong-source-branch"] { return true }
    return last != update.old.map { real.id($0).hex } && hook.codes.isSubset(of: ["rewind", "foxtrot"])
  }

  func askClients(_ update: Update, _ hook: Said) async throws {
    let name = RealRepository.name(update.ref)
    let fetched = try await run(["fetch", "--format", "json"], places.client)
    let fetch = Said(json: fetched, "fetch")
    guard let answer = FetchFile(fetched.output) else { return disagree("fetch gives no answer", update, fetch) }
    let found = answer.refs.first { $0.ref == name }
    if let found {
      let codes = Set(found.refusals.map(\.code))
      if codes.contains("backdated") { meet(.backdated) }
      let like = Set(codes.map { $0 == "rollback" ? "rewind" : $0 }).subtracting(["backdated"])
      if codes.contains("rollback") { meet(.clientsName) }
      let isTag = update.ref.hasPrefix("tags/")
      if found.accepted, isNeverSeen(update, hook, last: found.old) {
        meet(.neverSeen)
      } else if !codes.contains("backdated") {
        if found.accepted != (hook.status == 0) { disagree("the hook and fetch", update, hook, fetch) }
        if !isTag, found.old != update.old.map({ real.id($0).hex }) {
          // Where it looks at more steps it may find more.
          if !codes.isSuperset(of: hook.codes.subtracting(Self.moves)) {
            disagree("the hook and fetch: why", update, hook, fetch)
          }
        } else if like != hook.codes, !codes.contains("rollback") {
          disagree("the hook and fetch: why", update, hook, fetch)
        }
      }
      if (fetched.status == 0) != answer.refs.allSatisfy(\.accepted) { disagree("fetch's status", update, fetch) }
    } else {
      disagree("fetch does not see it", update, hook, fetch)
    }
    guard update.new != nil, asked.count % 2 == 1 else { return }
    let question = update.ref.hasPrefix("tags/") ? ["--release", String(update.ref.dropFirst(5))] : [update.ref]
    let words = ["check", places.shown] + question + ["--engine", "native"]
    let finished = try await run(words + ["--format", "json"], places.sandbox.path)
    let check = Said(json: finished, "check")
    let said = try? JSONDecoder().decode(CheckFile.self, from: Data(finished.output.utf8))
    guard let said else { return disagree("check gives no answer", update, check) }
    let codes = Set(said.refusals.map(\.code))
    if codes.contains("backdated") { meet(.backdated) }
    if (said.verdict == "accepted") != (hook.status == 0), !codes.contains("backdated"),
      said.verdict != "accepted" || !isNeverSeen(update, hook, last: checked[name])
    {
      disagree("the hook and check", update, hook, check)
    }
    if said.verdict == "accepted" { checked[name] = update.new.map { real.id($0).hex } }
    if finished.status != ["accepted": 0, "refused": 1, "undecided": 2][said.verdict] {
      disagree("check's status", update, check)
    }
    guard asked.count % 4 == 1 else { return }
    let text = try await run(words, places.sandbox.path)
    let word = ["accepted": "yes:", "refused": "no:", "undecided": "cannot tell:"][said.verdict] ?? "?"
    if text.status != finished.status || !text.output.hasPrefix(word) {
      disagree("check: words and JSON", update, Said(text: text, "check"), check)
    }
  }
}

/// What `fetch --format json` says.
struct FetchFile: Decodable {
  struct Ref: Decodable {
    let ref: String
    /// Where the clone stood.
    let old: String?
    let accepted: Bool
    let refusals: [VerdictFile.Refusal]
  }
  let verdict: String
  let refs: [Ref]

  init?(_ text: String) {
    guard let value = try? JSONDecoder().decode(FetchFile.self, from: Data(text.utf8)) else { return nil }
    self = value
  }
}

/// What `check --format json` says.
struct CheckFile: Decodable {
  let verdict, answer: String
  let refusals: [VerdictFile.Refusal]
}
