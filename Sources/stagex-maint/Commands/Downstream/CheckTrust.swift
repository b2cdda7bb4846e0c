internal import ArgumentParser
internal import GitBridge
internal import Review
internal import SignFlow

/// Where the trust root of a check comes from: said now, said before, or set by the owner of the folder.
struct CheckTrust {
  private let places: CheckPlaces
  private let folder: Repository?

  init(_ places: CheckPlaces, _ folder: Repository?) { (self.places, self.folder) = (places, folder) }

  struct Known {
    var root: TrustRootFile
    /// Where it was taken from, in words.
    let source: String
    /// Said for the first time, and not by the owner of the folder.
    let isNew: Bool
  }

  func trusted(_ option: String?, lead: String?, _ git: GitRunner, _ console: Console) throws -> Known {
    let before = try remembered()
    var known: Known
    if let option {
      let root = try Self.read(option)
      if let before, before.commit != root.commit {
        throw Failure.usage(
          "for \(printable(places.address)) another trust root is remembered: \(before.commit.hex)",
          next: "if it has changed for a reason that the project has published: rm \(shellWord(places.trustRootPath))")
      }
      known = Known(root: root, source: "given", isNew: before == nil)
      if known.root.fingerprint == nil { known.root.fingerprint = before?.fingerprint }
      if known.root.lead == nil { known.root.lead = before?.lead }
    } else if let before {
      known = Known(root: before, source: "remembered", isNew: false)
    } else if let text = folder?.config("maint.trustRoot"), let commit = ObjectID(hexString: text) {
      known = Known(
        root: TrustRootFile(commit: commit, lead: folder?.config("maint.lead")), source: "the folder's git config",
        isNew: true)
    } else {
      throw try nothing(git)
    }
    if let lead { known.root.lead = lead }
    return known
  }

  /// Writes down what was relied on, with a digest that does not lean on SHA-1, and holds it against the last time's.
  ///
  /// - Parameter keeps: whether it led to something that was accepted: a slip of the pen is not remembered.
  func remember(_ known: Known, in repository: Repository, keeps: Bool) throws -> Known {
    var known = known
    let fingerprint = try TrustRootFile.fingerprint(of: known.root.commit, in: repository)
    if let before = known.root.fingerprint, before != fingerprint {
      throw Failure(
        message:
          """
          the trust root \(known.root.commit.hex) has another content than before: \
          its fingerprint is \(TrustRootFile.grouped(fingerprint)), and was \(TrustRootFile.grouped(before))
          """,
        next:
          """
          trust nothing of \(printable(places.address)), and tell the maintainers: \
          somebody has made two commits of one id
          """,
        status: ExitCode(1))
    }
    known.root.fingerprint = fingerprint
    guard keeps, try remembered() != known.root else { return known }
    do throws(FlowError) {
      try places.makeState()
      try AtomicFile.write(
        Array(known.root.text(comment: "What \(Ledger.escaped(places.address)) is judged from.").utf8),
        to: places.trustRootPath)
    } catch {
      throw Failure(error)
    }
    return known
  }

  private func remembered() throws -> TrustRootFile? {
    do throws(FileDefect) {
      guard let bytes = try readWholeFile(places.trustRootPath) else { return nil }
      return try TrustRootFile.read(bytes)
    } catch {
      throw Failure.cannotJudge(
        "\(printable(places.trustRootPath)): \(error.message)",
        next: "rm \(shellWord(places.trustRootPath)), and name the trust root again")
    }
  }

  private static func read(_ text: String) throws -> TrustRootFile {
    // A short id could be matched by a commit that somebody has made for it.
    if let commit = ObjectID(hexString: text) { return TrustRootFile(commit: commit) }
    do throws(FileDefect) {
      if let bytes = try readWholeFile(text) { return try TrustRootFile.read(bytes) }
    } catch {
      throw Failure.usage("\(printable(text)) is no trust root: \(error.message)")
    }
    throw Failure.usage(
      "\(printable(text)) is neither a commit's 40 digits nor a file",
      next: "ask the project for its trust root: all 40 digits")
  }

  /// Says what could be trusted, and that this server is no witness for itself.
  private func nothing(_ git: GitRunner) throws -> Failure {
    var words = "no trust root is known for \(printable(places.address))"
    // Attack: whoever pastes the next command must not thereby trust what the server says of itself.
    let next = """
      stagex-maint check \(shellWord(places.address)) --trust-root COMMIT   \
      (from the project's own pages, or from somebody who has it)
      """
    // What is fetched for this is needed afterwards anyway.
    let probe = "refs/stagex-maint/probe"
    if (try? git.succeed(
      "look",
      [
        "fetch", "--quiet", "--no-tags", "--refmap=", "--no-write-fetch-head", "--no-auto-maintenance", "--", "origin",
        "+HEAD:\(probe)",
      ])) != nil,
      let bytes = try? git.succeed("look", ["cat-file", "blob", "\(probe):trust-root"]),
      let proposed = try? TrustRootFile.read(bytes)
    {
      words += """
        ; the server itself offers \(proposed.commit.hex), which proves nothing until you have compared \
        it with what the project publishes elsewhere
        """
    }
    return Failure.cannotJudge(words, next: next)
  }
}
