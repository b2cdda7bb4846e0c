import Review
import Testing

/// What a change to the policy means. A weakening that is called anything else would be waved through.
@Suite struct PolicyDifferenceTests {
  static let base = """
    version = 2
    repository = "forge.example/a"
    threshold = 2
    evidence = "declared"
    endorsements = ["own", "merge", "adopt"]
    [groups]
    core = ["ann", "bob"]
    [[branch]]
    name = "main"
    from = ["staging"]
    [[branch]]
    name = "staging"
    threshold = 3
    [[branch]]
    name = "release/*"
    [[tag]]
    name = "[0-9]*"
    [[path]]
    match = ["keys/**"]
    threshold = 3
    groups = ["core"]

    """

  /// One line of the policy, what stands there instead, and the effect; the other way round it is the opposite.
  static let changes: [(old: String, new: String, effect: PolicyDifference.Effect)] = [
    ("threshold = 2\n", "threshold = 1\n", .weaker),
    ("evidence = \"declared\"", "evidence = \"off\"", .weaker),
    ("evidence = \"declared\"", "evidence = \"attested\"", .stronger),
    ("threshold = 2\n", "threshold = 2\nattestation-roots = [\"\(String(repeating: "ab", count: 32))\"]\n", .weaker),
    ("[\"own\", \"merge\", \"adopt\"]", "[\"own\", \"merge\", \"adopt\", \"co-signature\"]", .weaker),
    ("threshold = 2\n", "threshold = 2\ngitlinks = true\n", .weaker),
    ("threshold = 2\n", "threshold = 2\nsplit-gpg = true\n", .weaker),
    ("from = [\"staging\"]\n", "", .weaker),
    ("name = \"release/*\"", "name = \"release/*\"\nrewind = true", .weaker),
    ("name = \"[0-9]*\"", "name = \"[0-9]*\"\nthreshold = 2", .stronger),
    ("from = [\"staging\"]", "from = [\"staging\", \"next\"]", .weaker),
    ("name = \"staging\"\nthreshold = 3", "name = \"staging\"\nthreshold = 2", .weaker),
    ("name = \"staging\"\nthreshold = 3", "name = \"staging2\"\nthreshold = 3", .weaker),
    ("[[tag]]\nname = \"[0-9]*\"", "[[tag]]\nname = \"v*\"", .weaker),
    ("[\"keys/**\"]\nthreshold = 3", "[\"keys/**\"]\nthreshold = 2", .weaker),
    ("groups = [\"core\"]\n", "", .weaker),
    ("match = [\"keys/**\"]", "match = [\"keys/x/**\"]", .weaker),
    ("core = [\"ann\", \"bob\"]", "core = [\"ann\", \"bob\", \"eve\"]", .weaker),
    ("version = 2", "version = 1", .weaker),
    ("repository = \"forge.example/a\"", "repository = \"forge.example/b\"", .other),
    ("threshold = 2\n", "threshold = 2\nkind = \"signatures\"\n", .other),
    ("threshold = 2\n", "threshold = 2\ncosignatures = \"refs/heads/other\"\n", .other),
  ]

  private func read(_ text: String) throws -> Policy { try Policy.read(Array(text.utf8)) }

  @Test(arguments: changes)
  func `each weakening is called one`(old: String, new: String, effect: PolicyDifference.Effect) throws {
    #expect(Self.base.contains(old))
    // The version goes up, unless it is what the case is about.
    let text = Self.base.replacing(old, with: new)
    let changed = old.hasPrefix("version") ? text : text.replacing("version = 2", with: "version = 3")
    let effects = Set(try read(Self.base).differences(to: read(changed)).map(\.effect))
    #expect(effects.contains(effect))
    if effect == .stronger { #expect(!effects.contains(.weaker)) }
    if effect == .weaker, !old.hasPrefix("version") {
      let back = changed.replacing("version = 3", with: "version = 1")
      #expect(try read(back).differences(to: read(Self.base)).contains { $0.effect == .stronger })
    }
  }

  @Test func `the same policy asks the same, and a change without a new version is told`() throws {
    let policy = try read(Self.base)
    #expect(policy.differences(to: policy) == [])
    let other = try read(Self.base.replacing("forge.example/a", with: "forge.example/b"))
    #expect(policy.differences(to: other).contains { $0.text.hasPrefix("version stays 2") })
  }

  @Test func `tables in another order are told, for the first that matches counts`() throws {
    let first = "version = 1\n[[branch]]\nname = \"m*\"\n[[branch]]\nname = \"main\"\nthreshold = 3\n"
    let second = "version = 2\n[[branch]]\nname = \"main\"\nthreshold = 3\n[[branch]]\nname = \"m*\"\n"
    #expect(try read(first).differences(to: read(second)).map(\.effect) == [.other])
  }

  // The lead asks for the most that any branch asks for (R37); what was the lead asks for its own.
  @Test func `a change of the lead tells what the former one no longer asks for`() throws {
    func effects(threshold: Int) throws -> [PolicyDifference.Effect] {
      let tables = "[[branch]]\nname = \"main\"\n[[branch]]\nname = \"staging\"\nthreshold = \(threshold)\n"
      let first = try read("version = 1\nlead = \"main\"\n" + tables)
      return first.differences(to: try read("version = 2\nlead = \"staging\"\n" + tables)).map(\.effect)
    }
    #expect(try effects(threshold: 3) == [.other, .weaker])
    #expect(try effects(threshold: 2) == [.other])
  }
}
