package import GitBridge
package import Review

/// Puts a ledger into a ref of its own, `refs/ledger/NAME`, signed by whoever keeps it.
package struct LedgerPublishing {
  private let repository: Repository
  private let git: GitRunner
  private let ref: String
  private let settings: ReviewSettings
  private let environment: [String: String]

  /// - Parameters:
  ///   - name: What follows `refs/ledger/`.
  ///   - environment: What gpg is started with, without the secrets in it.
  /// - Throws: Where no ref can have that name.
  package init(
    _ name: String, in repository: Repository, git: GitRunner, settings: ReviewSettings, environment: [String: String]
  ) throws(FlowError) {
    ref = PublishedLedger.prefix + name
    guard !name.isEmpty, repository.mayBeRef(ref) else {
      throw FlowError(
        .impossible, "\(printable(name)) cannot be a ref's name", next: "stagex-maint ledger publish YOUR-NAME")
    }
    (self.repository, self.git, self.settings, self.environment) = (repository, git, settings, environment)
  }

  /// What a publication has come to.
  package struct Outcome: Sendable {
    /// The ref in full.
    package let ref: String
    /// What the ref holds now, read back from its commit.
    package let ledger: PublishedLedger
    /// Whether there was something that had not been published before.
    package let isNew: Bool
  }

  /// Makes the next publication.
  ///
  /// - Parameters:
  ///   - key: Whose signature it bears, as gpg takes it.
  ///   - shown: Where a server has the ref; nil where none was asked, or has none.
  package func publish(_ ledger: Ledger, key: String, shown: ObjectID?) throws(FlowError) -> Outcome {
    let here = try using { () throws(GitError) in try repository.resolve(ref: ref) }
    var before = here
    if let shown {
      let isAhead = try here.map { id throws(FlowError) in
        try using { () throws(GitError) in try repository.isAncestor(id, of: shown) }
      }
      if isAhead ?? true { before = shown }
      // Asked before anything is signed: git would refuse to push what is made on top of only one of them.
      if let here, isAhead == false,
        try using({ () throws(GitError) in try repository.isAncestor(shown, of: here) }) == false
      {
        throw FlowError(
          .refused,
          "\(ref) is at \(here.short) here and at \(shown.short) on the server, and neither holds the other",
          next:
            """
            stagex-maint ledger compare \(shellWord(ref)) \
            REMOTE:\(shellWord(String(ref.dropFirst(PublishedLedger.prefix.count))))   \
            (where two keepers have published under one name: take another)
            """)
      }
    }
    let old = try before.map { id throws(FlowError) in try read(id) }
    let files = try knowing { () throws(LedgerError) in try ledger.publishable() }
    let copy = try knowing { () throws(LedgerError) in try LedgerCopy(name: ledger.folder, files: files.map(\.bytes)) }
    let summary = PublishedLedger.Summary(copy)
    if let old {
      // Attack: who has the keeper's computer writes the ledger anew, and the next publication covers that up.
      guard PublishedLedger.Summary(old.copy).isKept(by: copy) else {
        throw FlowError(
          .refused,
          """
          \(ref) at \(old.commit.short) holds \(old.copy.count) entries of another ledger, \
          or others than \(printable(ledger.folder)) has now
          """,
          next:
            """
            stagex-maint ledger compare \(shellWord(ledger.folder)) \(ref)   \
            (a new ledger is published under a new name)
            """)
      }
      if PublishedLedger.Summary(old.copy) == summary {
        try settle(here, old.commit)
        return Outcome(ref: ref, ledger: old, isNew: false)
      }
    }
    var entries: [TreeEntry] = []
    for file in files + [
      (
        PublishedLedger.keeperFile,
        try gpg(["--armor", "--export", key], "export the certificate of \(printable(key))")
      )
    ] {
      entries.append(
        TreeEntry(
          mode: 0o100644, name: Array(file.name.utf8),
          id: try using { () throws(GitError) in try repository.write(.blob, file.bytes) }))
    }
    let identity = try committer()
    let text = CommitText(
      tree: try using { () throws(GitError) in try repository.writeTree(entries) }, parents: before.map { [$0] } ?? [],
      author: identity, committer: identity, message: "Ledger of \(copy.place)\n\n\(summary.lines)")
    let armor = try gpg(
      ["--armor", "--detach-sign", "--local-user", key], "sign with \(printable(key))", input: text.payload)
    let commit = try using { () throws(GitError) in try repository.write(.commit, text.bytes(signature: armor)) }
    // As everybody will read it, before anybody can.
    let made = try read(commit)
    try settle(here, commit)
    return Outcome(ref: ref, ledger: made, isNew: true)
  }

  private func settle(_ here: ObjectID?, _ commit: ObjectID) throws(FlowError) {
    guard here != commit else { return }
    try using { () throws(GitError) in
      try repository.updateRef(ref, to: commit, expecting: here, message: "stagex-maint ledger publish")
    }
  }

  private func read(_ tip: ObjectID) throws(FlowError) -> PublishedLedger {
    try knowing { () throws(LedgerError) in try PublishedLedger(tip: tip, name: ref, in: repository, settings) }
  }

  private func gpg(_ arguments: [String], _ what: String, input: [UInt8] = []) throws(FlowError) -> [UInt8] {
    let result: ChildProgram.Result
    do throws(ChildProgram.Failure) {
      result = try ChildProgram("gpg", environment: ChildEnvironment.withoutSecrets(environment)).run(
        ["--quiet"] + arguments, input: input)
    } catch {
      throw FlowError(.impossible, printable(error.message), next: "gpg --version")
    }
    guard result.status == 0, !result.output.isEmpty else {
      throw FlowError(
        .impossible, "gpg did not \(what): \(printable(result.errors, limit: 300))",
        next: "gpg --list-secret-keys, and git config user.signingkey FINGERPRINT")
    }
    return result.output
  }

  private func committer() throws(FlowError) -> [UInt8] {
    let output: [UInt8]
    do throws(CosignError) {
      output = try git.succeed("find your name", ["var", "GIT_COMMITTER_IDENT"])
    } catch {
      throw FlowError(.impossible, error.message, next: "git config user.name NAME, and user.email ADDRESS")
    }
    return Array(output.prefix { $0 != UInt8(ascii: "\n") })
  }

  private func using<Value>(_ body: () throws(GitError) -> Value) throws(FlowError) -> Value {
    do throws(GitError) { return try body() } catch {
      throw FlowError(.impossible, printable(error.message, limit: 300), next: error.next)
    }
  }

  private func knowing<Value>(_ body: () throws(LedgerError) -> Value) throws(FlowError) -> Value {
    do throws(LedgerError) { return try body() } catch { throw FlowError(.impossible, error.message, next: error.next) }
  }
}
