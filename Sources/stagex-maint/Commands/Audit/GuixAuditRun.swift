internal import ArgumentParser
internal import GitBridge
internal import OpenPGP
internal import Review

extension AuditCommand {
  /// Audits by Guix's rule: who may sign stands in each commit's parents.
  func runGuix(_ repository: Repository, _ console: Console) throws -> ExitCode {
    let (introduction, signer) = try parseIntroduction()
    let format = try judging.listFormat()
    let keyring = try GuixKeyring.read(keyringReference ?? "keyring", in: repository)
    for warning in keyring.warnings { console.err("warning: \(printable(warning, limit: 500))") }
    var session = try Session(repository, judging, moment: .then, engines: .native)
    session.showProgress(on: console)
    let (_, tip) = try BranchArgument.resolve(branch, in: repository)
    let audit = try session.reviewer.guixAudit(tip: tip, introduction: introduction, signer: signer, keyring: keyring)
    console.endProgress()
    switch format {
    case .json:
      for commit in audit.commits { console.out(commit.json.text) }
      console.out(audit.summary.text)
    case .text:
      for commit in audit.commits { console.out(commit.line) }
      for note in audit.notes { console.out("note: \(note)") }
      console.out(
        """
        \(console.word(audit.outcome)): \(audit.accepted) of \(audit.commits.count) commits are signed by a key that \
        all their parents authorize; the introduction \(introduction.short) counts by its signer
        """)
      if audit.outcome != .accepted {
        console.out("next: git show --show-signature COMMIT, for any commit listed above that is not good")
      }
    }
    return ExitCode(audit.outcome.exitStatus)
  }

  /// A short id, a name or a short fingerprint could be somebody else's: nothing is trusted by less than its whole
  /// name.
  private func parseIntroduction() throws -> (ObjectID, Fingerprint) {
    let next = "stagex-maint audit BRANCH --rule guix --introduction COMMIT FINGERPRINT"
    guard introduction.count >= 2 else {
      throw Failure.usage(
        "--rule guix needs the first commit to judge and the fingerprint of the key that signed it", next: next)
    }
    guard let commit = ObjectID(hexString: introduction[0]) else {
      throw Failure.usage(
        "the introduction is not a full 40-digit commit id: \(printable(introduction[0]))",
        next: "git rev-parse \(shellWord(introduction[0]))^{commit}")
    }
    // Fingerprints are printed in groups; a shell makes words of them.
    let digits = introduction[1...].joined().utf8.filter { $0 != UInt8(ascii: " ") }
    guard digits.count == 40, let signer = Fingerprint(hex: digits) else {
      throw Failure.usage(
        """
        the introduction's signer is not a fingerprint of 40 hexadecimal digits: \
        \(printable(introduction[1...].joined(separator: " ")))
        """,
        next: next + "   (the branch stands before --introduction)")
    }
    return (commit, signer)
  }
}
