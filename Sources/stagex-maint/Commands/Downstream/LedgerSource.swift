internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import OpenPGP
internal import Review
internal import SignFlow

/// Finds a ledger by what people call it: a folder, a file, a ref, or somebody's publication on a remote.
struct LedgerSource {
  private let repository: Repository
  private let console: Console

  init(_ repository: Repository, _ console: Console) { (self.repository, self.console) = (repository, console) }

  struct Found {
    let copy: LedgerCopy
    /// Who signed it, where it was published.
    let keeper: Fingerprint?
    /// The same for people.
    let words: String?
  }

  func read(_ name: String) throws -> Found {
    if unsafe access(name, F_OK) == 0 {
      do throws(LedgerError) {
        return Found(copy: try LedgerCopy(path: name), keeper: nil, words: nil)
      } catch {
        throw Failure.ledger(error)
      }
    }
    if name.hasPrefix("refs/") {
      guard repository.mayBeRef(name), let tip = try repository.resolve(ref: name) else {
        throw Failure.usage("there is no ref \(printable(name))", next: "git for-each-ref refs/ledger")
      }
      return try published(tip, name)
    }
    guard let colon = name.firstIndex(of: ":") else {
      throw Failure.usage(
        "there is no folder, file or ref \(printable(name))",
        next: "stagex-maint ledger compare REMOTE:NAME   (what is published: git ls-remote REMOTE 'refs/ledger/*')")
    }
    let (remote, ref) = (String(name[..<colon]), PublishedLedger.prefix + name[name.index(after: colon)...])
    guard try repository.remotes().contains(where: { $0.name == remote }), repository.mayBeRef(ref) else {
      throw Failure.usage("there is neither a file nor a remote \(printable(remote))", next: "git remote --verbose")
    }
    return try published(try fetch(ref, from: remote), name)
  }

  /// Attack: a server that shows an older publication, or another ledger under the same name.
  private func fetch(_ ref: String, from remote: String) throws -> ObjectID {
    let kept = "refs/stagex-maint/ledger/\(remote)/\(ref.dropFirst(PublishedLedger.prefix.count))"
    guard let shown = try Self.shown(ref, on: remote, repository, console) else {
      throw Failure.cannotJudge(
        "\(printable(remote)) shows no \(printable(ref))", next: "git ls-remote \(shellWord(remote)) 'refs/ledger/*'")
    }
    let again = try repository.again()
    let before = try again.resolve(ref: kept)
    if let before, try !again.isAncestor(before, of: shown) {
      throw Failure(
        message:
          """
          \(printable(remote)) shows \(printable(ref)) at \(shown.short), \
          which does not hold \(before.short) of the last time: an older publication, or somebody else's
          """,
        next: "ask its keeper; then, if that is so: git update-ref -d \(shellWord(kept))", status: ExitCode(1))
    }
    // Read before it is remembered: what is no ledger is no memory either.
    _ = try published(shown, "\(remote):\(ref)")
    try again.updateRef(kept, to: shown, expecting: before, message: "stagex-maint ledger compare")
    return shown
  }

  /// Where a remote has a published ledger; its objects are then here. Nil where it has none.
  static func shown(_ ref: String, on remote: String, _ repository: Repository, _ console: Console) throws -> ObjectID?
  {
    let git = GitRunner(repository, environment: ProcessEnvironment.current, mayPrompt: console.errIsTerminal)
    let place = "refs/stagex-maint/ledger-incoming"
    return try CheckCommand.cosign { () throws(CosignError) in
      // A ref that is not there must not be told by the words of a git of some language and version.
      let listed = try git.succeed("ask \(printable(remote))", ["ls-remote", "--refs", "--", remote, ref])
      guard !listed.isEmpty else { return nil }
      _ = try git.succeed(
        "fetch \(printable(ref)) from \(printable(remote))",
        [
          "fetch", "--quiet", "--refmap=", "--no-tags", "--force", "--no-recurse-submodules", "--no-write-fetch-head",
          "--no-auto-maintenance", "--", remote, "+\(ref):\(place)",
        ])
      do throws(GitError) {
        return try repository.again().resolve(ref: place)
      } catch {
        throw .repository(error)
      }
    }
  }

  private func published(_ tip: ObjectID, _ name: String) throws -> Found {
    let session = try Session(try repository.again(), nil, moment: .then, engines: .native)
    let ledger: PublishedLedger
    do throws(LedgerError) {
      ledger = try PublishedLedger(tip: tip, name: name, in: session.repository, session.settings)
    } catch {
      throw Failure.ledger(error)
    }
    // By the rules as they were judged. A name for people; it decides nothing.
    let person = (try? ReleaseExamination.rules(session))?.0.key(ledger.keeper)?.person
    return Found(
      copy: ledger.copy, keeper: ledger.keeper,
      words:
        """
        \(person.map { "\(printable($0)), " } ?? "in no registry: compare it with its owner, ")\(ledger.keeper), \
        on \(timestamp(ledger.time))
        """)
  }
}
