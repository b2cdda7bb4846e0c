internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import OpenPGP
internal import Review
internal import SignFlow

/// One run of `sign`, in its order: build, look, show, ask, sign.
struct SigningRun {
  let options: SignCommand
  let session: ImageSession
  let repository: Repository
  let root: String
  let console: Console

  func sign() throws -> ExitCode {
    // `make sign` signs all there is; a part is signed without it.
    let isPart = options.limit != nil || !options.only.isEmpty
    let builds = !options.noMake && !options.resume && !options.dryRun
    let signsByMake = builds && !isPart
    guard let agreed = session.agreed else {
      throw Failure.cannotJudge("nothing says which commit's digests these are")
    }
    // All that counts is read before the tree's own programs run.
    let git = GitRunner(repository, environment: ProcessEnvironment.current, mayPrompt: false)
    let before = try flow { () throws(FlowError) in try TreeState(repository, root: root, git: git) }
    guard before.head == agreed else {
      throw Failure.cannotJudge("HEAD moved while it was judged", next: "the same command again")
    }
    try flow { () throws(FlowError) in try before.demandClean() }
    let source = try session.signerSource()
    let person = try person(source)
    let wanted = repository.config("user.signingkey")
    let entries = try flow { () throws(FlowError) in try self.entries(agreed) }
    let tags = try flow { () throws(FlowError) in try CommittedTags(repository, at: agreed) }
    if builds {
      try make(["digests"])
      try flow { () throws(FlowError) in
        let fresh = try SignaturesClone.reading { () throws(GitError) in try repository.again() }
        try before.demandSame(after: try TreeState(fresh, root: root, git: git))
        for folder in [session.digests, session.signatures] where folder.hasPrefix(root) {
          try OwnFolder.demand(folder)
        }
      }
    }
    if !signsByMake, !options.dryRun { try prepareClone() }
    let plan = try flow { () throws(FlowError) in try self.plan(entries, tags, person: person) }
    show(plan, person: person, tags)
    tellOfPINs(source, plan)
    if options.dryRun || plan.toSign.isEmpty { return end(plan) }
    let journal = try flow { () throws(FlowError) in try SigningJournal(gitDirectory: repository.gitDirectory) }
    try confirm(plan, journal)
    let progress = Progress(console: console, count: plan.toSign.count)
    var signer = try signer(source, progress)
    if signsByMake { try signByMake(plan, journal, person, wanted, &signer, progress) }
    if options.images.signatures == nil {
      try flow { () throws(FlowError) in try OwnFolder.demand(session.signatures) }
    }
    try signRest(plan, journal, person, &signer, progress)
    if !isPart { journal.finish() }
    return end(plan)
  }

  /// Who is at the keyboard. To look on, the key that git names will do, wherever its card is.
  private func person(_ source: SignerSource) throws -> String {
    if options.dryRun, let named = source.wanted.flatMap({ Fingerprint(hex: $0) }),
      let key = session.registry.key(named)
    {
      return key.person
    }
    return try asking { () throws(SigningError) in try source.key().person }
  }

  // MARK: Looking

  /// What the agreed commit lists, and was asked for.
  private func entries(_ agreed: ObjectID) throws(FlowError) -> [DigestEntry] {
    let entries = try DigestList.committed(repository, at: agreed, namespace: options.images.namespace).entries
    guard !options.only.isEmpty else { return entries }
    let named = entries.filter { options.only.contains($0.list) || options.only.contains(String($0.image.package)) }
    guard !named.isEmpty else {
      throw FlowError(
        .usage, "no list and no package is named \(options.only.map { printable($0) }.joined(separator: ", "))")
    }
    return named
  }

  private func plan(_ entries: [DigestEntry], _ tags: CommittedTags, person: String) throws(FlowError) -> SigningPlan {
    var covered: [ImageName: CommittedTags.Answer] = [:]
    for entry in entries { covered[entry.image] = try tags.tag(of: entry.image) }
    let console = console
    let count = entries.count
    defer { console.endProgress() }
    let plan = try SigningPlan.make(
      entries, tags: covered, out: session.out, store: try SignatureStore(path: session.signatures),
      judge: session.judge, person: person,
      threads: Clock.processors
    ) { console.progress("looking at the images: \($0) of \(count)") }
    guard let limit = options.limit, plan.toSign.count > limit else { return plan }
    return SigningPlan(
      toSign: Array(plan.toSign.prefix(limit)), signed: plan.signed, refused: plan.refused, notBuilt: plan.notBuilt)
  }

  private func show(_ plan: SigningPlan, person: String, _ tags: CommittedTags) {
    for note in session.notes { say("note: \(note)") }
    if !tags.areCovered {
      say(
        """
        note: the commit says nothing of tags (packages/STAGE/NAME/package.toml, packages.txt): \
        they are those of out/, and no digest covers them
        """)
    }
    // Enough of the digest to find it in the committed list; the whole of it breaks every line of a terminal.
    for statement in plan.toSign {
      console.out("sign     \(statement.image.digest.prefix(16))  \(statement.reference)")
    }
    for image in plan.notBuilt {
      console.out("skip     \(image.digest.prefix(16))  \(image.repository): not built here")
    }
    for refused in plan.refused {
      console.out(
        "\(console.red("refuse"))   \(refused.image.digest.prefix(16))  \(refused.image.repository): \(refused.why)")
    }
    console.out("")
    console.out(
      """
      \(printable(person)): \(plan.toSign.count) to sign, \(plan.signed.count) signed already, \
      \(plan.notBuilt.count) not built here, \(plan.refused.count) refused
      """)
    if !plan.toSign.isEmpty {
      say(
        """
        one touch each, if the card asks for touches: at three seconds a touch about \
        \(Progress.duration(Double(plan.toSign.count) * 3)); --limit N signs a part, --resume goes on
        """)
    }
  }

  /// Hundreds of PINs typed are hundreds of chances to be watched, or to block the card.
  private func tellOfPINs(_ source: SignerSource, _ plan: SigningPlan) {
    // A hint and no more: whoever only looks needs no card, and Split GPG not even a scdaemon.
    guard plan.toSign.count > 1, source.splitProgram == nil, let card = try? source.card(), card.asksPINAlways == true
    else { return }
    say(
      """
      note: your card asks for its PIN before each of them; to type it once: gpg --card-edit, then admin, then forcesig
      """)
  }

  /// Lines for a person, broken at words.
  private func say(_ text: String) { wrapped(text, width: 78).forEach { console.out($0) } }

  private func confirm(_ plan: SigningPlan, _ journal: SigningJournal) throws {
    let known = try flow { () throws(FlowError) in try journal.isConfirmed(plan.toSign) }
    if options.resume && known { return }
    if !options.yes {
      guard isatty(STDIN_FILENO) == 1, console.errIsTerminal else {
        throw Failure.usage(
          "there is no terminal to confirm \(plan.toSign.count) signatures on",
          next: "look at --dry-run, then add --yes")
      }
      // What was typed before the question was there is no answer to it.
      tcflush(STDIN_FILENO, TCIFLUSH)
      console.err("Type \"sign\" to sign these \(plan.toSign.count) images, anything else to stop:")
      guard readLine() == "sign" else { throw Failure(message: "nothing was signed", next: nil, status: ExitCode(3)) }
    }
    try flow { () throws(FlowError) in try journal.confirm(plan.toSign) }
  }

  private func end(_ plan: SigningPlan) -> ExitCode { plan.refused.isEmpty ? .success : ExitCode(1) }

  // MARK: Signing

  private func signer(_ source: SignerSource, _ progress: Progress) throws -> any MaintainerSigner {
    try asking { () throws(SigningError) in
      try source.signer(report: { if $0 == .waiting { progress.waiting() } }).signer
    }
  }

  private func prepareClone() throws {
    let environment = ProcessEnvironment.current
    try flow { () throws(FlowError) in
      if let url = repository.config("maint.signatures") {
        try SignaturesClone.clone(url, to: session.signatures, environment: environment)
      }
      guard let release = options.release else { return }
      let clone = try clone(environment)
      if try !clone.fetch(options.remote) {
        console.err("note: \(options.remote) cannot be reached; numbers are settled when you stage")
      }
      try clone.checkOut(release: release, remote: options.remote, base: options.base)
    }
  }

  private func clone(_ environment: [String: String]) throws(FlowError) -> SignaturesClone {
    let console = console
    return try SignaturesClone(path: session.signatures, environment: environment) { console.err($0) }
  }

  private func make(_ targets: [String]) throws {
    let status = try flow { () throws(FlowError) in
      try ForegroundProgram("make", environment: ChildEnvironment.withoutSecrets(ProcessEnvironment.current)).run(
        targets, folder: root, meanwhile: { usleep(20_000) })
    }
    guard status == 0 else {
      throw Failure(
        message: "make \(targets.joined(separator: " ")) failed", next: "make \(targets.joined(separator: " "))",
        status: ExitCode(2))
    }
  }

  private func signByMake(
    _ plan: SigningPlan, _ journal: SigningJournal, _ person: String, _ wanted: String?,
    _ signer: inout any MaintainerSigner,
    _ progress: Progress
  ) throws {
    // The script clones into it; git takes an empty folder as it takes none.
    _ = unsafe mkdir(session.signatures, 0o755)
    let signing = try flow { () throws(FlowError) in try self.signing(journal, person) }
    let identity = signer.identity
    let service = try flow { () throws(FlowError) in
      try SignerService(
        plan: plan, judge: session.judge, signing: signing, identity: identity, wanted: wanted,
        program: try Self.program(), temporary: ProcessEnvironment.current["TMPDIR"] ?? "/tmp")
    }
    let release = options.release.map { ["RELEASE=\($0)"] } ?? []
    let status = try flow { () throws(FlowError) in
      try ForegroundProgram(
        "make",
        environment: ChildEnvironment.withoutSecrets(ProcessEnvironment.current).merging(service.environment) { $1 }
      )
      .run(["sign"] + release, folder: root) { service.serve(by: &signer) { progress.done($0) } }
    }
    if let stop = service.stop { throw failure(stop) }
    guard status == 0 else {
      throw Failure(message: "make sign failed", next: "stagex-maint sign --resume", status: ExitCode(2))
    }
  }

  /// What make left unsigned: where a planted file made the script believe that all is done, and what it put behind a
  /// gap.
  private func signRest(
    _ plan: SigningPlan, _ journal: SigningJournal, _ person: String, _ signer: inout any MaintainerSigner,
    _ progress: Progress
  ) throws {
    let signing = try flow { () throws(FlowError) in try self.signing(journal, person) }
    do throws(ImageSigning.Stop) {
      progress.restart()
      let made = try signing.sign(plan.toSign, by: &signer) { _, statement in progress.done(statement) }
      progress.end()
      console.out("\(plan.toSign.count) signed\(made == plan.toSign.count ? "" : ", \(made) of them in the end")")
    } catch {
      progress.end()
      throw failure(error)
    }
  }

  private func signing(_ journal: SigningJournal, _ person: String) throws(FlowError) -> ImageSigning {
    guard let store = try SignatureStore(path: session.signatures) else {
      throw FlowError(
        .impossible, "there is no folder \(printable(session.signatures))",
        next: "git clone URL signatures, or git config maint.signatures URL")
    }
    let clone = try? clone(ProcessEnvironment.current)
    let trees =
      try clone?.takenTrees(remote: options.remote, release: options.release ?? clone?.release, base: options.base)
      ?? []
    let placing = SignaturePlacing(store: store, journal: journal) { image in
      (try? clone?.repository.signatureNumbers(of: image, in: trees)) ?? []
    }
    return ImageSigning(
      judge: session.judge, ownJudge: session.nativeJudge, store: store, journal: journal, placing: placing,
      person: person)
  }

  private func failure(_ stop: ImageSigning.Stop) -> Failure {
    switch stop {
    case .flow(let error): return Failure(error)
    case .signing(let error):
      return Failure(
        message: printable(error.message, limit: 500), next: "\(error.next); then: stagex-maint sign --resume",
        status: ExitCode(error.exitStatus))
    }
  }

  /// The path of this very program.
  private static func program() throws(FlowError) -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count - 1)
    guard count > 0 else { throw FlowError(.impossible, "the path of this program is not known") }
    return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
