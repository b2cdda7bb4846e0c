internal import GitBridge
internal import Glibc
internal import Review

/// Looks at everything that could let a push by unjudged, or keep every push out.
struct HookExamination {
  struct Finding {
    let isProblem: Bool
    let text: String
    let next: String
  }

  private let repository: Repository
  private let places: HookPlaces
  private var result: [Finding] = []

  init(_ repository: Repository) {
    self.repository = repository
    places = HookPlaces(repository: repository)
  }

  func findings() throws -> [Finding] {
    var examination = self
    examination.lookAtHooks()
    examination.lookAtProgram()
    examination.lookAtRepository()
    try examination.lookAtTrust()
    return examination.result
  }

  private mutating func problem(_ text: String, next: String) {
    result.append(Finding(isProblem: true, text: text, next: next))
  }

  private mutating func advice(_ text: String, next: String) {
    result.append(Finding(isProblem: false, text: text, next: next))
  }

  private mutating func lookAtHooks() {
    let name = repository.isBare ? "pre-receive" : "pre-push"
    if let path = repository.config("core.hooksPath") {
      problem(
        "core.hooksPath is set to \(printable(path)): git takes hooks from there and not from this repository",
        next: "git config --unset core.hooksPath, or install the hook there")
    }
    let place = places.place(of: name)
    lookAtFile(place, as: name)
    // A forge's folder is run by the forge's own hook; without it nothing runs.
    if places.forgeFolder(name) != nil { lookAtFile("\(places.folder)/\(name)", as: "the forge's own \(name)") }
    if access("\(places.folder)/reference-transaction") != 0 && places.forgeFolder("reference-transaction") == nil, repository.isBare {
      advice(
        "no reference-transaction hook: tags and deletions that a forge's web pages make are not judged",
        next: "stagex-maint hook install --backstop")
    }
  }

  private mutating func lookAtFile(_ path: String, as name: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      problem("\(name) is not at \(printable(path)): nothing is judged", next: "stagex-maint hook install")
      return
    }
    if status.st_mode & 0o111 == 0 {
      problem("\(printable(path)) is not executable: git skips it silently", next: "chmod 755 \(shellWord(path))")
    }
    if status.st_mode & 0o002 != 0 {
      problem("\(printable(path)) can be changed by anybody on this machine", next: "chmod o-w \(shellWord(path))")
    }
  }

  private func access(_ path: String) -> Int32 { unsafe Glibc.access(path, F_OK) }

  private mutating func lookAtProgram() {
    let place = places.place(of: repository.isBare ? "pre-receive" : "pre-push")
    let filledIn = (try? HookPlaces.readFile(place)).flatMap { $0 }.flatMap { HookPlaces.program(filledInto: $0) }
    let configured = repository.config("maint.program")
    if let filledIn {
      if unsafe Glibc.access(filledIn, X_OK) != 0 {
        problem(
          "\(printable(place)) names \(printable(filledIn)), which cannot be run: every push is refused",
          next: "stagex-maint hook install, by the program that is to judge")
      } else if let configured, configured != filledIn {
        advice(
          "the hook runs \(printable(filledIn)), and maint.program names \(printable(configured)), which it does not look at",
          next: "stagex-maint hook install, by the program that is to judge")
      }
    } else if let configured {
      if unsafe Glibc.access(configured, X_OK) != 0 {
        problem(
          "maint.program names \(printable(configured)), which cannot be run: every push is refused",
          next: "git config maint.program /path/to/stagex-maint")
      }
    } else {
      advice(
        "maint.program is not set: the hook looks for stagex-maint on the server's PATH",
        next: "stagex-maint hook install, which writes the program's path into the hook")
    }
    let folders = (Environment.current["PATH"] ?? "").split(separator: ":")
    if !folders.contains(where: { unsafe Glibc.access("\($0)/gpg", X_OK) == 0 }), repository.config("maint.engine") != "native" {
      problem("gpg is not on the PATH: the second engine cannot judge, and every push is refused", next: "apt-get install gnupg")
    }
  }

  private mutating func lookAtRepository() {
    if repository.isShallow {
      problem("the repository is shallow: nothing can be judged", next: "git fetch --unshallow")
    }
    if repository.isPartialClone {
      problem("the repository is a partial clone: objects may be missing", next: "git fetch --refetch --no-filter")
    }
    if repository.isBare, repository.config("receive.fsckObjects") != "true", repository.config("transfer.fsckObjects") != "true" {
      advice("git does not check pushed objects itself", next: "git config receive.fsckObjects true")
    }
  }

  private mutating func lookAtTrust() throws {
    guard let root = repository.config("maint.trustRoot") else {
      problem(
        "maint.trustRoot is not set: the first push of a branch cannot be judged, nor can an audit",
        next: "git config maint.trustRoot $(git rev-parse COMMIT)")
      return
    }
    guard let id = ObjectID(hexString: root), try repository.kind(of: id) == .commit else {
      problem(
        "maint.trustRoot is \(printable(root)), which is not the full id of a commit here",
        next: "git config maint.trustRoot $(git rev-parse COMMIT)")
      return
    }
    guard let head = repository.headBranch(), let tip = try repository.resolve(ref: head) else {
      advice("HEAD names a branch that is not there: the policy is read from the trust root", next: "git symbolic-ref HEAD refs/heads/main")
      return
    }
    do {
      let session = try HookRunning.session(repository)
      let policy = try session.reviewer.policy(at: tip)
      let registry = try session.reviewer.registry(at: tip)
      if policy.branchRule(for: Array(head.utf8)) == nil {
        problem(
          "HEAD is on \(printable(head)), which its own policy does not protect: anybody who may push it may change that policy",
          next: "git symbolic-ref HEAD refs/heads/main")
      }
      for finding in policy.findings(registry) { advice(printable(finding, limit: 500), next: "stagex-maint policy lint") }
      let able = registry.maintainers(needing: policy.evidence)
      if able.count < policy.threshold {
        problem(
          "only \(able.count) of the \(policy.threshold) maintainers that each change needs can endorse: every push is refused",
          next: "stagex-maint keys list")
      }
    } catch let error as ReviewProblem {
      let refusal = error.refusal(ref: head)
      problem(printable(refusal.message, limit: 500), next: refusal.next)
    }
  }
}
