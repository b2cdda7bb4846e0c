/// What a forge's interface can lie about one request, and about the list of them.
enum InterfaceLies {
  private static let makesNoSense = "sent an answer that makes no sense"

  static let all = members + names + homes + texts + answers + lists

  /// Head, base, repository, number, state.
  private static let members = [
    ForgeLie(
      says: "the head is another commit of the repository", patch: ["head.sha": "\"$STAGING\""],
      cosign: .told(1, "the forge says the head is"), queue: .says("the forge says its head is")),
    ForgeLie(
      says: "the head is a commit that nobody has", patch: ["head.sha": "\"$NONE\""],
      cosign: .told(1, "the forge says the head is 111111111111"),
      queue: .says("the forge says its head is 111111111111")),
    ForgeLie(
      says: "the head is another request's", patch: ["head.sha": "\"$SECOND\""],
      cosign: .told(1, "the forge says the head is"), queue: .says("the forge says its head is")),
    ForgeLie(
      says: "the head is a short id", patch: ["head.sha": "\"111111111111\""],
      cosign: .told(2, "head.sha is not"), queue: .told(0, "head.sha is not")),
    ForgeLie(
      says: "the head is written in wide digits", patch: ["head.sha": "\"１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１\""],
      cosign: .told(2, "head.sha is not"), queue: .told(0, "head.sha is not")),
    ForgeLie(
      says: "the head is null", patch: ["head": "null"], cosign: .told(2, "head is not"), queue: .told(0, "head is not")
    ),
    ForgeLie(
      says: "the base was elsewhere, at a commit that nobody has", patch: ["base.sha": "\"$NONE\""],
      cosign: .says("the forge says that staging is at 111111111111, which its repository does not have"),
      queue: .honest),
    ForgeLie(
      says: "the base is ahead, at a commit by nobody", patch: ["base.sha": "\"$EVIL\""],
      cosign: .says("the forge says that staging is at"), queue: .honest),
    ForgeLie(
      says: "the base is behind, as forges note it", patch: ["base.sha": "\"$START\""], person: .agrees,
      cosign: .honest, queue: .honest),
    ForgeLie(
      says: "the request is of another repository", patch: ["base.repo.full_name": "\"eve/stagex\""],
      cosign: .told(2, "the forge answers about eve/stagex#1"),
      queue: .told(0, "the forge answers about eve/stagex#1")),
    ForgeLie(
      says: "the request has another number", patch: ["number": "7"],
      cosign: .told(2, "the forge answers about number 7"),
      queue: .told(0, "the forge speaks of PR-7, and its repository has no refs/pull/7/head")),
    ForgeLie(
      says: "the request has the number of the other", patch: ["number": "2"],
      cosign: .told(2, "the forge answers about number 2")),
    ForgeLie(
      says: "the number is a text", patch: ["number": "\"1\""], cosign: .told(2, "number is not"),
      queue: .told(0, "number is not")),
    ForgeLie(
      says: "the number is below zero", patch: ["number": "-1"], cosign: .told(2, "the forge answers about number -1"),
      queue: .told(0, "PR--1")),
    ForgeLie(
      says: "the request is closed", patch: ["state": "\"closed\""],
      cosign: .told(1, "the forge says that PR-1 is closed")),
    ForgeLie(
      says: "the request is merged", patch: ["merged": "true"],
      cosign: .told(1, "merged, although staging does not hold its head")),
    ForgeLie(
      says: "the state is a word of its own", patch: ["state": "\"approved\""], cosign: .told(2, "state is not"),
      queue: .told(0, "state is not")),
    ForgeLie(
      says: "it conflicts", patch: ["mergeable": "false", "merge_base": "\"$NONE\""], person: .agrees, cosign: .honest,
      queue: .honest),
    ForgeLie(
      says: "it has been approved and merged by the maintainers",
      patch: [
        "merged_by": "{\"login\": \"dave\"}", "merged_at": "\"2026-01-01T00:00:00Z\"", "merge_commit_sha": "\"$EVIL\"",
      ],
      person: .agrees, cosign: .honest, queue: .honest),
    ForgeLie(
      says: "the head moves between the forge's answer and the fetch",
      rules: [
        #"""
        {"path": "/info/refs$", "times": 1, "do": {"move": {"repository": "bob/stagex", \#
        "ref": "refs/heads/topic", "commit": "$OTHER"}}}
        """#
      ],
      cosign: .told(1, "the forge says the head is"), queue: .says("the forge says its head is")),
  ]

  /// The branch that it is bound for.
  private static let names = [
    ForgeLie(
      says: "it is bound for a weaker branch", patch: ["base.ref": "\"sandbox/1\""], person: .agrees,
      cosign: .says("sandbox/1 asks for 1 maintainer, staging for 2"), queue: .says("PR-1 onto sandbox/1"),
      base: "$ALONE"),
    ForgeLie(
      says: "it is bound for a branch whose own rules protect it", patch: ["base.ref": "\"trap\""],
      refs: ["refs/heads/trap": "$EVIL"],
      cosign: .told(1, "the rule does not protect the branch trap"), queue: .told(0, "the rule does not protect trap")),
    ForgeLie(
      says: "it is bound for staging, written with a Cyrillic letter", patch: ["base.ref": "\"st\\u0430ging\""],
      refs: ["refs/heads/st\u{430}ging": "$EVIL"],
      cosign: .told(1, "the rule does not protect the branch"), queue: .told(0, "the rule does not protect")),
    ForgeLie(
      says: "it is bound for staging, with a letter that cannot be seen", patch: ["base.ref": "\"staging\\u200b\""],
      refs: ["refs/heads/staging\u{200B}": "$EVIL"],
      cosign: .told(1, "the rule does not protect the branch staging\\u{200b}"),
      queue: .told(0, "the rule does not protect staging\\u{200b}")),
    ForgeLie(
      says: "it is bound for staging in capitals", patch: ["base.ref": "\"Staging\""],
      refs: ["refs/heads/Staging": "$EVIL"],
      cosign: .told(1, "the rule does not protect the branch Staging"),
      queue: .told(0, "the rule does not protect Staging")),
    ForgeLie(
      says: "it is bound for a branch that is not there", patch: ["base.ref": "\"nowhere\""],
      cosign: .told(75, "the server has no such branch"), queue: .told(0, "its branch nowhere is not there")),
    ForgeLie(
      says: "it is bound for HEAD, which the clone has as a name for staging", patch: ["base.ref": "\"HEAD\""],
      cosign: .told(1, "the rule does not protect the branch HEAD"), queue: .told(0, "the rule does not protect HEAD")),
    ForgeLie(
      says: "it is bound for a whole ref's name", patch: ["base.ref": "\"refs/heads/staging\""],
      cosign: .told(75, "the server has no such branch"), queue: .told(0, "is not there")),
    ForgeLie(
      says: "it is bound for ..", patch: ["base.ref": "\"..\""], cosign: .told(2, "base.ref is not"),
      queue: .told(0, "base.ref is not")),
    // Git takes such a name for a branch. Behind refs/heads/ it is no option.
    ForgeLie(
      says: "it is bound for an option of git's, which is no branch", patch: ["base.ref": "\"--upload-pack=./x\""],
      cosign: .told(75, "git could not fetch refs/heads/--upload-pack=./x: the server has no such branch"),
      queue: .told(0, "its branch --upload-pack=./x is not there")),
    ForgeLie(
      says: "it is bound for an option of git's, which is a branch", patch: ["base.ref": "\"--upload-pack=./x\""],
      refs: ["refs/heads/--upload-pack=./x": "$EVIL"],
      cosign: .told(1, "the rule does not protect the branch --upload-pack=./x"),
      queue: .told(0, "the rule does not protect --upload-pack=./x")),
    ForgeLie(
      says: "it is bound for the ref of the co-signatures", patch: ["base.ref": "\"cosignatures\""],
      refs: ["refs/heads/cosignatures": "$EVIL"],
      cosign: .told(1, "the rule does not protect the branch cosignatures"),
      queue: .told(0, "the rule does not protect cosignatures")),
  ]

  /// Where it comes from, and so where an adoption is pushed.
  private static let homes = [
    // Judged as the push that it would be, which needs the signature.
    ForgeLie(
      says: "it comes from the protected branch itself",
      patch: ["head.ref": "\"staging\"", "head.repo.full_name": "\"stagex/stagex\""], person: .agrees, signatures: 1,
      cosign: .told(1, "your adoption on refs/heads/staging would be refused by the rule")),
    ForgeLie(
      says: "it comes from another branch of the fork", patch: ["head.ref": "\"other\""], person: .agreed,
      cosign: .told(75, "somebody was faster")),
    ForgeLie(
      says: "it comes from a branch that the fork does not have", patch: ["head.ref": "\"gone\""], person: .agreed,
      cosign: .told(75, "somebody was faster")),
    ForgeLie(
      says: "it comes from another repository of the forge", patch: ["head.repo.full_name": "\"eve/stagex\""],
      person: .agreed, cosign: .told(75, "somebody was faster")),
    ForgeLie(
      says: "it comes from outside of the forge's folders", patch: ["head.repo.full_name": "\"../../etc\""],
      cosign: .told(2, "head.repo.full_name is not"), queue: .told(0, "head.repo.full_name is not")),
    ForgeLie(
      says: "it comes from another host", patch: ["head.repo.full_name": "\"evil.example:x/y\""],
      cosign: .told(2, "head.repo.full_name is not"), queue: .told(0, "head.repo.full_name is not")),
    ForgeLie(
      says: "its fork is gone", patch: ["head.repo": "null"], person: .agrees, cosign: .told(1, "came from is gone")),
    ForgeLie(
      says: "its author lets nobody push", patch: ["allow_maintainer_edit": "false"], person: .agrees,
      cosign: .told(1, "does not allow maintainers to push")),
    // The adoption goes to the request's own ref, which this forge has follow the fork's branch.
    ForgeLie(
      says: "it came without a branch", patch: ["flow": "1"], person: .agrees, signatures: 1,
      cosign: .told(75, "the server said that it took"), queue: .honest),
    ForgeLie(
      says: "the fork's addresses are programs",
      patch: [
        "head.repo.clone_url": "\"ext::sh -c id\"", "head.repo.ssh_url": "\"-oProxyCommand=id\"",
        "html_url": "\"file:///etc/passwd\"",
      ],
      person: .agrees, cosign: .honest, queue: .honest),
  ]

  /// Texts that would like to be something else.
  private static let texts = [
    ForgeLie(
      says: "the title clears the screen and renames the window",
      patch: ["title": "\"\\u001b[2J\\u001b]0;owned\\u0007x\""],
      cosign: .says(#"title   \x1b[2J\x1b]0;owned\x07x"#), queue: .says(#"\x1b[2J\x1b]0;owned\x07x"#)),
    ForgeLie(
      says: "the title runs from right to left", patch: ["title": "\"fix \\u202egpj.exe\\u2066\""],
      cosign: .says(#"title   fix \u{202e}gpj.exe\u{2066}"#), queue: .says(#"\u{202e}"#)),
    ForgeLie(
      says: "the title holds lines of the screen",
      patch: ["title": "\"Fix\\nhead    $NONE\\nbase    $NONE\\n\\nthe rule\\nsatisfied as it is\""],
      person: .agrees, cosign: .says(#"title   Fix\x0ahead    1111"#), queue: .says(#"Fix\x0ahead"#)),
    ForgeLie(
      says: "the title holds a trailer of an endorsement", patch: ["title": "\"x\\n\\nReviewed-Base: $NONE\""],
      request: 2, person: .agrees, cosign: .says(#"\x0aReviewed-Base"#), queue: .says(#"\x0a"#)),
    ForgeLie(
      says: "the title has two megabytes", patch: ["title": "\"\(String(repeating: "x", count: 2 << 20))\""],
      cosign: .says("xxxx…"), queue: .says("xxxx…")),
    ForgeLie(
      says: "the author's name recolours and hides", patch: ["user.login": "\"bob\\u001b[31m\\u200b\""],
      cosign: .says(#"by      bob\x1b[31m\u{200b}"#), queue: .honest),
    ForgeLie(
      says: "the author is a maintainer", patch: ["user.login": "\"dave\""],
      cosign: .says("by      dave (the forge says so)"), queue: .honest),
    ForgeLie(
      says: "the branch's name cannot be seen", patch: ["head.ref": "\"top\\u200bic\""], person: .agreed,
      cosign: .told(75, "somebody was faster")),
    ForgeLie(
      says: "the branch's name moves the cursor", patch: ["head.ref": "\"a\\u001b[2Jb\""],
      cosign: .told(2, "head.ref is not"), queue: .told(0, "head.ref is not")),
    ForgeLie(
      says: "the title is a number", patch: ["title": "5"], cosign: .told(2, "title is not"),
      queue: .told(0, "title is not")),
  ]

  /// The request's page, and the list in pages of fifty, of ten, and of one: there the other request comes first.
  private static let large: [String] = [
    (#"/pulls/1$"#, "", "body"), (#"/pulls$"#, #""times": 2,"#, "1.body"), (#"/pulls$"#, #""times": 1,"#, ""),
    (#"/pulls$"#, #""times": 1,"#, "0.body"),
  ].map { path, times, member in
    let text = String(repeating: "x", count: member.isEmpty ? 0 : 5 << 20)
    let deed = member.isEmpty ? "" : #""patch": {"\#(member)": "\#(text)"}"#
    return #"{"path": "\#(path)", "method": "GET", \#(times) "do": {\#(deed)}}"#
  }

  /// Answers that are none.
  private static let answers = [
    ForgeLie(
      says: "the description has five megabytes", rules: large, cosign: .says("sent an answer that is too large"),
      queue: .told(0, "descriptions too large to read")),
    ForgeLie(
      // Page after page too large, until the time for questions is over.
      says: "the answer never ends", answer: #"{"endless": true}"#, cosign: .says("sent an answer that is too large"),
      queue: .says("so git alone is asked")),
    ForgeLie(
      says: "the answer breaks off", answer: #"{"truncate": 100}"#, cosign: .told(2, "the answer breaks off"),
      queue: .says("so git alone is asked")),
    ForgeLie(
      says: "the answer does not come", answer: #"{"delay": 30}"#, cosign: .says("did not answer in time"),
      queue: .says("did not answer in time")),
    ForgeLie(
      says: "the answer drips", answer: #"{"trickle": 8, "patch": {}}"#, cosign: .says("did not answer in time"),
      queue: .says("did not answer in time")),
    ForgeLie(
      says: "the answer is a page",
      answer: #"{"reply": {"body": "<html>welcome</html>", "headers": {"Content-Type": "text/html"}}}"#,
      cosign: .told(2, makesNoSense), queue: .says("so git alone is asked")),
    ForgeLie(
      says: "the answer is empty", answer: #"{"reply": {"body": ""}}"#, cosign: .told(2, makesNoSense),
      queue: .says("so git alone is asked")),
    ForgeLie(
      says: "the answer is no UTF-8", answer: #"{"reply": {"base64": "//79"}}"#, cosign: .told(2, makesNoSense),
      queue: .says("so git alone is asked")),
    ForgeLie(
      says: "the answer is two", answer: #"{"reply": {"body": "{} {}"}}"#, cosign: .told(2, makesNoSense),
      queue: .says("so git alone is asked")),
    ForgeLie(
      says: "the answer says each thing twice", answer: #"{"reply": {"body": "{\"number\": 1, \"number\": 2}"}}"#,
      cosign: .told(2, makesNoSense), queue: .says("so git alone is asked")),
    ForgeLie(
      says: "the answer is nested five hundred deep",
      answer: #"{"reply": {"body": "\#(String(repeating: "[", count: 500))\#(String(repeating: "]", count: 500))"}}"#,
      cosign: .told(2, makesNoSense), queue: .says("so git alone is asked")),
    ForgeLie(
      says: "it sends us on to another host",
      answer:
        #"""
        {"reply": {"status": 302, "headers": {"Location": "http://127.0.0.2:1/api/v1/repos/stagex/stagex/pulls/1"}}}
        """#,
      cosign: .told(2, "sends us on to"), queue: .says("sends us on to")),
    ForgeLie(
      says: "it sends us on to a file",
      answer: #"{"reply": {"status": 301, "headers": {"Location": "file:///etc/passwd"}}}"#,
      cosign: .told(2, "sends us on to"), queue: .says("sends us on to")),
    ForgeLie(
      says: "it knows no such request", answer: #"{"reply": {"status": 404}}"#, cosign: .told(2, "the forge knows no"),
      queue: .says("so git alone is asked")),
    ForgeLie(
      says: "it fails in words that clear the screen",
      answer: #"{"reply": {"status": 500, "body": "{\"message\": \"\\u001b[2Jno\"}"}}"#,
      cosign: .says(#"the forge refuses (HTTP 500): \x1b[2Jno"#), queue: .says(#"\x1b[2Jno"#)),
    ForgeLie(
      says: "it no longer knows who we are", answer: #"{"reply": {"status": 401}}"#,
      cosign: .says("wants to know who you are"), queue: .says("wants to know who you are")),
    ForgeLie(
      says: "it is busy for an hour", answer: #"{"reply": {"status": 429, "headers": {"Retry-After": "3600"}}}"#,
      cosign: .says("is busy for 3600 s"), queue: .says("is busy for 3600 s")),
    ForgeLie(
      says: "it is busy again and again", answer: #"{"reply": {"status": 503, "headers": {"Retry-After": "0"}}}"#,
      cosign: .says("is busy"), queue: .says("is busy")),
    ForgeLie(
      says: "it can no longer be told of a merge", rules: [#"{"path": "/merge$", "do": {"delay": 30}}"#], request: 2,
      person: .agrees, cosign: .says("the forge could not be told")),
    ForgeLie(
      says: "it answers the word of a merge with escapes",
      rules: [#"{"path": "/merge$", "do": {"reply": {"status": 405, "body": "{\"message\": \"\\u001b[2Jno\"}"}}}"#],
      request: 2, person: .agrees,
      cosign: .says(#"the forge does not close it by itself (\x1b[2Jno)"#)),
  ]

  /// The list, which only `queue` reads.
  private static let lists = [
    ForgeLie(
      says: "the list is none", rules: [#"{"path": "/pulls$", "do": {"reply": {"body": "{}"}}}"#],
      queue: .says("so git alone is asked")),
    ForgeLie(
      says: "the list holds a number among the requests",
      rules: [#"{"path": "/pulls$", "times": 1, "do": {"patch": {"0": 5}}}"#], queue: .says("so git alone is asked")),
    ForgeLie(
      says: "the list shows no request", rules: [#"{"path": "/pulls$", "do": {"reply": {"body": "[]"}}}"#],
      queue: .told(0, "no open pull requests")),
    ForgeLie(
      says: "the list holds one request twice, for two branches",
      rules: [#"{"path": "/pulls$", "times": 1, "do": {"patch": {"0.number": 1, "0.base.ref": "sandbox/1"}}}"#],
      queue: .says("PR-1 onto sandbox/1")),
    ForgeLie(
      says: "the other request's branch has a name of 2,000 letters",
      rules: [
        #"{"path": "/pulls$", "times": 1, "do": {"patch": {"0.head.ref": "\#(String(repeating: "x", count: 2000))"}}}"#
      ], queue: .honest),
  ]
}
