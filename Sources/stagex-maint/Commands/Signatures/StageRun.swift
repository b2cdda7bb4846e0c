internal import ArgumentParser
internal import GitBridge
internal import Review
internal import SignFlow

/// One run of `stage`: fetch, commit, push, pull request; again where somebody else was faster.
struct StageRun {
  let session: ImageSession
  let console: Console
  let release: String?
  let remote: String
  let base: String
  let noPush: Bool
  var agit = false
  let options: ImageOptions
  /// With the forge's token in it, which nobody else gets.
  let environment: [String: String]

  /// How often somebody else may be faster before we give up.
  private static let attempts = 5

  /// - Parameter release: As it was given on the command line, if it was.
  static func validate(release: String?) throws {
    if let release, !SignaturesClone.isRelease(release) {
      throw ValidationError("--release must be YYYY.MM.N, such as 2026.03.0")
    }
  }

  func stage() throws -> ExitCode {
    guard let repository = session.repository else {
      throw Failure.usage("there is no repository here", next: "stagex-maint -C DIR stage")
    }
    try flow { () throws(FlowError) in
      if let url = repository.config("maint.signatures") {
        try SignaturesClone.clone(url, to: session.signatures, environment: environment)
      }
      if options.signatures == nil { try OwnFolder.demand(session.signatures) }
    }
    let console = console
    let clone = try flow { () throws(FlowError) in
      try SignaturesClone(path: session.signatures, environment: environment) { console.err($0) }
    }
    guard let release = release ?? clone.release else {
      throw Failure.usage(
        "\(printable(session.signatures)) is not on a release's branch", next: "stagex-maint stage --release YYYY.MM.N")
    }
    let source = try session.signerSource()
    let person = try asking { () throws(SigningError) in try source.key().person }
    let entries = try flow { () throws(FlowError) in try session.lists().entries }
    for _ in 0..<Self.attempts {
      let online = try flow { () throws(FlowError) in try clone.fetch(remote) }
      if !online { console.err("note: \(printable(remote)) cannot be reached") }
      let staging = Staging(
        clone: clone, judge: session.judge, person: person, release: release, remote: remote, base: base,
        namespace: options.namespace,
        repository: try identity(of: clone, release))
      let staged = try commit(staging, entries.map(\.image), clone, source)
      try flow { () throws(FlowError) in try staging.cleanUp(entries.map(\.image)) }
      if staged.isInBase {
        console.out("nothing to stage: \(printable(base)) holds everything of \(staging.branch)")
        return .success
      }
      console.out(
        staged.isNew
          ? """
          \(staged.commit.short)  \(staged.images.count) \(staged.images.count == 1 ? "image" : "images") \
          on \(staging.branch)
          """
          : "nothing new on \(staging.branch) (\(staged.commit.short))")
      let command = "git -C \(printable(session.signatures)) push \(printable(remote)) \(staging.branch)"
      if noPush {
        console.out("next: \(command)")
        return .success
      }
      guard online else {
        throw Failure(message: "the signatures are committed, and not pushed", next: command, status: ExitCode(75))
      }
      let text = try pullRequestText(entries, release)
      switch try push(clone, staging, text, release) {
      case .done: return try open(text, staging, clone, repository)
      case .behind: console.err("note: somebody else staged at the same moment; standing on top of theirs")
      case .refused(let why):
        throw Failure(
          message: "\(printable(remote)) did not take \(staging.branch): \(why)",
          next: "if you may not push branches there: stagex-maint stage --agit", status: ExitCode(1))
      case .unreachable:
        throw Failure(
          message: "\(printable(remote)) cannot be reached; the signatures are committed", next: command,
          status: ExitCode(75))
      }
    }
    throw Failure(
      message: "others were faster \(Self.attempts) times", next: "stagex-maint stage", status: ExitCode(75))
  }

  // MARK: Pieces

  /// Demands that the clone's branches are what is staged onto, by the rule where the clone has a trust root.
  ///
  /// - Returns: The signatures repository's identity, where its policy names one.
  private func identity(of clone: SignaturesClone, _ release: String) throws -> String? {
    var signatures = try Session(clone.repository, nil, moment: .now, engines: .both)
    signatures.settings.remote = remote
    let reviewer = signatures.settings.trustRoot.map { _ in signatures.reviewer }
    return try flow { () throws(FlowError) in
      try SignaturesRepository(clone, remote: remote, namespace: options.namespace)
        .demand([base] + (agit ? [] : ["release/\(release)"]), judgedBy: reviewer)
    }
  }

  private func commit(_ staging: Staging, _ images: [ImageName], _ clone: SignaturesClone, _ source: SignerSource)
    throws -> Staging.Staged
  {
    let identity = try committer()
    var signer = LateSigner(source: source, console: console)
    do throws(Staging.Stop) {
      defer { console.endProgress() }
      return try staging.commit(images, way: agit ? .agit : .branch, identity: identity, by: &signer)
    } catch {
      switch error {
      case .flow(let error): throw Failure(error)
      case .signing(let error): throw Failure.signing(error)
      }
    }
  }

  /// Who commits. Asked before the first touch, for without it nothing can be staged.
  func committer() throws -> String {
    let found = try flow { () throws(FlowError) in
      try SignaturesClone.committer(session.signatures, or: session.repository?.workTree, environment: environment)
    }
    guard let found else {
      throw Failure.cannotJudge(
        "git does not know who you are",
        next: "git config --global user.name NAME; git config --global user.email EMAIL")
    }
    return found
  }

  private func push(_ clone: SignaturesClone, _ staging: Staging, _ text: PullRequestText, _ release: String) throws
    -> PushOutcome
  {
    try flow { () throws(FlowError) in
      agit
        ? try clone.pushForReview(
          remote, branch: staging.branch, base: base, topic: "release-\(release)", title: text.title)
        : try clone.push(remote, branch: staging.branch)
    }
  }

  private func pullRequestText(_ entries: [DigestEntry], _ release: String) throws -> PullRequestText {
    let report = try flow { () throws(FlowError) in
      try QuorumReport.make(
        entries, store: try SignatureStore(path: session.signatures), judge: session.judge,
        threshold: session.policy.threshold, threads: Clock.processors)
    }
    return PullRequestText(release: release, report: report, registry: session.registry, version: Version.text)
  }

  /// Opens the pull request, or brings the one for this branch up to date. The branch is pushed already: what fails
  /// here costs a person a click, no signature.
  private func open(_ text: PullRequestText, _ staging: Staging, _ clone: SignaturesClone, _ repository: Repository)
    throws -> ExitCode
  {
    if agit {
      console.out("pushed for review into \(printable(base))")
      return .success
    }
    console.out("pushed \(staging.branch)")
    let url = try flow { () throws(FlowError) in try clone.run("remote", "get-url", remote) }
    guard let head = BranchName(staging.branch), let target = BranchName(base), (try? RemoteAddress(url.line)) != nil
    else {
      return byHand(text, staging, "\(printable(remote)) is on no forge")
    }
    let finder = ForgeFinder(
      transport: CurlTransport(environment: environment), credentials: repository.credentials(environment),
      setting: repository.config("maint.forge"))
    let new = NewPullRequest(title: text.title, body: text.body, head: head, base: target)
    let answer: Result<PullRequest, ForgeError> = waiting {
      do throws(ForgeError) {
        return .success(try await finder.forge(behind: url.line).createOrUpdate(new))
      } catch {
        return .failure(error)
      }
    }
    switch answer {
    case .success(let pull):
      console.out("pull request \(pull.number) into \(printable(base)): \(pull.title)")
      return .success
    case .failure(let error):
      console.err("note: \(printable(error.message, limit: 500)); \(printable(error.next, limit: 300))")
      let status = byHand(text, staging, "the forge did not take the pull request")
      return error.isTemporary ? ExitCode(75) : status
    }
  }

  private func byHand(_ text: PullRequestText, _ staging: Staging, _ why: String) -> ExitCode {
    console.out("\(why); the branch is pushed")
    console.out(
      """
      next: open the pull request from \(staging.branch) into \(printable(base)), with this text:

      \(text.title)

      \(text.body)
      """)
    return .success
  }
}

/// Runs a step that asks the card; what stops it becomes the command's failure.
func asking<Value>(_ body: () throws(SigningError) -> Value) throws -> Value {
  do throws(SigningError) {
    return try body()
  } catch {
    throw Failure.signing(error)
  }
}

/// A signer that looks for its card only when something is to be signed: staging twice must not need a card twice.
private struct LateSigner: MaintainerSigner {
  let source: SignerSource
  let console: Console
  private var found: (any MaintainerSigner)?

  init(source: SignerSource, console: Console) {
    self.source = source
    self.console = console
  }

  var identity: SignerIdentity {
    guard let found else { preconditionFailure("asked before the first signature") }
    return found.identity
  }

  mutating func detachedSignature(over payload: [UInt8]) throws(SigningError) -> [UInt8] {
    var signer = try ready()
    return try signer.detachedSignature(over: payload)
  }

  mutating func signedMessage(over content: [UInt8]) throws(SigningError) -> [UInt8] {
    var signer = try ready()
    return try signer.signedMessage(over: content)
  }

  private mutating func ready() throws(SigningError) -> any MaintainerSigner {
    if let found { return found }
    let console = console
    let signer = try source.signer(report: {
      if $0 == .waiting { console.progress("touch your card to sign the commit") }
    }).signer
    found = signer
    return signer
  }
}
