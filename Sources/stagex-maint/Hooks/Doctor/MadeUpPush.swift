internal import Basics
internal import GitBridge
internal import Glibc
internal import Review

/// Updates that nobody has pushed, with their objects in a quarantine as git-receive-pack(1) makes one. No ref and no
/// object of the repository is touched; the quarantine goes with ``remove()``.
struct MadeUpPush {
  struct Question {
    /// `follower` is unsigned, too, on another branch that is protected: a hook may let some branches through.
    enum Kind { case unsigned, follower, deletion, harmless }
    let kind: Kind
    let update: RefUpdate
    /// What this program itself says of it: the hook must say the same.
    let expected: Verdict
  }

  let lead: String
  /// Stands in no other repository: whoever names it has looked at this push.
  let commit: ObjectID
  let quarantine: String
  private(set) var questions: [Question] = []
  private let repository: Repository
  private let nonce: String

  private static let mostFollowers = 5
  private static let mark = "tmp_objdir-incoming-maint-"

  init(_ repository: Repository, lead: String) throws {
    self.repository = repository
    self.lead = lead
    nonce = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }.joined()
    let objects = repository.commonDirectory.trimmingSlash + "/objects"
    Self.clear(objects)
    quarantine = "\(objects)/\(Self.mark)\(nonce)"
    guard unsafe mkdir(quarantine, 0o700) == 0 else {
      throw Failure.cannotJudge(
        "no folder can be made in \(printable(objects)), so no push can be tried: \(errorText(errno))",
        next: "run this as the user whom the server runs git as")
    }
    do {
      let tip = try Self.tip(of: lead, repository)
      commit = try Self.writeCommit(onto: tip, in: repository, into: quarantine, nonce)
      try ask(tip)
    } catch {
      removeTree(quarantine)
      throw error
    }
  }

  func remove() { removeTree(quarantine) }

  /// In a clone, what the server was last seen to have.
  private static func tip(of lead: String, _ repository: Repository) throws -> ObjectID? {
    if !repository.isBare {
      let remote = repository.config("maint.remote") ?? "origin"
      let tracking = "refs/remotes/\(remote)/" + lead.dropFirst("refs/heads/".count)
      if let tip = try repository.resolve(ref: tracking) { return tip }
    }
    return try repository.resolve(ref: lead)
  }

  private static func writeCommit(
    onto tip: ObjectID?, in repository: Repository, into folder: String, _ nonce: String
  ) throws -> ObjectID {
    let tree: ObjectID
    if let tip { tree = try repository.treeOfCommit(tip) } else { tree = try Repository.write(.tree, [], into: folder) }
    let who = "stagex-maint hook doctor <doctor@localhost> \(Clock.now) +0000"
    let text =
      "tree \(tree.hex)\n" + (tip.map { "parent \($0.hex)\n" } ?? "") + "author \(who)\ncommitter \(who)\n\n"
      + "Made up by stagex-maint hook doctor, to be refused\n\n\(nonce)\n"
    return try Repository.write(.commit, Array(text.utf8), into: folder)
  }

  private mutating func ask(_ tip: ObjectID?) throws {
    var environment = environment(for: .unsigned)
    environment["GIT_DIR"] = repository.gitDirectory
    let inside = try Repository.openForHook(environment: environment)
    func add(_ kind: Question.Kind, _ ref: String, _ old: ObjectID, _ new: ObjectID) throws -> Verdict {
      let update = RefUpdate(ref: Array(ref.utf8), old: old, new: new)
      let verdict = verdict(on: update, inside)
      let isAsked =
        switch kind {
        case .unsigned, .deletion: true
        case .follower: verdict.outcome != .accepted
        case .harmless: verdict.outcome == .accepted
        }
      if isAsked {
        questions.append(Question(kind: kind, update: update, expected: verdict))
      }
      return verdict
    }
    _ = try add(.unsigned, lead, tip ?? .zero, commit)
    if let tip { _ = try add(.deletion, lead, tip, .zero) }
    var followers = 0
    for ref in try repository.references()
    where ref.name.starts(with: "refs/heads/".utf8) && followers < Self.mostFollowers {
      guard let name = String(validating: ref.name, as: UTF8.self), name != lead, let old = ref.target else { continue }
      if try add(.follower, name, old, commit).outcome != .accepted { followers += 1 }
    }
    // A policy may protect every branch.
    for place in ["refs/heads/stagex-maint-doctor-", "refs/notes/stagex-maint-doctor-", "refs/stagex-maint/doctor-"] {
      if try add(.harmless, place + nonce, .zero, commit).outcome == .accepted { break }
    }
  }

  /// Where settings or rules cannot be read, the hook has to say so.
  private func verdict(on update: RefUpdate, _ inside: Repository) -> Verdict {
    do {
      return try HookRunning.verdict(on: [update], in: inside, inThought: !repository.isBare)
    } catch {
      let (text, next) = HookExamination.words(error)
      return Verdict(refusals: [Refusal(.cannotRead, ref: update.name, message: text, next: next)])
    }
  }

  /// What git-receive-pack(1) tells a hook. A push that only deletes has no quarantine.
  func environment(for kind: Question.Kind) -> [String: String] {
    var environment = ProcessEnvironment.current.filter { !ServerGit.local.contains($0.key) }
    environment["GIT_DIR"] = "."
    environment["GIT_PUSH_OPTION_COUNT"] = "0"
    environment["GL_BYPASS_ACCESS_CHECKS"] = nil
    guard kind != .deletion else { return environment }
    environment["GIT_QUARANTINE_PATH"] = quarantine
    environment["GIT_OBJECT_DIRECTORY"] = quarantine
    environment["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = repository.commonDirectory.trimmingSlash + "/objects"
    return environment
  }

  /// What a doctor left that was killed, a day ago or longer.
  private static func clear(_ objects: String) {
    for name in folderNames(objects) where name.hasPrefix(mark) {
      var status = stat()
      guard unsafe lstat("\(objects)/\(name)", &status) == 0, Int64(status.st_mtim.tv_sec) < Clock.now - 86_400 else {
        continue
      }
      removeTree("\(objects)/\(name)")
    }
  }
}

/// Removes a folder that this program has made, with everything in it; links are not followed.
private func removeTree(_ path: String) {
  var status = stat()
  guard unsafe lstat(path, &status) == 0 else { return }
  if status.st_mode & S_IFMT == S_IFDIR {
    for name in folderNames(path) { removeTree("\(path)/\(name)") }
    unsafe rmdir(path)
  } else {
    unsafe unlink(path)
  }
}
