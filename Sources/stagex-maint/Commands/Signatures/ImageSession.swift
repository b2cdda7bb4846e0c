internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import Review
internal import SignFlow

/// The places and the rules that the image commands work with.
struct ImageSession {
  /// Nil outside of any repository: then the registry must be named.
  let repository: Repository?
  let policy: Policy
  let registry: Registry
  let judge: ImageJudge
  /// By our engine alone.
  let nativeJudge: ImageJudge
  /// Pins, and where the rules come from.
  let notes: [String]
  /// The commit that is checked out, which the rule accepts; nil where the rules are pinned and none is asked.
  let agreed: ObjectID?
  let digests: String
  let signatures: String
  let out: String
  private let namesLists: Bool
  private let namespace: String

  /// - Parameter mustBeAgreed: Whether HEAD has to be what the rule accepts, also where the rules are pinned: for
  ///   signing.
  init(_ common: CommonOptions, _ options: ImageOptions, engines: EngineChoice = .both, mustBeAgreed: Bool = false)
    throws
  {
    let engines = options.engine ?? engines
    let found = try Self.repository(common, registry: options.registry)
    repository = found
    if let found {
      var judging = try JudgingOptions.parse([])
      judging.registry = options.registry
      judging.policy = options.policy
      var session = try Session(found, judging, moment: .now, engines: engines)
      let pins = [
        session.settings.registry.map { "the registry is pinned to \(printable($0.text))" },
        session.settings.policy.map { "the policy is pinned to \(printable($0.text))" },
      ].compactMap(\.self)
      if session.settings.trustRoot == nil, session.settings.registry != nil, !mustBeAgreed {
        // Pinned rules need no repository; then none is asked whose HEAD this is.
        let head = try Session.resolve("HEAD", in: found)
        policy = session.settings.policy == nil ? .standard : try session.reviewer.policy(at: head)
        registry = try session.reviewer.registry(at: head)
        notes = pins
        agreed = nil
      } else {
        let remotes = try found.remotes()
        let name = found.homeRemote(remotes)
        let remote = remotes.contains { $0.name == name } ? name : nil
        session.settings.remote = remote
        let judgement = HeadJudgement(session.reviewer, remote: remote)
        let rules = try flow { () throws(FlowError) in try judgement.rules() }
        let head = try Session.resolve("HEAD", in: found)
        try flow { () throws(FlowError) in try judgement.demand(head) }
        (policy, registry, agreed) = (rules.policy, rules.registry, head)
        notes = pins + (session.settings.registry == nil ? ["the registry is that of \(rules.source)"] : [])
      }
    } else {
      (policy, registry) = try Self.outside(options, engines)
      notes = ["there is no repository here; the registry is that of \(printable(options.registry ?? ""))"]
      agreed = nil
    }
    let clock = Clock.now
    judge = ImageJudge(registry: registry, evidence: policy.evidence, engines: engines, clock: clock)
    nativeJudge = ImageJudge(registry: registry, evidence: policy.evidence, engines: .native, clock: clock)
    let root = found?.workTree.map { $0.hasSuffix("/") ? $0 : $0 + "/" } ?? ""
    digests = options.digests ?? root + "digests"
    signatures = options.signatures ?? root + "signatures"
    out = options.out ?? root + "out"
    namesLists = options.digests != nil
    namespace = options.namespace
    // A link that the tree brings would lead into a neighbouring clone, to be committed and pushed there.
    if found != nil, options.signatures == nil { try flow { () throws(FlowError) in try OwnFolder.demand(signatures) } }
  }

  /// The digests that count: those of the commit that the rule accepts. Where the work tree's lists are others, nobody
  /// could say which are meant; lists in a folder that the person names are the person's own.
  func lists() throws(FlowError) -> DigestList {
    guard let repository, let agreed, !namesLists else {
      return try DigestList.read(folder: digests, namespace: namespace)
    }
    let committed = try DigestList.committed(repository, at: agreed, namespace: namespace)
    try OwnFolder.demand(digests)
    let here = try DigestList.read(folder: digests, namespace: namespace)
    guard Set(here.entries) == Set(committed.entries) else {
      throw FlowError(
        .refused, "the digest lists in the work tree are not those of HEAD (\(agreed.short)), which the rule accepts",
        next: "git diff HEAD -- digests; or name lists of your own: --digests DIR")
    }
    return committed
  }

  /// Whoever is at the keyboard, by the rules that count.
  func signerSource() throws -> SignerSource {
    guard let repository else { throw Failure.usage("there is no repository here", next: "stagex-maint -C DIR") }
    return SignerSource(repository, registry: registry, policy: policy)
  }

  private static func repository(_ common: CommonOptions, registry: String?) throws -> Repository? {
    do throws(GitError) {
      return try Repository.open(path: common.repository)
    } catch .notARepository where registry != nil {
      return nil
    } catch {
      throw Failure.cannotJudge(error)
    }
  }

  private static func outside(_ options: ImageOptions, _ engines: EngineChoice) throws -> (Policy, Registry) {
    do {
      let folder = options.registry ?? ""
      guard let registry = try Registry.readIfPresent(folder: folder) else {
        throw Failure.cannotJudge(
          "\(printable(options.registry ?? "")) holds no MAINTAINERS", next: "name a folder that does: --registry DIR")
      }
      let policy = try options.policy.map { try Policy.read(path: $0) } ?? .standard
      var settings = ReviewSettings(clock: Clock.now, threads: 1)
      settings.engines = engines
      return (policy, try registry.proven(inFolder: folder, policy: policy, settings: settings))
    } catch let defect as FileDefect {
      throw Failure.cannotJudge(printable(defect.message, limit: 500))
    }
  }

  /// What a reader of any result has to know, safe to print.
  var allNotes: [String] { notes + registry.warnings.map { printable($0, limit: 500) } }

  /// Everybody whose signature can count, sorted.
  var maintainers: [String] { registry.maintainers(needing: policy.evidence) }
}
