import GitBridge
import SignFlow
import Support
import Testing

/// What persons, git and forges write, read strictly.
struct ForgeNamesTests {
  // MARK: pull requests

  @Test(arguments: ["PR-123", "pr-123", "123", "#123", "!123"])
  func `A number names a pull request in many ways`(text: String) throws {
    let reference = try PullRequestReference(text)
    #expect(reference.number == 123)
    #expect(reference.place == nil)
  }

  @Test(arguments: [
    "https://codeberg.org/stagex/stagex/pulls/123", "https://codeberg.org/stagex/stagex/pulls/123/files",
    "https://Codeberg.org/stagex/stagex/pulls/123#issuecomment-1",
    "https://codeberg.org/stagex/stagex/pulls/123?style=split",
    "https://codeberg.org/stagex/stagex/pull/123", "https://codeberg.org/stagex/stagex/-/merge_requests/123/diffs",
  ])
  func `A page's address names a pull request and its repository`(text: String) throws {
    let reference = try PullRequestReference(text)
    #expect(reference.number == 123)
    #expect(reference.place?.origin.description == "https://codeberg.org")
    #expect(reference.place?.repository == RepositoryPath("stagex/stagex"))
  }

  @Test(arguments: [
    "", "PR-", "0", "PR-0", "007", "-1", "1234567890", "12a", "１２３", "PR-1\u{301}", "PR 1", "1\n", "main",
    "ftp://codeberg.org/stagex/stagex/pulls/1", "https://codeberg.org/pulls/1", "https://codeberg.org/a/b/pulls/x",
    "https://codeberg.org/a/../pulls/1", "https:///a/b/pulls/1", "https://evil.example\u{0}/a/b/pulls/1",
    "https://user@evil.example/a/b/pulls/1", "https://x:y/a/b/pulls/1", "https://codeberg.org/a/b/issues/1",
  ])
  func `Anything else names no pull request`(text: String) {
    #expect(throws: ForgeError.notAReference(Untrusted(text))) { try PullRequestReference(text) }
  }

  // MARK: remotes

  @Test(arguments: [
    ("https://codeberg.org/stagex/stagex.git", "https://codeberg.org", "https://codeberg.org/bob/fork.git"),
    ("https://codeberg.org/stagex/stagex", "https://codeberg.org", "https://codeberg.org/bob/fork.git"),
    ("https://codeberg.org/stagex/stagex/", "https://codeberg.org", "https://codeberg.org/bob/fork.git"),
    ("https://alice:secret@codeberg.org/stagex/stagex", "https://codeberg.org", "https://codeberg.org/bob/fork.git"),
    ("http://127.0.0.1:3000/stagex/stagex.git", "http://127.0.0.1:3000", "http://127.0.0.1:3000/bob/fork.git"),
    ("git@codeberg.org:stagex/stagex.git", "https://codeberg.org", "git@codeberg.org:bob/fork.git"),
    ("codeberg.org:/stagex/stagex.git", "https://codeberg.org", "codeberg.org:bob/fork.git"),
    ("ssh://git@codeberg.org/stagex/stagex.git", "https://codeberg.org", "ssh://git@codeberg.org/bob/fork.git"),
    ("ssh://git@host.example:2222/stagex/stagex", "https://host.example", "ssh://git@host.example:2222/bob/fork.git"),
    ("ssh://git@ssh.github.com:443/stagex/stagex", "https://github.com", "ssh://git@ssh.github.com:443/bob/fork.git"),
  ])
  func `A remote tells the forge, the repository, and how a fork is reached`(
    url: String, origin: String, fork: String
  ) throws {
    let remote = try RemoteAddress(url)
    #expect(remote.origin.description == origin)
    #expect(remote.repository.description == "stagex/stagex")
    #expect(try remote.url(of: #require(RepositoryPath("bob/fork"))) == fork)
  }

  @Test(arguments: [
    "", "/srv/git/stagex.git", "../stagex", "file:///srv/stagex/stagex.git", "git://codeberg.org/stagex/stagex.git",
    "ext::sh -c touch% /tmp/x", "https://codeberg.org", "https://codeberg.org/stagex", "https:///stagex/stagex",
    "https://codeberg.org:0/stagex/stagex", "https://codeberg.org:99999/stagex/stagex", "https://-x.example/a/b",
    "https://codeberg.org/stagex/../stagex", "https://codeberg.org/stagex//stagex", "https://co\u{301}deberg.org/a/b",
    "ssh://-oProxyCommand=x/a/b", "-oProxyCommand=x:a/b", "git@codeberg.org:stagex/sta gex",
    "https://codeberg.org/a/b?x",
  ])
  func `Other remotes are on no forge`(url: String) {
    #expect(throws: ForgeError.notOnAForge(remote: Untrusted(url))) { try RemoteAddress(url) }
  }

  @Test func `Only to this machine is plain HTTP safe`() throws {
    for (host, isSafe) in [
      ("localhost", true), ("127.0.0.1", true), ("127.1.2.3", true), ("codeberg.org", false),
      ("127.0.0.1.example", false),
      ("128.0.0.1", false), ("127.0.0.256", false),
    ] {
      #expect(try #require(WebOrigin(scheme: .http, host: host)).isSecure == isSafe, "\(host)")
      #expect(try #require(WebOrigin(scheme: .https, host: host)).isSecure)
    }
  }

  // MARK: which remote

  @Test func `A page's address picks among the remotes and adds none`() throws {
    let remotes = try remotes([
      "origin": "git@codeberg.org:me/stagex.git", "main": "git@codeberg.org:stagex/stagex.git",
    ])
    let page = try PullRequestReference("https://codeberg.org/StageX/stagex/pulls/1")
    #expect(try page.remote(among: remotes, preferred: nil).name == "main")
    let elsewhere = try PullRequestReference("https://codeberg.org/evil/stagex/pulls/1")
    let refusal = ForgeError.otherRepository(asked: "https://codeberg.org/evil/stagex")
    #expect(throws: refusal) { try elsewhere.remote(among: remotes, preferred: nil) }
    #expect(throws: refusal) { try elsewhere.remote(among: remotes, preferred: "main") }
    let otherHost = try PullRequestReference("https://evil.example/stagex/stagex/pulls/1")
    #expect(throws: ForgeError.self) { try otherHost.remote(among: remotes, preferred: nil) }
  }

  @Test func `Without an address: the one named, else upstream, else origin, else the only one`() throws {
    let number = try PullRequestReference("1")
    let both = ["origin": "git@codeberg.org:me/s.git", "upstream": "git@codeberg.org:stagex/s.git"]
    #expect(try number.remote(among: remotes(both), preferred: nil).name == "upstream")
    #expect(try number.remote(among: remotes(both), preferred: "origin").name == "origin")
    #expect(throws: ForgeError.self) { try number.remote(among: remotes(both), preferred: "nowhere") }
    #expect(try number.remote(among: remotes(["a": "git@h.example:a/b"]), preferred: nil).name == "a")
    let two = ["a": "git@h.example:a/b", "b": "git@h.example:b/b"]
    #expect(throws: ForgeError.self) { try number.remote(among: remotes(two), preferred: nil) }
  }

  private func remotes(_ urls: [String: String]) throws -> [Remote] {
    let folder = try TemporaryFolder()
    try Tool.succeed("git", ["init", "-q", folder.path])
    for (name, url) in urls { try Tool.succeed("git", ["-C", folder.path, "remote", "add", name, url]) }
    return try Repository.open(path: folder.path).remotes()
  }

  // MARK: branches and repositories

  @Test(arguments: ["main", "release/2026.01.0", "a-b_c.d", "-x", "é", "\u{202E}x"])
  func `Names that git takes are branches`(name: String) throws {
    #expect(try #require(BranchName(name)).ref == "refs/heads/\(name)")
    let folder = try TemporaryFolder()
    #expect(try Tool.run("git", ["check-ref-format", "refs/heads/\(name)"], folder: folder.path).status == 0)
  }

  @Test(arguments: [
    "", "a b", "a..b", "a~1", "a^", "a:b", "a?", "a*", "a[", "a\\b", "a@{b", "/a", "a/", "a//b", ".a", "a/.b", "a.lock",
    "a.lock/b", "a.", "a\u{1B}[2J", "a\nb", "a\u{7F}", "..\u{301}a", "a.\u{301}/..\u{301}",
  ])
  func `Names that git refuses are none`(name: String) throws {
    #expect(BranchName(name) == nil)
    let folder = try TemporaryFolder()
    #expect(try Tool.run("git", ["check-ref-format", "refs/heads/\(name)"], folder: folder.path).status != 0)
  }

  @Test func `Text from outside shows itself without its tricks`() {
    let title = Untrusted("Fix\u{1B}[2J \u{202E}txt\n" + String(repeating: "x", count: 5000))
    #expect("\(title)".hasPrefix(#"Fix\x1b[2J \u{202e}txt\x0axxx"#))
    #expect("\(title)".count < 250)
    #expect(title.shown(limit: 3) == "Fix…")
  }

  @Test func `A token shows itself nowhere`() throws {
    let token = try #require(Token("s3cret"))
    var dumped = ""
    dump(token, to: &dumped)
    for text in ["\(token)", String(reflecting: token), dumped, "\(Optional(token) as Any)", "\([token])"] {
      #expect(!text.contains("s3cret"), "\(text)")
    }
    for bad in ["", "a b", "a\r\nX-Evil: 1", "é", String(repeating: "x", count: 5000)] { #expect(Token(bad) == nil) }
    #expect(Token("x", kind: .password(user: "a:b")) == nil)
  }
}
