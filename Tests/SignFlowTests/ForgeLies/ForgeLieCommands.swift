import Support
import Testing

/// What `cosign` and `queue` make of a lie, and what has reached the server by then.
extension ForgeLieWorld {
  // MARK: cosign

  func cosign(_ lie: ForgeLie, _ outcome: ForgeLie.Outcome) throws {
    try tell(lie)
    let clone = try freshClone()
    let before = try refs()
    let touches = try alice.signatureCount()
    let command = ["cosign", String(lie.request)] + lie.words
    let word = lie.person == .agreed ? words[lie.request] : nil
    var result = try meet(lie, command + (word.map { ["--reviewed", $0] } ?? ["--dry-run"]), in: clone)
    var screen = result.text
    if lie.person == .agrees, result.status == 0, let word = Self.word(result) {
      result = try meet(lie, command + ["--reviewed", word], in: clone)
      screen = result.text
    }
    switch outcome {
    case .told(let status, let text):
      #expect(result.status == status && says(result, text), "\(lie.says): \(result.status) \(result.all)")
      // What was signed before the lie was met is kept here, and has gone nowhere.
      for id in try kept(clone) { #expect(!(try refs().values.contains(id)), "\(lie.says): \(id) was pushed") }
      if lie.person != .agreed { #expect(try alice.signatureCount() == touches + lie.signatures, "\(lie.says)") }
      for id in try kept(clone) { try demandCovers(id, screen, clone, lie) }
      // Nor has what was signed and not even kept.
      let new = try refs().filter { before[$0.key] != $0.value && isOurs($0.value, clone) }
      #expect(new.isEmpty, "\(lie.says): \(new) was pushed")
    case .says(let text):
      #expect(result.status == 0 && says(result, text), "\(lie.says): \(result.status) \(result.all)")
      try demandShown(screen, before, clone, lie)
    case .honest:
      #expect(result.status == 0, "\(lie.says): \(result.status) \(result.all)")
      #expect(!result.text.contains("the forge says that"), "\(lie.says): \(result.all)")
      try demandShown(screen, before, clone, lie)
    }
    try Tool.succeed("rm", ["-rf", clone])
  }

  /// The screen is about the true head and the true base, once each; what was pushed covers just that.
  private func demandShown(_ screen: String, _ before: [String: String], _ clone: String, _ lie: ForgeLie) throws {
    let lines = screen.split(separator: "\n")
    let head = filled(lie.request == 1 ? "$HEAD" : "$SECOND")
    #expect(lines.filter { $0.hasPrefix("head    ") } == ["head    \(head)"], "\(lie.says): \(screen)")
    #expect(lines.filter { $0.hasPrefix("base    ") } == ["base    \(filled(lie.base))"], "\(lie.says): \(screen)")
    let new = try refs().filter { before[$0.key] != $0.value && isOurs($0.value, clone) }.values
    if lie.person == .looks {
      #expect(new.isEmpty, "\(lie.says): pushed by a look")
    } else {
      #expect(!new.isEmpty, "\(lie.says): nothing pushed\n\(screen)")
    }
    for id in Set(new) { try demandCovers(id, screen, clone, lie) }
  }

  private func isOurs(_ id: String, _ clone: String) -> Bool {
    (try? Tool.run("git", ["-C", clone, "log", "-1", "--format=%(trailers:key=Reviewed-Base)", id]).line.isEmpty)
      == false
  }

  /// A signature of ours reaches from the base of the screen to its head, over the commits of the screen and no others.
  private func demandCovers(_ id: String, _ screen: String, _ clone: String, _ lie: ForgeLie) throws {
    func git(_ words: String...) throws -> [String] {
      try Tool.succeed("git", ["-C", clone] + words).text.split(separator: "\n").map(String.init)
    }
    func value(_ name: String) -> String {
      screen.split(separator: "\n").first { $0.hasPrefix(name) }.map { String($0.dropFirst(8)) } ?? ""
    }
    let (head, base) = (value("head    "), value("base    "))
    let parents = try git("rev-list", "--parents", "-1", id)[0].split(separator: " ").dropFirst().map(String.init)
    #expect(parents == [head] || parents == [base, head], "\(lie.says): stands on \(parents)")
    let trailers = try git("log", "-1", "--format=%(trailers)", id)
    #expect(trailers.contains("Reviewed-Base: \(base)"), "\(lie.says): \(trailers)")
    #expect(trailers.contains("Reviewed-Repository: 127.0.0.1/stagex/stagex"), "\(lie.says): \(trailers)")
    for commit in try git("rev-list", head, "^" + base) {
      #expect(screen.contains("\n\(commit.prefix(12))  "), "\(lie.says): \(commit) is endorsed and not on the screen")
    }
  }

  // MARK: queue

  func queue(_ lie: ForgeLie, _ outcome: ForgeLie.Outcome) throws {
    try tell(lie)
    let clone = try freshClone()
    let before = try refs()
    let result = try meet(lie, ["queue"], in: clone)
    var offer = ""
    var isIn = false
    for line in result.text.split(separator: "\n") {
      if line.hasPrefix("PR-") { isIn = line.hasPrefix("PR-\(lie.request) ") }
      if isIn { offer += line + "\n" }
    }
    switch outcome {
    case .told(let status, let text):
      #expect(result.status == status && says(result, text), "\(lie.says): \(result.status) \(result.all)")
      #expect(!offer.contains("you can"), "\(lie.says): \(result.all)")
    case .says(let text):
      #expect(result.status == 0 && says(result, text), "\(lie.says): \(result.status) \(result.all)")
    case .honest:
      #expect(
        result.status == 0 && offer.contains("you can \(lie.request == 1 ? "adopt" : "merge") it"),
        "\(lie.says): \(result.status) \(result.all)")
    }
    for (ref, id) in try refs() where before[ref] != id {
      #expect(!isOurs(id, clone), "\(lie.says): queue has pushed \(ref)")
    }
    try Tool.succeed("rm", ["-rf", clone])
  }

  // MARK: what there is

  /// Every ref of the server's and of the fork's.
  private func refs() throws -> [String: String] {
    var found: [String: String] = [:]
    for repository in [TestForge.repository, TestForge.fork] {
      for line in try Tool.succeed(
        "git", ["-C", forge.path(repository), "for-each-ref", "--format=%(refname) %(objectname)"]
      ).text.split(separator: "\n") {
        let parts = line.split(separator: " ")
        found["\(repository) \(parts[0])"] = String(parts[1])
      }
    }
    return found
  }

  /// Signatures that the clone keeps for a later push.
  private func kept(_ clone: String) throws -> [String] {
    try Tool.succeed("git", ["-C", clone, "for-each-ref", "--format=%(objectname)", "refs/stagex-maint/signed"]).text
      .split(separator: "\n").map(String.init)
  }
}
