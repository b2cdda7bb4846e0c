/// What a git server can lie about its refs and objects, and about pushes.
enum GitLies {
  private static let refused = "is not what the rule accepts"
  private static let noList = "git could not list the pull requests"
  private static let reads = "/stagex/stagex.git/(info/refs|git-upload-pack)$"
  private static let listing = #""path": "/stagex/stagex.git/git-upload-pack$", "body": "command=ls-refs""#
  private static let fetching = #""path": "/stagex/stagex.git/git-upload-pack$", "body": "command=fetch""#

  static let all = tips + heads + objects + answers + moves + pushes

  /// The base, and names that could be taken for it.
  private static let tips = [
    ForgeLie(
      says: "staging is at a commit by nobody", shown: ["refs/heads/staging": "$EVIL"], cosign: .told(1, refused),
      queue: .told(0, refused)),
    ForgeLie(
      says: "staging has other people", shown: ["refs/heads/staging": "$NOBODY"],
      cosign: .told(2, "is invalid: MAINTAINERS"), queue: .told(0, "is invalid: MAINTAINERS")),
    ForgeLie(
      says: "staging has what one maintainer did alone", shown: ["refs/heads/staging": "$ALONE"],
      cosign: .told(1, refused), queue: .told(0, refused)),
    ForgeLie(
      says: "staging is the request itself, so that it counts as merged", shown: ["refs/heads/staging": "$HEAD"],
      cosign: .told(1, refused), queue: .told(0, "")),
    ForgeLie(
      says: "staging is where it was before", shown: ["refs/heads/staging": "$START"],
      cosign: .told(1, "when it was last judged here"), queue: .told(0, "when it was last judged here")),
    ForgeLie(
      says: "staging is below the trust root", shown: ["refs/heads/staging": "$BELOW"],
      cosign: .told(2, "is not on the first-parent line of"), queue: .told(0, "is not on the first-parent line of")),
    ForgeLie(
      says: "staging went another lawful way", shown: ["refs/heads/staging": "$ASIDE"],
      cosign: .told(1, "when it was last judged here"), queue: .told(0, "when it was last judged here")),
    ForgeLie(
      says: "staging is no commit",
      rules: [
        #"""
        {\#(listing), "do": {"serve": "eve/stagex", "rewrite": \#
        {"$STAGING refs/heads/staging": "$TAG refs/heads/staging"}}}
        """#
      ], shown: [:], cosign: .told(75, "it is no commit"), queue: .told(0, "")),
    ForgeLie(
      says: "staging is gone", shown: ["refs/heads/staging": ""], person: .agreed, cosign: .told(75, "became nothing"),
      queue: .honest),
    ForgeLie(
      says: "staging is another branch's name", shown: ["refs/heads/evil": "$EVIL"],
      symbolic: ["refs/heads/staging": "refs/heads/evil"], cosign: .told(1, refused), queue: .told(0, refused)),
    ForgeLie(
      says: "HEAD is another branch", shown: ["refs/heads/evil": "$EVIL"], symbolic: ["HEAD": "refs/heads/evil"],
      person: .agrees, cosign: .honest, queue: .honest),
    // In the clone origin/HEAD is a name for origin/staging. Git fetches nothing into a name for another ref.
    ForgeLie(
      says: "a branch is called HEAD", shown: ["refs/heads/HEAD": "$EVIL"], person: .agrees, cosign: .honest,
      queue: .honest),
    ForgeLie(
      says: "names that look like staging",
      shown: [
        "refs/heads/Staging": "$EVIL", "refs/heads/staging\u{200B}": "$EVIL", "refs/heads/st\u{430}ging": "$EVIL",
        "refs/heads/refs/heads/staging": "$EVIL", "refs/heads/origin/staging": "$EVIL",
      ],
      person: .agrees, cosign: .honest, queue: .honest),
    ForgeLie(
      says: "tags called staging",
      shown: [
        "refs/tags/staging": "$EVIL", "refs/tags/origin/staging": "$EVIL", "refs/tags/refs/heads/staging": "$EVIL",
      ], person: .agrees, cosign: .honest, queue: .honest),
    ForgeLie(
      says: "replacements and notes of objects, and refs of our own names",
      shown: [
        "refs/replace/$HEAD": "$EVILHEAD", "refs/notes/commits": "$EVIL",
        "refs/stagex-maint/judged/origin/staging": "$EVIL",
      ],
      person: .agrees, cosign: .honest, queue: .honest),
    // A fetch takes the first of two, and our own last look the second: one of them is not what was reviewed.
    ForgeLie(
      says: "staging twice, first at a commit by nobody",
      rules: [
        #"{\#(listing), "do": {"serve": "eve/stagex", "rewrite": {"refs/heads/aa-twin": "refs/heads/staging"}}}"#
      ],
      shown: ["refs/heads/aa-twin": "$EVIL"], cosign: .told(1, refused), queue: .told(0, refused)),
    ForgeLie(
      says: "staging twice, then at a commit by nobody",
      rules: [
        #"{\#(listing), "do": {"serve": "eve/stagex", "rewrite": {"refs/heads/zz-twin": "refs/heads/staging"}}}"#
      ],
      shown: ["refs/heads/zz-twin": "$EVIL"], person: .agreed, cosign: .told(75, "the branch moved during the review"),
      queue: .honest),
    ForgeLie(
      says: "a branch below staging",
      rules: [
        #"{\#(listing), "do": {"serve": "eve/stagex", "rewrite": {"refs/heads/staging--x": "refs/heads/staging/-x"}}}"#
      ],
      shown: ["refs/heads/staging--x": "$EVIL"], cosign: .told(75, "git could not fetch"),
      queue: .told(75, "git could not fetch the branches")),
    ForgeLie(
      says: "a branch that leads up",
      rules: [#"{\#(listing), "do": {"serve": "eve/stagex", "rewrite": {"refs/heads/aa/bb": "refs/heads/../bb"}}}"#],
      shown: ["refs/heads/aa/bb": "$EVIL"], person: .agrees, cosign: .honest, queue: .honest),
    ForgeLie(
      says: "co-signatures that are none", shown: ["refs/heads/cosignatures": "$EVIL"], person: .agrees,
      cosign: .honest, queue: .honest),
    ForgeLie(
      says: "a weaker branch holds what staging refuses", shown: ["refs/heads/sandbox/1": "$EVIL"], cosign: .honest,
      queue: .honest),
  ]

  /// The request's own ref.
  private static let heads = [
    ForgeLie(
      says: "the request is another commit", shown: ["refs/pull/1/head": "$EVILHEAD"],
      cosign: .told(1, "the forge says the head is"), queue: .says("the forge says its head is")),
    ForgeLie(
      says: "the request is another commit, and the forge says the same", patch: ["head.sha": "\"$EVILHEAD\""],
      shown: ["refs/pull/1/head": "$EVILHEAD"],
      person: .agreed, cosign: .told(75, "the pull request changed during the review")),
    ForgeLie(
      says: "the request is a file", shown: ["refs/pull/1/head": "$BLOB"], cosign: .told(75, "it is no commit"),
      queue: .told(0, "its head is no commit")),
    ForgeLie(
      says: "the request is a folder", shown: ["refs/pull/1/head": "$TREE"], cosign: .told(75, "it is no commit"),
      queue: .told(0, "its head is no commit")),
    ForgeLie(
      says: "the request is a tag of it", shown: ["refs/pull/1/head": "$TAG"], cosign: .told(75, "it is no commit"),
      queue: .told(0, "its head is no commit")),
    ForgeLie(
      says: "the request has no ref", shown: ["refs/pull/1/head": ""], cosign: .told(64, "origin has no PR-1"),
      queue: .told(0, "its repository has no refs/pull/1/head")),
    ForgeLie(
      says: "the request is staging itself", patch: ["head.sha": "\"$STAGING\""],
      shown: ["refs/pull/1/head": "$STAGING"], cosign: .told(1, "PR-1 is already in staging"),
      queue: .told(0, "already in staging")),
    ForgeLie(
      says: "the request is below the trust root", patch: ["head.sha": "\"$BELOW\""],
      shown: ["refs/pull/1/head": "$BELOW"], cosign: .told(1, "PR-1 is already in staging"),
      queue: .told(0, "already in staging")),
  ]

  /// Objects.
  private static let objects = [
    ForgeLie(
      says: "staging is a commit that it does not give",
      rules: [#"{\#(listing), "do": {"rewrite": {"$STAGING": "$NONE"}}}"#], cosign: .told(75, "git could not fetch"),
      queue: .told(75, "git could not fetch the branches")),
    ForgeLie(
      says: "the request is a commit that it does not give",
      rules: [#"{\#(listing), "do": {"rewrite": {"$HEAD": "$NONE"}}}"#], cosign: .told(75, "git could not fetch"),
      queue: .told(0, "PR-1 cannot be fetched")),
    // The file of the request's is in the clone already. What hangs from no ref endorses nothing, and is not shown.
    ForgeLie(
      says: "more objects than asked for", rules: [#"{\#(fetching), "do": {"pack": ["$HEAD", "$HEADTREE", "$EVIL"]}}"#],
      person: .agrees, cosign: .honest, queue: .honest),
    ForgeLie(
      says: "fewer objects than asked for", rules: [#"{\#(fetching), "do": {"pack": ["$STAGING"]}}"#],
      cosign: .told(75, "git could not fetch"), queue: .told(0, "PR-1 cannot be fetched")),
    ForgeLie(
      says: "the request's commit without its files", rules: [#"{\#(fetching), "do": {"pack": ["$HEAD"]}}"#],
      cosign: .told(75, "git could not fetch"), queue: .told(0, "PR-1 cannot be fetched")),
    ForgeLie(
      says: "a pack that is none", rules: [#"{\#(fetching), "do": {"rewrite": {"PACK": "CAKE"}}}"#],
      cosign: .told(75, "git could not fetch"), queue: .told(0, "PR-1 cannot be fetched")),
    // Git keeps what it read before it came to the sum, each object under the id that it has. The queue asks once
    // more, for each request by itself, and then nothing is missing.
    ForgeLie(
      says: "a pack with another sum",
      rules: [#"{\#(fetching), "do": {"rewrite": {"PACK\u0000\u0000\u0000\u0002": "PACK\u0000\u0000\u0000\u0003"}}}"#],
      cosign: .told(75, "git could not fetch"), queue: .honest),
  ]

  /// How it answers.
  private static let answers = [
    ForgeLie(
      says: "it dies while it lists", rules: [#"{\#(listing), "do": {"truncate": 40}}"#],
      cosign: .told(75, "git could not fetch"), queue: .told(75, noList)),
    ForgeLie(
      says: "it dies in the middle of the pack", rules: [#"{\#(fetching), "do": {"truncate": 60}}"#],
      cosign: .told(75, "git could not fetch"), queue: .told(0, "PR-1 cannot be fetched")),
    ForgeLie(
      says: "it is silent, and then dies", rules: [#"{\#(listing), "do": {"delay": 6, "truncate": 40}}"#],
      cosign: .told(75, "note: git fetch goes on for 5 s"), queue: .told(75, "note: git ls-remote goes on for 5 s")),
    ForgeLie(
      says: "it fails", rules: [#"{"path": "\#(reads)", "do": {"reply": {"status": 500, "body": "\u001b[2J"}}}"#],
      cosign: .told(75, "git could not fetch"), queue: .told(75, noList)),
    ForgeLie(
      says: "it is a page",
      rules: [
        #"{"path": "\#(reads)", "do": {"reply": {"body": "<html>\n<p>\n", "headers": {"Content-Type": "text/html"}}}}"#
      ],
      cosign: .told(75, "git could not fetch"), queue: .told(75, noList)),
    // Without the end of a line git reads it as an old list that holds nothing.
    ForgeLie(
      says: "it is a page of half a line",
      rules: [#"{"path": "\#(reads)", "do": {"reply": {"body": "<html>", "headers": {"Content-Type": "text/html"}}}}"#],
      cosign: .told(64, "origin has no PR-1"), queue: .told(0, "of 2 open pull requests none can be had here")),
    ForgeLie(
      says: "git is sent on to another repository",
      rules: [
        #"""
        {"path": "/stagex/stagex.git/info/refs$", "do": {"reply": {"status": 301, \#
        "headers": {"Location": "/eve/stagex.git/info/refs?service=git-upload-pack"}}}}
        """#
      ],
      shown: ["refs/heads/staging": "$EVIL"], cosign: .told(1, refused), queue: .told(0, refused)),
    ForgeLie(
      says: "git is sent on to a file",
      rules: [
        #"""
        {"path": "/stagex/stagex.git/info/refs$", "do": {"reply": {"status": 302, \#
        "headers": {"Location": "file:///etc/passwd"}}}}
        """#
      ],
      cosign: .told(75, "git could not fetch"), queue: .told(75, noList)),
    ForgeLie(
      says: "it asks who we are",
      rules: [
        #"""
        {"path": "\#(reads)", "times": 1, "do": {"reply": {"status": 401, \#
        "headers": {"WWW-Authenticate": "Basic realm=\"x\""}}}}
        """#
      ],
      person: .agrees, cosign: .honest, queue: .honest),
  ]

  /// What changes between two looks. The first list is the fetch's, the second that of the last look before the
  /// signature.
  private static let moves = [
    ForgeLie(
      says: "staging moves during the review",
      rules: [
        #"""
        {\#(listing), "skip": 1, "times": 1, "do": {"move": {"repository": "stagex/stagex", \#
        "ref": "refs/heads/staging", "commit": "$ALONE"}}}
        """#
      ],
      person: .agreed, cosign: .told(75, "the branch moved during the review")),
    ForgeLie(
      says: "staging goes back during the review",
      rules: [
        #"""
        {\#(listing), "skip": 1, "times": 1, "do": {"move": {"repository": "stagex/stagex", \#
        "ref": "refs/heads/staging", "commit": "$START"}}}
        """#
      ],
      person: .agreed, cosign: .told(75, "the branch moved during the review")),
    ForgeLie(
      says: "the request moves during the review",
      rules: [
        #"""
        {\#(listing), "skip": 1, "times": 1, "do": {"move": {"repository": "bob/stagex", \#
        "ref": "refs/heads/topic", "commit": "$OTHER"}}}
        """#
      ],
      person: .agreed, cosign: .told(75, "the pull request changed during the review")),
    ForgeLie(
      says: "another staging is fetched than was reviewed", shown: ["refs/heads/staging": "$ALONE"], person: .agreed,
      cosign: .told(1, refused)),
    ForgeLie(
      says: "the true staging is shown before the signature only", rules: [#"{\#(listing), "skip": 1, "do": {}}"#],
      shown: ["refs/heads/staging": "$EVIL"], person: .agreed, cosign: .told(1, refused)),
    ForgeLie(
      says: "staging moves between the last look and the push",
      rules: [
        #"""
        {"path": "/stagex/stagex.git/git-receive-pack$", "times": 1, "do": {"move": {"repository": "stagex/stagex", \#
        "ref": "refs/heads/staging", "commit": "$ALONE"}}}
        """#
      ],
      request: 2, person: .agreed, cosign: .told(75, "somebody was faster")),
    ForgeLie(
      says: "staging goes back between the last look and the push",
      rules: [
        #"""
        {"path": "/stagex/stagex.git/git-receive-pack$", "times": 1, "do": {"move": {"repository": "stagex/stagex", \#
        "ref": "refs/heads/staging", "commit": "$START"}}}
        """#
      ],
      request: 2, person: .agreed, cosign: .told(75, "somebody was faster")),
    ForgeLie(
      says: "the request moves between the last look and the push",
      rules: [
        #"""
        {"path": "/bob/stagex.git/git-receive-pack$", "times": 1, "do": {"move": {"repository": "bob/stagex", \#
        "ref": "refs/heads/topic", "commit": "$OTHER"}}}
        """#
      ],
      person: .agreed, cosign: .told(75, "somebody was faster")),
  ]

  /// The push.
  private static let pushes = [
    ForgeLie(
      says: "it takes the merge, and forgets it",
      rules: [#"{"path": "/stagex/stagex.git/git-receive-pack$", "do": {"serve": "eve/stagex"}}"#],
      request: 2, person: .agreed, cosign: .told(75, "the server said that it took")),
    ForgeLie(
      says: "it takes the adoption, and forgets it",
      rules: [#"{"path": "/bob/stagex.git/git-receive-pack$", "do": {"serve": "eve/stagex"}}"#],
      shown: ["refs/heads/topic": "$HEAD"], person: .agreed, cosign: .told(75, "the server said that it took")),
    ForgeLie(
      says: "it takes the merge, and dies before it says so",
      rules: [#"{"path": "/stagex/stagex.git/git-receive-pack$", "do": {"truncate": 5}}"#],
      request: 2, person: .agreed, cosign: .says("pushed to staging")),
    ForgeLie(
      says: "it takes the merge, and says that it did not",
      rules: [
        #"""
        {"path": "/stagex/stagex.git/git-receive-pack$", "do": {"rewrite": \#
        {"ok refs/heads/staging": "ng refs/heads/staging"}}}
        """#
      ],
      request: 2, person: .agreed, cosign: .says("pushed to staging")),
    ForgeLie(
      says: "it refuses the merge in words that clear the screen",
      rules: [
        #"{"path": "/stagex/stagex.git/git-receive-pack$", "do": {"reply": {"status": 403, "body": "\u001b[2Jno"}}}"#
      ],
      request: 2, person: .agreed, cosign: .told(1, "the server refused refs/heads/staging")),
    ForgeLie(
      says: "it says of the push that it was another ref's",
      rules: [
        #"""
        {"path": "/stagex/stagex.git/git-receive-pack$", "do": {"rewrite": \#
        {"ok refs/heads/staging": "ok refs/heads/sandbox"}}}
        """#
      ],
      request: 2, person: .agreed, cosign: .says("pushed to staging")),
  ]
}
