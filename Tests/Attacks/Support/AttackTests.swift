import Foundation
import GitBridge
import Review
import Testing

/// Every attack through hook, gate and audit. What it is, and which sentences of the rule answer it, stands with each
/// case;
/// docs/attacks.md is made from them.
@Suite struct AttackTests {
  static let all =
    branchAttacks + branchMoves + timeAttacks + ruleAttacks + mergeAttacks + objectAttacks + signatureAttacks
    + tagAttacks
    + refAttacks

  @Test(arguments: all) func `hook and gate refuse the attack and take its twin`(_ attack: Attack) throws {
    for isTwin in [false, true] {
      let scene = try attack.scene()
      let push = try attack.stage(scene, isTwin)
      let verdict = scene.push(push.updates)
      let found = verdict.refusals.map { "\($0.code.rawValue): \($0.message)" }
      if isTwin {
        #expect(verdict.outcome == .accepted, "the twin is refused: \(found)")
      } else {
        #expect(verdict.outcome != .accepted, "accepted")
        let codes = Set(verdict.refusals.map(\.code.rawValue)).union(
          verdict.refusals.flatMap(\.because).map(\.code.rawValue))
        #expect(codes.contains(attack.code), "\(found)")
      }
      guard push.updates.count == 1, let update = push.updates.first, scene.full(update.ref).hasPrefix("refs/heads/"),
        update.ref != "cosignatures",
        !update.new.isZero, !(try scene.tip(update.ref)).isZero, try scene.tip(update.ref) != update.new,
        scene.isCommit(update.new)
      else { continue }
      let old = try scene.tip(update.ref)
      let answer = scene.reviewer.judge(
        pullRequest: update.new, onto: RefUpdate(ref: Array(scene.full(update.ref).utf8), old: old, new: old))
      #expect(
        answer.mayFastForward == (isTwin || scene.holds(update.new, old)),
        "gate: \(answer.verdict.refusals.map(\.message))")
    }
  }

  @Test(arguments: all.filter { $0.audit != .cannotTell }) func `an audit finds it once it is in`(_ attack: Attack)
    throws
  {
    for isTwin in [false, true] {
      let scene = try attack.scene()
      let push = try attack.stage(scene, isTwin)
      for update in push.updates { try scene.set(update.ref, update.new) }
      let ref = push.audited ?? push.updates[0].ref
      var outcomes: Set<Outcome> = []
      var found: [String] = []
      do {
        _ = try scene.reviewer.audit(
          AuditScope(ref: scene.full(ref), tip: try scene.tip(ref), start: scene.settings.trustRoot ?? scene.root)
        ) {
          outcomes.insert($0.outcome)
          found += $0.refusals.map { "\($0.code.rawValue): \($0.message)" }
        }
      } catch {
        outcomes.insert(.undecided)
        found.append((error as? ReviewProblem)?.refusal(ref: ref).message ?? "\(error)")
      }
      if isTwin {
        #expect(outcomes.isSubset(of: [.accepted]), "the twin: \(found)")
      } else if attack.audit == .refuses {
        #expect(outcomes.contains(.refused), "\(outcomes) \(found)")
      } else {
        #expect(outcomes.contains(.undecided) || outcomes.contains(.refused), "\(outcomes) \(found)")
      }
    }
  }

  @Test func `each case has a name of its own, a twin, and sentences that exist`() throws {
    #expect(Set(Self.all.map(\.name)).count == Self.all.count)
    let rule = try String(contentsOfFile: Self.project + "/docs/rule.md", encoding: .utf8)
    for attack in Self.all {
      #expect(!attack.tries.isEmpty && !attack.twin.isEmpty && !attack.sentences.isEmpty, "\(attack.name)")
      for number in attack.sentences { #expect(rule.contains("- **R\(number)** "), "\(attack.name) cites R\(number)") }
    }
  }

  static var project: String {
    URL(fileURLWithPath: #filePath).pathComponents.dropLast(4).joined(separator: "/").replacingOccurrences(
      of: "//", with: "/")
  }

  /// `STAGEX_MAINT_WRITE=1 swift test --filter AttackTests` writes the page anew.
  @Test func `docs-attacks-md is what the corpus makes`() throws {
    let path = Self.project + "/docs/attacks.md"
    let page = attackPage(Self.all)
    if ProcessInfo.processInfo.environment["STAGEX_MAINT_WRITE"] != nil {
      try Data(page.utf8).write(to: URL(fileURLWithPath: path))
    }
    let written = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    #expect(
      written == page, "docs/attacks.md is out of date; next: STAGEX_MAINT_WRITE=1 swift test --filter AttackTests")
  }
}

extension Scene {
  func isCommit(_ id: ObjectID) -> Bool { (try? git.repository.treeOfCommit(id)) != nil }
  func holds(_ old: ObjectID, _ new: ObjectID) -> Bool { (try? git.repository.isAncestor(old, of: new)) ?? false }
}

/// docs/attacks.md.
func attackPage(_ attacks: [Attack]) -> String {
  var text = """
    # The attacks

    Each is a case of `Tests/Attacks`: real git objects, pushed through the hook, asked of the gate, \
    and audited as if a server
    without a hook had taken them. Its twin differs in one thing and passes. The numbers are sentences of
    [rule.md](rule.md). This page is made from the cases: `STAGEX_MAINT_WRITE=1 swift test --filter AttackTests`.

    | case | what it tries | hook | audit | sentences | the twin |
    |---|---|---|---|---|---|

    """
  for attack in attacks {
    let cells = [
      "`\(attack.name)`", attack.tries, "`\(attack.code)`", attack.audit.rawValue,
      attack.sentences.map { "R\($0)" }.joined(separator: " "),
      attack.twin,
    ]
    text += "| " + cells.map { $0.replacingOccurrences(of: "|", with: "\\|") }.joined(separator: " | ") + " |\n"
  }
  return text
}
