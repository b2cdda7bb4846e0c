import GitBridge
import Review
import Support
import Testing

/// rule.md: an update of a ref that nobody protects may never be used to smuggle.
@Suite struct RefNameTests {
  let world: World

  init() throws { world = try World() }

  private func push(_ ref: String, _ world: World? = nil) -> Set<Finding> {
    let world = world ?? self.world
    return world.reviewer.judge(push: [RefUpdate(ref: Array(ref.utf8), old: .zero, new: world.root)]).findings
  }

  @Test(arguments: [
    "refs/replace/0000000000000000000000000000000000000001", "refs/replace/x", "refs/Replace/x", "refs/REPLACE/y",
  ])
  func `replace-ref`(_ ref: String) {
    #expect(push(ref) == [Finding(.replaceRef)])
  }

  @Test func `replace-ref: taking one away`() throws {
    try world.git.setRef("refs/replace/\(world.root)", to: world.root)
    #expect(world.push("refs/replace/\(world.root)", .zero).findings == [Finding(.replaceRef)])
    #expect(push("refs/replacement/x") == [])
  }

  /// Attack: a push to a symbolic ref moves the branch behind it under a name that nobody protects.
  @Test func `confusable-ref: a symbolic ref`() throws {
    try world.git.setSymbolicRef("refs/heads/alias", to: "refs/heads/main")
    let change = try world.commit(on: world.root)
    let update = RefUpdate(ref: Array("refs/heads/alias".utf8), old: world.root, new: change)
    #expect(world.reviewer.judge(push: [update]).findings == [Finding(.confusableRef)])
    let plain = RefUpdate(ref: Array("refs/heads/other".utf8), old: .zero, new: change)
    #expect(world.reviewer.judge(push: [plain]).findings == [])
  }

  @Test(arguments: [
    "refs/heads/Main", "refs/heads/MAIN", "refs/heads/maIn", "refs/Heads/main", "refs/HEADS/MAIN", "Refs/heads/main",
    "refs/heads/Staging", "refs/heads/Release/1", "refs/heads/RELEASE/2025.10.0",
    // Compatibility forms: full-width, mathematical, circled, ligatures, long s, Kelvin, dotless i.
    "refs/heads/\u{FF4D}ain", "refs/heads/\u{FF2D}\u{FF21}\u{FF29}\u{FF2E}", "refs/heads/\u{1D426}ain",
    "refs/heads/\u{24DC}ain",
    "refs/heads/\u{17F}taging", "refs/heads/ma\u{131}n", "refs/heads/\u{FB06}aging",
    // What Unicode lets a reader skip.
    "refs/heads/ma\u{200B}in", "refs/heads/main\u{AD}", "refs/heads/\u{FEFF}main", "refs/heads/ma\u{2060}in",
    "refs/tags/\u{FF12}025.10.0", "refs/Tags/2025.10.0", "refs/tags/\u{2461}025",
    "refs/heads/Cosignatures", "refs/heads/co\u{FF53}ignatures",
  ])
  func `confusable-ref: differs from a protected name only in case or Unicode form`(_ ref: String) {
    #expect(push(ref) == [Finding(.confusableRef)])
  }

  @Test(arguments: [
    "refs/heads/topic", "refs/heads/main2", "refs/heads/mains", "refs/heads/domain", "refs/heads/m\u{E4}in",
    "refs/heads/fix-\u{E9}t\u{E9}", "refs/heads/\u{65E5}\u{672C}", "refs/heads/releases/1", "refs/tags/v1",
    "refs/tags/snapshot", "refs/pull/1/head", "refs/notes/main", "refs/remotes/x/Main", "refs/heads/x\u{B2}-y",
  ])
  func `these names are nobody else's`(_ ref: String) {
    #expect(push(ref) == [])
  }

  /// Attack: `refs/heads/cosignatures/x` keeps everybody from making co-signatures, and `refs/heads/refs/heads/main`
  /// makes every `git push origin x:refs/heads/main` fail as ambiguous.
  @Test(arguments: [
    ("refs/heads/main/x", "refs/heads/mainx"), ("refs/heads/Main/x", "refs/heads/Mains/x"),
    ("refs/heads/release", "refs/heads/releases"),
    ("refs/heads/release/1/2", "refs/heads/releases/1/2"), ("refs/heads/cosignatures/x", "refs/heads/cosignature/x"),
    ("refs/heads/refs/heads/main", "refs/heads/refs/heads/mains"),
    ("refs/heads/heads/staging", "refs/heads/heads/stagings"),
    ("refs/tags/main", "refs/tags/mains"), ("refs/main", "refs/mains"),
    ("refs/tags/refs/heads/main", "refs/tags/refs/heads/x"),
    ("refs/heads/refs/tags/2025.10.0", "refs/heads/refs/tags/v1"), ("refs/tags/cosignatures", "refs/tags/co"),
    ("refs/remotes/main/HEAD", "refs/remotes/mains/HEAD"),
    ("refs/heads/refs/heads/cosignatures", "refs/heads/refs/heads/co"),
  ])
  func `confusable-ref: stands in a protected name's way, or is read as it`(_ ref: String, _ twin: String) throws {
    #expect(push(ref) == [Finding(.confusableRef)])
    #expect(push(twin) == [])
  }

  /// Attack: `git clone --branch 2025.10.0` takes a branch of that name before the tag.
  @Test func `R112: a new branch with the name of a protected tag`() throws {
    #expect(push("refs/heads/2025.10.0") == [])
    try world.git.setRef("refs/tags/2025.10.0", to: world.root)
    #expect(push("refs/heads/2025.10.0") == [Finding(.confusableRef)])
    #expect(push("refs/heads/2025.10.1") == [])
    try world.git.setRef("refs/tags/v1", to: world.root)
    #expect(push("refs/heads/v1") == [])
    // One that was there before the tag goes on.
    try world.git.setRef("refs/heads/2025.10.0", to: world.root)
    #expect(world.push("refs/heads/2025.10.0", try world.commit(on: world.root)).findings == [])
  }

  @Test func `confusable-ref: composed and decomposed letters`() throws {
    let world = try World(policy: "version = 1\n[[branch]]\nname = \"\u{E9}t\u{E9}\"\n[[branch]]\nname = \"main\"\n")
    #expect(push("refs/heads/e\u{301}te\u{301}", world) == [Finding(.confusableRef)])
    #expect(push("refs/heads/e\u{301}t\u{E9}", world) == [Finding(.confusableRef)])
    #expect(push("refs/heads/\u{C9}T\u{C9}", world) == [Finding(.confusableRef)])
    #expect(push("refs/heads/\u{E9}t\u{E9}", world) == [])
    let decomposed = try World(policy: "version = 1\n[[branch]]\nname = \"e\u{301}\"\n[[branch]]\nname = \"main\"\n")
    #expect(push("refs/heads/\u{E9}", decomposed) == [Finding(.confusableRef)])
  }

  @Test func `confusable-ref: the ref of the co-signatures in another Unicode form`() throws {
    let world = try World(policy: "version = 1\ncosignatures = \"refs/heads/sign\u{E9}\"\n")
    #expect(push("refs/heads/signe\u{301}", world) == [Finding(.confusableRef)])
    #expect(push("refs/heads/Sign\u{E9}", world) == [Finding(.confusableRef)])
  }

  /// What is not text cannot be shown, compared or signed for as text.
  @Test func `confusable-ref: a protected name that is not UTF-8`() throws {
    let ref = Array("refs/heads/release/".utf8) + [0xFF]
    let verdict = world.reviewer.judge(push: [RefUpdate(ref: ref, old: .zero, new: world.root)])
    #expect(verdict.findings == [Finding(.confusableRef)])
    let topic = Array("refs/heads/topic/".utf8) + [0xFF]
    #expect(world.reviewer.judge(push: [RefUpdate(ref: topic, old: .zero, new: world.root)]).findings == [])
  }
}
