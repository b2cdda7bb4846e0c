internal import GitBridge
internal import Review
internal import SignFlow

/// What the gate is asked, by options or by a CI's event, with every name found in this clone.
///
/// Only the head that the event names is judged: whatever the forge's own ref holds by now, the answer is filed under
/// the event's head.
struct GateQuestion {
  enum Change {
    case merge(head: ObjectID, base: ObjectID)
    case pushed(before: ObjectID, after: ObjectID)
  }

  let change: Change
  /// The full name of the target.
  let ref: String
  /// The request's name.
  let name: String?
  let notes: [String]
  /// Where the ref stood before a push, as the event has it; zeros for a request, and for a ref that is new.
  private(set) var before = ObjectID.zero

  /// The commit that the answer is about; nil when a ref is gone.
  var judged: ObjectID? {
    switch change {
    case .merge(let head, _): head
    case .pushed(_, let after): after.isZero ? nil : after
    }
  }

  /// The request's number on its forge, if it is one.
  var number: Int? {
    guard case .merge = change, let name else { return nil }
    return Int(name.drop { $0 != "-" && $0 != "!" }.dropFirst())
  }

  typealias Options = (base: String?, head: String?, target: String?, name: String?)

  init(options: Options, _ session: Session) throws {
    let repository = session.repository
    if let head = options.head, let target = options.target {
      ref = try Self.fullName(target, repository)
      change = .merge(
        head: try Session.resolve(head, in: repository),
        base: try options.base.map { try Session.resolve($0, in: repository) } ?? Self.tip(of: ref, session))
      (name, notes) = (options.name, [])
      return
    }
    guard let request = try Self.request() else {
      // One half is there: only the other is asked for.
      let head = options.head.map { shellWord($0) }
      if let head, options.target == nil {
        let names = (try? session.reviewer.protection().list) ?? []
        throw Failure.usage(
          """
          --head says what is judged, and --target is missing: the branch that it is bound for\
          \(names.isEmpty ? "" : ", one of \(names.map { printable($0) }.joined(separator: ", "))")
          """,
          next:
            """
            stagex-maint gate --head \(head) --target \
            \(names.first.map { shellWord(String($0.trimmingPrefix("refs/heads/"))) } ?? "BRANCH")
            """)
      }
      if let target = options.target {
        throw Failure.usage(
          "--target says where it goes, and --head is missing: the commit that is judged",
          next: "stagex-maint gate --head HEAD --target \(shellWord(target))")
      }
      throw Failure.usage(
        "nothing to judge: neither --head and --target nor the environment of a CI says what",
        next: "stagex-maint gate --base BASE --head HEAD --target BRANCH")
    }
    // Half of an event and half of the options would judge what neither means.
    guard options.head == nil, options.target == nil else {
      throw Failure.usage(
        "give both --head and --target, or neither in a CI", next: "stagex-maint gate --head HEAD --target BRANCH")
    }
    ref = request.target
    name = options.name ?? request.name
    var notes = request.notes
    switch request.question {
    case .merge(let head, let place):
      let base = try options.base.map { try Session.resolve($0, in: repository) } ?? Self.tip(of: ref, session)
      try Self.checkHead(head, keptAt: place, &notes, session)
      change = .merge(head: head, base: base)
    case .pushed(let before, let after):
      guard options.base == nil else { throw Failure.usage("--base does not go with a push that has happened") }
      change = try Self.pushed(before, after, to: ref, &notes, session)
      self.before = before
    }
    self.notes = notes
  }

  /// A push is given its answer in the same form; nobody need merge it any more.
  func answer(by reviewer: Reviewer) -> GateAnswer {
    switch change {
    case .merge(let head, let base):
      reviewer.judge(pullRequest: head, onto: RefUpdate(ref: Array(ref.utf8), old: base, new: head))
    case .pushed(let before, let after):
      reviewer.judge(happened: RefUpdate(ref: Array(ref.utf8), old: before, new: after))
    }
  }

  private static func request() throws -> GateRequest? {
    do throws(GateInputError) {
      return try GateRequest.read(ProcessEnvironment.current) { path in
        // A larger file is no event; the reader says that it cannot be read.
        do { return try readWholeFile(path, limit: 32 << 20) } catch { return nil }
      }
    } catch {
      throw Failure.usage(error.message, next: error.next)
    }
  }

  private static func fullName(_ target: String, _ repository: Repository) throws -> String {
    let ref = target.hasPrefix("refs/") ? target : "refs/heads/" + target
    guard repository.mayBeRef(ref) else { throw Failure.usage("\(printable(target)) is no branch's name") }
    return ref
  }

  /// Where the target branch stands: the remote's view first, for a CI's clone has no branches of its own.
  private static func tip(of ref: String, _ session: Session) throws -> ObjectID {
    for name in [tracking(ref, session), ref] {
      if let tip = try session.repository.resolve(ref: name) { return tip }
    }
    throw Failure.cannotJudge(
      "the branch \(printable(ref)) is not in this clone",
      next: """
        git fetch \(shellWord(session.settings.remote ?? "origin")) \(shellWord(ref))   \
        (where the server has none yet, nothing merges into it; \
        the push that makes it: stagex-maint verify HEAD --target \
        \(shellWord(String(ref.trimmingPrefix("refs/heads/")))))
        """)
  }

  private static func tracking(_ ref: String, _ session: Session) -> String {
    guard ref.hasPrefix("refs/heads/") else { return ref }
    return "refs/remotes/\(session.settings.remote ?? "origin")/\(ref.dropFirst("refs/heads/".count))"
  }

  /// Attack: a request that is opened with an evil head and is given a good one before the job fetches it: judged would
  /// be the good one, and the check filed under the evil one turns green.
  private static func checkHead(_ head: ObjectID, keptAt place: String?, _ notes: inout [String], _ session: Session)
    throws
  {
    let repository = session.repository
    let remote = session.settings.remote ?? "origin"
    let now = try place.flatMap { try repository.resolve(ref: $0) }
    guard try repository.kind(of: head) == .commit else {
      let elsewhere =
        now.map { "; \(printable(place ?? "")) holds \($0.short) by now, which a run of its own judges" } ?? ""
      throw Failure.cannotJudge(
        "the event is about the head \(head.hex), which is not in this clone\(elsewhere)",
        next: "git fetch \(shellWord(remote)) \(head.hex)")
    }
    if let now, now != head {
      notes.append(
        """
        judged is the event's head \(head.short); \(printable(place ?? "")) holds \(now.short) by now, \
        which a run of its own judges
        """)
    }
  }

  private static func pushed(
    _ before: ObjectID, _ after: ObjectID, to ref: String, _ notes: inout [String], _ session: Session
  ) throws -> Change {
    let repository = session.repository
    let remote = session.settings.remote ?? "origin"
    var after = after
    if ref.hasPrefix("refs/tags/"), !after.isZero {
      // Some CIs name the commit behind an annotated tag; the signature is in the tag.
      guard let tag = try repository.resolve(ref: ref) else {
        throw Failure.cannotJudge(
          "the tag \(printable(ref)) is not in this clone",
          next: "git fetch \(shellWord(remote)) \(shellWord("\(ref):\(ref)"))")
      }
      guard try tag == after || repository.resolve(revision: tag.hex) == after else {
        throw Failure.cannotJudge(
          "the event is about \(after.hex), and \(printable(ref)) is \(tag.hex) in this clone",
          next: "git fetch --force \(shellWord(remote)) \(shellWord("\(ref):\(ref)"))")
      }
      after = tag
    }
    for (id, what) in [(before, "before the push"), (after, "after it")] where !id.isZero {
      guard try repository.kind(of: id) != nil else {
        throw Failure.cannotJudge(
          "\(printable(ref)) was at \(id.hex) \(what), which is not in this clone",
          next: "git fetch \(shellWord(remote)) \(id.hex)")
      }
    }
    guard before.isZero, !after.isZero, ref.hasPrefix("refs/heads/") else {
      return .pushed(before: before, after: after)
    }
    // The branch is in this clone already, so that a new branch would seem to hold nothing new.
    guard let root = session.settings.trustRoot else {
      throw Failure.cannotJudge(
        "\(printable(ref)) is new and no trust root is set", next: "git config maint.trustRoot $(git rev-parse COMMIT)")
    }
    notes.append("where \(printable(ref)) was before is not known: all is judged that came after the trust root")
    return .pushed(before: root, after: after)
  }
}
