internal import ArgumentParser
internal import GitBridge
internal import Review

struct ReferenceTransactionHook: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reference-transaction",
    abstract: "Judge any change of refs before it is made: the backstop behind pre-receive (githooks(5)).")

  @Argument(help: "The state of the transaction. Only `prepared` can be vetoed.")
  var state: String

  func run() throws {
    guard state == "prepared" else { return }
    try HookInput.guarded(Self.refused) {
      let repository = try Repository.openForHook(environment: ProcessEnvironment.current)
      let accepted = JudgedPush(repository)?.accepted() ?? []
      var updates: [RefUpdate] = []
      for line in try HookRunning.readLines().map(TransactionLine.init) where line.isShared {
        if try Self.isOnlyAName(line.ref, in: repository) { continue }
        switch line.new {
        case .symbolic(let target): try Self.stopSymbolic(line.ref, to: target, in: repository)
        case .object(let new):
          guard let update = try Self.update(line, to: new, in: repository) else { continue }
          if !accepted.contains(update) { updates.append(update) }
        }
      }
      try HookRunning.judge(updates, refused: Self.refused)
    }
  }

  private static let refused = "no ref is moved"

  /// What a line changes; nil where it changes nothing.
  private static func update(_ line: TransactionLine, to new: ObjectID, in repository: Repository) throws -> RefUpdate?
  {
    let update = RefUpdate(ref: line.ref, old: .zero, new: new)
    // Git gives zeros for "whatever it is now".
    let now = try repository.resolve(ref: update.name) ?? .zero
    if now == new { return nil }
    if new.isZero, line.old == .object(now), try PackedRefs(repository).keep(line.ref, at: now) { return nil }
    return RefUpdate(ref: line.ref, old: now, new: new)
  }

  /// A symbolic ref that is no branch or tag, such as `refs/remotes/origin/HEAD`. What it stands for has a line of its
  /// own.
  private static func isOnlyAName(_ ref: [UInt8], in repository: Repository) throws -> Bool {
    if ref.starts(with: "refs/heads/".utf8) || ref.starts(with: "refs/tags/".utf8) { return false }
    guard let name = String(validating: ref, as: UTF8.self) else { return false }
    return try repository.reference(name)?.symbolicTarget != nil
  }

  /// Attack: a protected name becomes a symbolic ref to a branch that anybody may push.
  ///
  /// The name is asked about with an object that does not exist: only where nobody protects it is that no matter.
  private static func stopSymbolic(_ ref: [UInt8], to target: [UInt8], in repository: Repository) throws {
    let shown = printable(ref)
    let now = try repository.resolve(ref: RefUpdate(ref: ref, old: .zero, new: .zero).name) ?? .zero
    let unknown = ObjectID(hexString: String(repeating: "f", count: ObjectID.hexCount)) ?? .zero
    let verdict = try HookRunning.verdict(on: [RefUpdate(ref: ref, old: now, new: unknown)], in: repository)
    if verdict.outcome == .accepted { return }
    throw Failure(
      message: "\(RefusalCode.confusableRef.rawValue): \(shown) would become a symbolic ref to \(printable(target))",
      next: "move the branch itself: git update-ref \(shellWord(ref)) COMMIT", status: ExitCode(1))
  }
}
