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
    let usesMake = !options.noMake && !options.resume
    if usesMake && !options.dryRun { try make(["digests"]) }
    try flow { () throws(FlowError) in try demandCleanTree() }
    let source = try signerSource()
    let person = try person(source)
    if !usesMake, !options.dryRun { try prepareClone() }
    let plan = try flow { () throws(FlowError) in try self.plan(person: person) }
    show(plan, person: person)
    tellOfPINs(source, plan)
    if options.dryRun || plan.toSign.isEmpty { return end(plan) }
    let journal = try flow { () throws(FlowError) in try SigningJournal(gitDirectory: repository.gitDirectory) }
    try confirm(plan, journal)
    let progress = Progress(console: console, count: plan.toSign.count)
    var signer = try signer(source, progress)
    if usesMake { try signByMake(plan, journal, person, &signer, progress) }
    try signRest(plan, journal, person, &signer, progress)
    if options.limit == nil && options.only.isEmpty { journal.finish() }
    return end(plan)
  }

  /// Who is at the keyboard. To look on, the key that git names will do, wherever its card is.
  private func person(_ source: SignerSource) throws -> String {
    if options.dryRun, let named = source.wanted.flatMap({ Fingerprint(hex: $0) }), let key = session.registry.key(named) { return key.person }
    return try asking { () throws(SigningError) in try source.key().person }
  }

  // MARK: Looking

  /// Uncommitted changes could make the person sign something that nobody else can build.
  private func demandCleanTree() throws(FlowError) {
    let git = ForegroundProgram("git", environment: Environment.current.merging(["GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"]) { $1 })
    let result = try git.run(["status", "--porcelain=v1", "--untracked-files=no"], folder: root)
    guard result.status == 0 else { throw FlowError(.impossible, "git status failed in \(printable(root))", next: "git status") }
    let changed = result.text.split(separator: "\n").filter { !$0.isEmpty }
    guard changed.isEmpty else {
      for line in changed.prefix(10) { console.err("  \(printable(String(line)))") }
      let digests = changed.contains { $0.dropFirst(3).hasPrefix("digests/") }
      throw FlowError(
        .refused,
        digests
          ? "what was built here has other digests than the committed lists: you did not reproduce these images"
          : "the work tree has uncommitted changes", next: digests ? "git diff digests" : "git status")
    }
  }

  private func plan(person: String) throws(FlowError) -> SigningPlan {
    let head = try repository.resolved("HEAD")
    var entries = try DigestList.committed(repository, at: head, namespace: options.images.namespace).entries
    if !options.only.isEmpty {
      entries = entries.filter { options.only.contains($0.list) || options.only.contains(String($0.image.package)) }
      guard !entries.isEmpty else { throw FlowError(.usage, "no list and no package is named \(options.only.map { printable($0) }.joined(separator: ", "))") }
    }
    let console = console
    let count = entries.count
    defer { console.endProgress() }
    let plan = try SigningPlan.make(
      entries, out: session.out, store: try SignatureStore(path: session.signatures), judge: session.judge, person: person,
      threads: Clock.processors
    ) { console.progress("looking at the images: \($0) of \(count)") }
    guard let limit = options.limit, plan.toSign.count > limit else { return plan }
    return SigningPlan(toSign: Array(plan.toSign.prefix(limit)), signed: plan.signed, refused: plan.refused, notBuilt: plan.notBuilt)
  }

  private func show(_ plan: SigningPlan, person: String) {
    for note in session.notes { say("note: \(note)") }
    // Enough of the digest to find it in the committed list; the whole of it breaks every line of a terminal.
    for statement in plan.toSign { console.out("sign     \(statement.image.digest.prefix(16))  \(statement.reference)") }
    for image in plan.notBuilt { console.out("skip     \(image.digest.prefix(16))  \(image.repository): not built here") }
    for refused in plan.refused {
      console.out("\(console.red("refuse"))   \(refused.image.digest.prefix(16))  \(refused.image.repository): \(refused.why)")
    }
    console.out("")
    console.out(
      "\(printable(person)): \(plan.toSign.count) to sign, \(plan.signed.count) signed already, \(plan.notBuilt.count) not built here, \(plan.refused.count) refused")
    if !plan.toSign.isEmpty {
      say(
        "one touch each, if the card asks for touches: at three seconds a touch about \(Progress.duration(Double(plan.toSign.count) * 3)); "
          + "--limit N signs a part, --resume goes on")
    }
  }

  /// Hundreds of PINs typed are hundreds of chances to be watched, or to block the card.
  private func tellOfPINs(_ source: SignerSource, _ plan: SigningPlan) {
    // A hint and no more: whoever only looks needs no card, and Split GPG not even a scdaemon.
    guard plan.toSign.count > 1, source.splitProgram == nil, let card = try? source.card(), card.asksPINAlways == true else { return }
    say("note: your card asks for its PIN before each of them; to type it once: gpg --card-edit, then admin, then forcesig")
  }

  /// Lines for a person, broken at words.
  private func say(_ text: String) { wrapped(text, width: 78).forEach { console.out($0) } }

  private func confirm(_ plan: SigningPlan, _ journal: SigningJournal) throws {
    let known = try flow { () throws(FlowError) in try journal.isConfirmed(plan.toSign) }
    if options.resume && known { return }
    if !options.yes {
      guard isatty(STDIN_FILENO) == 1, console.errIsTerminal else {
        throw Failure.usage("there is no terminal to confirm \(plan.toSign.count) signatures on", next: "look at --dry-run, then add --yes")
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

  private func signerSource() throws -> SignerSource {
    var judging = try JudgingOptions.parse([])
    judging.registry = options.images.registry
    judging.policy = options.images.policy
    let session = try Session(repository, judging, moment: .now, engines: .both)
    return try SignerSource(session, at: try Session.resolve("HEAD", in: repository))
  }

  private func signer(_ source: SignerSource, _ progress: Progress) throws -> any SignFlow.Signer {
    try asking { () throws(SigningError) in
      try source.signer(report: { if $0 == .waiting { progress.waiting() } }).signer
    }
  }

  private func prepareClone() throws {
    let environment = Environment.current
    try flow { () throws(FlowError) in
      if let url = repository.config("maint.signatures") {
        try SignaturesClone.clone(url, to: session.signatures, environment: environment)
      }
      guard let release = options.release else { return }
      let clone = try SignaturesClone(path: session.signatures, environment: environment)
      if try !clone.fetch(options.remote) { console.err("note: \(options.remote) cannot be reached; numbers are settled when you stage") }
      try clone.checkOut(release: release, remote: options.remote, base: options.base)
    }
  }

  private func make(_ targets: [String]) throws {
    let status = try flow { () throws(FlowError) in
      try ForegroundProgram("make", environment: Environment.current).run(targets, folder: root, meanwhile: { usleep(20_000) })
    }
    guard status == 0 else {
      throw Failure(message: "make \(targets.joined(separator: " ")) failed", next: "make \(targets.joined(separator: " "))", status: ExitCode(2))
    }
  }

  private func signByMake(
    _ plan: SigningPlan, _ journal: SigningJournal, _ person: String, _ signer: inout any SignFlow.Signer, _ progress: Progress
  ) throws {
    // The script clones into it; git takes an empty folder as it takes none.
    _ = unsafe mkdir(session.signatures, 0o755)
    let signing = try flow { () throws(FlowError) in try self.signing(journal, person) }
    let identity = signer.identity
    let service = try flow { () throws(FlowError) in
      try SignerService(
        plan: plan, judge: session.judge, signing: signing, identity: identity, wanted: repository.config("user.signingkey"),
        program: try Self.program(), temporary: Environment.current["TMPDIR"] ?? "/tmp")
    }
    let release = options.release.map { ["RELEASE=\($0)"] } ?? []
    let status = try flow { () throws(FlowError) in
      try ForegroundProgram("make", environment: Environment.current.merging(service.environment) { $1 })
        .run(["sign"] + release, folder: root) { service.serve(by: &signer) { progress.done($0) } }
    }
    if let stop = service.stop { throw failure(stop) }
    guard status == 0 else { throw Failure(message: "make sign failed", next: "stagex-maint sign --resume", status: ExitCode(2)) }
  }

  /// What make left unsigned: where a planted file made the script believe that all is done, and what it put behind a gap.
  private func signRest(
    _ plan: SigningPlan, _ journal: SigningJournal, _ person: String, _ signer: inout any SignFlow.Signer, _ progress: Progress
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
      throw FlowError(.impossible, "there is no folder \(printable(session.signatures))", next: "git clone URL signatures, or git config maint.signatures URL")
    }
    let clone = try? SignaturesClone(path: session.signatures, environment: Environment.current)
    let trees = try clone?.takenTrees(remote: options.remote, release: options.release ?? clone?.release, base: options.base) ?? []
    let placing = SignaturePlacing(store: store, journal: journal) { image in
      (try? clone?.repository.signatureNumbers(of: image, in: trees)) ?? []
    }
    return ImageSigning(judge: session.judge, ownJudge: session.nativeJudge, store: store, journal: journal, placing: placing, person: person)
  }

  private func failure(_ stop: ImageSigning.Stop) -> Failure {
    switch stop {
    case .flow(let error): return Failure(error)
    case .signing(let error):
      return Failure(
        message: printable(error.message, limit: 500), next: "\(error.next); then: stagex-maint sign --resume", status: ExitCode(error.exitStatus))
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

extension Repository {
  fileprivate func resolved(_ revision: String) throws(FlowError) -> ObjectID {
    do throws(GitError) {
      return try resolve(revision: revision)
    } catch {
      throw FlowError(.impossible, printable(error.message, limit: 500), next: error.next)
    }
  }
}

/// Counts signatures on a terminal: how many of how many, how fast, how long still.
final class Progress {
  private let console: Console
  private let count: Int
  private var finished = 0
  private var began = ContinuousClock.now

  init(console: Console, count: Int) {
    self.console = console
    self.count = count
  }

  func restart() {
    finished = 0
    began = .now
  }

  func done(_ statement: ImageStatement) {
    finished += 1
    let seconds = max(0.001, (ContinuousClock.now - began) / .seconds(1))
    let left = seconds / Double(finished) * Double(count - finished)
    let rate = (Double(finished) / seconds * 10).rounded() / 10
    console.progress("\(finished) of \(count)  \(rate)/s  \(Self.duration(left)) left  \(statement.image.package)")
  }

  func waiting() { console.progress("\(finished) of \(count)  touch your card") }
  func end() { console.endProgress() }

  static func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    return whole < 90 ? "\(whole) s" : whole < 5400 ? "\((whole + 59) / 60) min" : "\((whole + 1800) / 3600) h"
  }
}
