import Foundation
import Support
import Testing

/// The pages that `--format html` makes: by HTML's own grammar, and as a browser draws them.
@Suite struct PageTests {
  static let tests = Tool.packageFolder + "/Tests/Pages"
  /// Debian's own Python has the packages that `make check` installs; another one on the PATH has not.
  static let hasParser = (try? Tool.run("/usr/bin/python3", ["-c", "import html5lib"]).status) == 0
  static let browser = Tool.find("chromium")

  /// What commits, people and keys of strangers can be called.
  static let hostile = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'; x=\\\"</style></title><svg onload=alert(1)>",
    "&lt;b&gt; &amp;amp; ]]> -->",
    String(repeating: "unbroken", count: 40), "\u{202E}gnorw \u{200B}\u{FEFF}", "日本語の名前 🇪🇺 e\u{301}",
    "#figures\" href=\"javascript:alert(1)",
  ]

  /// A page of each kind, made from a history whose every word is hostile.
  struct Pages {
    let folder: TemporaryFolder
    let files: [String]

    init() async throws {
      let folder = try TemporaryFolder()
      self.folder = folder
      let scene = try await CommandLineTests.Scene()
      try await scene.clone.git("checkout", "--quiet", "--detach", scene.good)
      for (place, name) in PageTests.hostile.enumerated() {
        try await scene.clone.commit("file\(place)", "x\n", by: scene.server.team.alice, message: name)
      }
      try await scene.clone.git("checkout", "--quiet", "-B", "staging")
      let people = try TemporaryFolder()
      try PageTests.strangers(people.path + "/r.git")
      try await scene.clone.git("config", "remote.origin.url", "https://user:secret@forge.example.org/owner/name.git")
      var made: [String] = []
      func page(_ name: String, _ words: String...) async throws {
        let result = try await scene.server.sandbox.run(
          [ServerProgram.command] + words + ["--format", "html"], in: scene.clone.path)
        // A page is a page whatever it has to say: the gate finds no lead in this clone.
        try #require(result.status <= 2 && result.output.hasPrefix("<!doctype html>"), "\(result)")
        #expect(!result.output.contains("secret"))
        made.append(try folder.write(name + ".html", result.output))
      }
      try await page("audit", "audit", "staging")
      try await page(
        "verify", "verify", "--old", scene.server.start, "--new", "staging", "--target", "refs/heads/staging")
      try await page(
        "gate", "gate", "--base", scene.server.start, "--head", "staging", "--target", "staging", "--pr", "PR-1")
      try await page("keys", "keys", "audit")
      try await page("survey", "audit", "--survey", people.path + "/r.git")
      try await page("surveys", "audit", "--survey", "<b>bold\"=" + people.path + "/r.git", scene.clone.path)
      try await page("hash", "audit", "--survey", "--names", "hash", people.path + "/r.git")
      made.append(try folder.write("signatures.html", try QuorumFormatTests().verify("html").text))
      files = made
    }
  }

  /// A history of people whose names are hostile, in one month or another, with signatures of strangers.
  static func strangers(_ path: String) throws {
    let script = """
      import base64, json, subprocess, sys
      folder = sys.argv[1]
      subprocess.check_call(["git", "init", "-q", "--bare", "-b", "main", folder])
      def put(kind, data):
          hash = ["git", "-C", folder, "hash-object", "-t", kind, "-w", "--stdin", "--literally"]
          return subprocess.run(hash, input=data, stdout=subprocess.PIPE, check=True).stdout.decode().strip()
      tip, time = None, 1600000000
      for name in json.load(sys.stdin) * 3:
          time += 3000000
          person = name.replace("<", "(").replace(">", ")").encode()
          key = b"uri " + name.encode()
          body = bytes([4, 0, 1, 8, 0, 23, 22, 33, 4]) + (key * 20)[:20] + bytes([0, 0, 0, 0])
          armor = base64.b64encode(bytes([0xC2, len(body)]) + body).decode()
          tree = put("tree", b"100644 f\\0" + bytes.fromhex(put("blob", str(time).encode())))
          head = f"tree {tree}\\n" + (f"parent {tip}\\n" if tip else "")
          line = b" %s <x@example.org> %d +0000\\n" % (person, time)
          signature = f"gpgsig -----BEGIN PGP SIGNATURE-----\\n \\n {armor}\\n -----END PGP SIGNATURE-----\\n\\n"
          people = b"author" + line + b"committer" + line
          tip = put("commit", head.encode() + people + signature.encode() + name.encode() + b"\\n")
      subprocess.check_call(["git", "-C", folder, "update-ref", "refs/heads/main", tip])
      """
    let names = try JSONSerialization.data(withJSONObject: hostile)
    try Tool.succeed("/usr/bin/python3", ["-c", script, path], input: [UInt8](names))
  }

  @Test(.enabled(if: Self.hasParser, "python3-html5lib is not installed"))
  func `pages are HTML without a fault, need nothing else, and have words for all they draw`() async throws {
    let pages = try await Pages()
    let result = try Tool.run("/usr/bin/python3", [Self.tests + "/check.py"] + pages.files)
    #expect(result.status == 0, "\(result.text)\(result.errorText)")
    #expect(pages.files.count == 8)
    let audit = try String(contentsOfFile: pages.files[0], encoding: .utf8)
    #expect(audit.contains("https://forge.example.org/owner/name/commit/"))
    #expect(audit.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    // The checker finds what it looks for.
    for (good, bad) in [
      ("<main id=\"main\">", "<main id=\"main\"><img src=\"x\">"),
      ("<main id=\"main\">", "<main id=\"main\"><a href=\"#nowhere\">x</a>"),
      ("<h1>", "<h3>x</h3><h1>"), ("</caption>", "</caption><tr><td>x</td></tr>"), ("</main>", "</main></div>"),
      ("<main id=\"main\">", "<main id=\"main\" onclick=\"x\">"),
    ] {
      let damaged = try pages.folder.write("damaged.html", audit.replacingOccurrences(of: good, with: bad))
      #expect(try Tool.run("/usr/bin/python3", [Self.tests + "/check.py", damaged]).status == 1, "\(bad)")
    }
  }

  @Test(.enabled(if: Self.browser != nil, "chromium is not installed"), arguments: ["light", "dark"])
  func `in a browser nothing overflows, and all can be read`(_ scheme: String) async throws {
    let pages = try await Pages()
    let results = try measure(pages.files, pages.folder, scheme)
    #expect(results.count == pages.files.count * 4)
    for result in results {
      #expect(result["problems"] as? [String] == [])
      #expect(result["scripts"] as? Int == 0)
      #expect(result["texts"] as? Int ?? 0 > 10)
      #expect(result["places"] as? Int ?? 0 > 2)
      #expect(result["paper"] as? String == (scheme == "light" ? "255,255,255" : "20,23,27"))
    }
    // Numbers of these lead to lists that are folded away; a survey of one clone shows its own.
    let unfolding = results.filter { $0["unfolded"] as? Int ?? 0 > 0 }.compactMap { $0["name"] as? String }
    #expect(Set(unfolding).isSuperset(of: ["audit.html", "surveys.html"]), "\(unfolding)")
    // What is too wide, too pale, out of the keyboard's reach, folded away or lost on paper is found.
    let faults = [
      ("stays folded", "<a href=\"#x\">x</a><details id=\"x\"><summary>x</summary><p>x</p></details>"),
      ("cannot be reached", "<p tabindex=\"0\" style=\"visibility:hidden\">x</p>"),
      ("does not show", "<p tabindex=\"0\" style=\"outline:none\">x</p>"),
      ("not on paper", "<details><summary>x</summary><p style=\"display:none\">x</p></details>"),
      ("on paper TH ends", "<table style=\"width:1000px\"><tr><th>x</th></tr></table>"),
      ("P ends at", "<p style=\"width:3000px\">x</p>"), ("contrast", "<p style=\"color:#888a\">pale</p>"),
      ("high", "<p style=\"font-size:9px\">small</p>"),
    ]
    let page = try String(contentsOfFile: pages.files[0], encoding: .utf8)
    let damaged = try pages.folder.write(
      "damaged.html",
      page.replacingOccurrences(of: "<main id=\"main\">", with: "<main id=\"main\">" + faults.map(\.1).joined()))
    let found = try measure([damaged], pages.folder, scheme).flatMap { $0["problems"] as? [String] ?? [] }
    for (word, fault) in faults { #expect(found.contains { $0.contains(word) }, "\(fault)") }
  }

  /// Draws pages at four widths, and asks the browser what came of it.
  private func measure(_ files: [String], _ folder: TemporaryFolder, _ scheme: String) throws -> [[String: Any]] {
    var frames = ""
    for file in files {
      let name = (file as NSString).lastPathComponent
      for width in [360, 800, 1600, 1900] {
        frames +=
          "<iframe title=\"\(name)\" width=\"\(width)\" height=\"900\" style=\"border:0\" src=\"\(name)\"></iframe>"
      }
    }
    let script = try String(contentsOfFile: Self.tests + "/measure.js", encoding: .utf8)
    let frame = try folder.write(
      "frames.html",
      """
      <!doctype html><html><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"></head>\
      <body>\(frames)<script>\(script)</script></body></html>
      """)
    let output = try Tool.succeed(
      Self.browser!,
      [
        "--headless", "--no-sandbox", "--allow-file-access-from-files", "--disable-gpu", "--disable-dev-shm-usage",
        "--user-data-dir=\(folder.path)/browser", "--window-size=2000,1000",
        "--blink-settings=preferredColorScheme=\(scheme == "dark" ? 0 : 1)", "--virtual-time-budget=20000",
        "--dump-dom", "file://" + frame,
      ], environment: ["HOME": folder.path], seconds: 120
    ).text
    let start = try #require(output.range(of: "<pre id=\"results\">"))
    let end = try #require(output.range(of: "</pre>", range: start.upperBound..<output.endIndex))
    let json = output[start.upperBound..<end.lowerBound].replacingOccurrences(of: "&lt;", with: "<")
      .replacingOccurrences(of: "&gt;", with: ">")
      .replacingOccurrences(of: "&amp;", with: "&")
    return try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
  }

  @Test(
    .enabled(
      if: (try? Tool.run("/usr/bin/python3", ["-c", "import jsonschema"]).status) == 0,
      "python3-jsonschema is not installed"))
  func `SARIF and JUnit are as their schemas ask`() async throws {
    let scene = try await CommandLineTests.Scene()
    try await scene.clone.git("checkout", "--quiet", "--detach", scene.good)
    for (place, name) in Self.hostile.enumerated() {
      try await scene.clone.commit("file\(place)", "x\n", by: scene.server.team.alice, message: name)
    }
    try await scene.clone.git("checkout", "--quiet", "-B", "staging")
    let folder = try TemporaryFolder()
    for format in ["sarif", "junit"] {
      var files: [String] = []
      let keys = ["keys", "audit"]
      let verify = ["verify", "--old", scene.server.start, "--new", "staging", "--target", "refs/heads/staging"]
      for words in [["audit", "staging"], verify, scene.verify(scene.good), keys] {
        let result = try await scene.server.sandbox.run(
          [ServerProgram.command] + words + ["--format", format], in: scene.clone.path)
        try #require(result.status < 2, "\(result)")
        files.append(try folder.write("\(files.count).\(format)", result.output))
      }
      let held = try Tool.run("/usr/bin/python3", [Self.tests + "/formats.py", format] + files)
      #expect(held.status == 0, "\(held.text)\(held.errorText)")
      // The rules find what they look for.
      let text = try String(contentsOfFile: files[0], encoding: .utf8)
      let damage =
        format == "sarif"
        ? [
          ("\"version\":\"2.1.0\"", "\"version\":\"2.0\""), ("\"ruleIndex\":0", "\"ruleIndex\":-2"),
          ("\"results\"", "\"result\""),
        ]
        : [
          ("<testcase ", "<testcase time2=\"1\" "), (" classname=", " class="),
          ("<testsuites ", "<testsuites hostname=\"x\" "),
        ]
      for (good, bad) in damage {
        let file = try folder.write("damaged", text.replacingOccurrences(of: good, with: bad))
        #expect(try Tool.run("/usr/bin/python3", [Self.tests + "/formats.py", format, file]).status == 1, "\(bad)")
      }
    }
  }

  @Test func `commits are linked to the forge behind the remote, and to no other place`() async throws {
    let scene = try await CommandLineTests.Scene()
    let hex = try await scene.clone.git("rev-parse", scene.bad + "^2")
    for (remote, address) in [
      ("git@codeberg.org:stagex/stagex.git", "https://codeberg.org/stagex/stagex/commit/"),
      ("ssh://git@codeberg.org:2222/stagex/stagex", "https://codeberg.org/stagex/stagex/commit/"),
      (
        "https://token:x@gitlab.alpinelinux.org/alpine/aports.git",
        "https://gitlab.alpinelinux.org/alpine/aports/-/commit/"
      ),
      ("/srv/git/stagex.git", nil), ("file:///srv/git/a/b.git", nil), ("javascript://x.y/a/b%0aalert(1)", nil),
      ("https://a.b/c/d\"onclick=\"x", nil),
      ("https://a.b/../c", nil), ("host:a/b", nil),
    ] as [(String, String?)] {
      try await scene.clone.git("config", "remote.origin.url", remote)
      let page = try await scene.run("audit", "staging", "--format", "html").output
      if let address {
        #expect(page.contains("<a href=\"\(address)\(hex)\""), "\(remote)")
      } else {
        #expect(page.contains(hex.prefix(12)) && !page.contains("<a href=\"http"), "\(remote)")
      }
      #expect(!page.contains("token"))
    }
    let linked = try await scene.run(
      "audit", "staging", "--format", "html", "--link", "https://git.example.org/?p=x;h={}")
    #expect(linked.output.contains("https://git.example.org/?p=x;h=\(hex)"))
    for bad in ["javascript:alert(1)", "x", "https://a b/", "https://a.b/\"x"] {
      #expect(try await scene.run("audit", "staging", "--format", "html", "--link", bad).status == 64)
    }
  }
}
