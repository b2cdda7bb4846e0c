internal import Basics
internal import GitBridge
internal import Glibc
internal import OpenPGP
internal import Review
internal import SignFlow

/// The steps of `init`. Each looks at what is there, says what it is for, and asks before it writes.
struct InitSteps {
  let repository: Repository
  let console: Console
  let asker: InitAsker
  private(set) var number = 0
  /// As it is in the work tree now; nil without people.
  private(set) var registry: Registry?
  /// What the last certain word about people is, where nobody counts.
  private(set) var nobody: (reason: String, next: String)?
  var trusted: ObjectID?
  var leadBranch: String?
  /// The branch that is to carry the rules, where HEAD is on another one.
  var elsewhere: String?
  var hasHook = false
  var workflowPath: String?

  init(repository: Repository, console: Console, asker: InitAsker) {
    (self.repository, self.console, self.asker) = (repository, console, asker)
    trusted = repository.config("maint.trustRoot").flatMap { ObjectID(hexString: $0) }
  }

  var tree: String { repository.workTree?.trimmingSlash ?? "." }
  var head: ObjectID? { try? repository.resolve(revision: "HEAD") }

  mutating func title(_ text: String) {
    number += 1
    console.out("\(console.bold("\(number). \(text)"))")
  }

  func line(_ text: String) { for line in wrapped(text, width: 96) { console.out("   \(line)") } }

  // MARK: People and keys

  mutating func people() throws {
    title("people and keys: \(MaintainersFile.path)")
    do {
      registry = try Registry.readIfPresent(folder: tree)
    } catch let defect as FileDefect {
      guard try KeyAddition.listsNobody(HookPlaces.readFile("\(tree)/\(MaintainersFile.path)")) else {
        throw Failure.cannotJudge(printable(defect.message, limit: 500), next: "$EDITOR \(MaintainersFile.path)")
      }
    }
    guard let registry else {
      nobody = ("nobody is listed yet", addYourself)
      return line("nobody is listed yet; the first key makes the list: \(addYourself)")
    }
    line(
      """
      \(registry.people.count) \(registry.people.count == 1 ? "person is" : "people are") listed, \
      with \(registry.keys.count) \(registry.keys.count == 1 ? "key" : "keys")
      """)
  }

  /// With what git knows of the person already.
  private var addYourself: String {
    let own = repository.config("user.signingkey").flatMap {
      Fingerprint(hex: $0.hasSuffix("!") ? String($0.dropLast()) : $0)
    }
    let isListed =
      registry?.keys.contains {
        $0.fingerprint == own || registry?.certificates[$0.fingerprint]?.fingerprints.contains { $0 == own } ?? false
      } ?? false
    // Somebody else's certificate comes in a file.
    guard !isListed, registry == nil else {
      return "stagex-maint keys add FILE --person ID --label card --name NAME --device DEVICE"
    }
    let key = own?.hex ?? "FINGERPRINT"
    let name = shellWord(repository.config("user.name") ?? "YOUR NAME")
    return """
      gpg --armor --export \(key) | stagex-maint keys add - --person ID --label card --name \(name) --device 'YubiKey 5'
      """
  }

  mutating func certificates(_ asking: FetchOptions, in common: CommonOptions) throws {
    guard let registry else { return }
    title("certificates: \(Registry.keysFolder)/")
    let missing = registry.keys.filter { registry.certificates[$0.fingerprint] == nil }
    guard !missing.isEmpty else { return line("every listed key has its certificate") }
    line(
      "\(missing.count) of \(registry.keys.count) keys have none that can be used, and without it a key does not count")
    guard
      asker.ask(
        "Ask key servers for them, and write what they know of these fingerprints into \(Registry.keysFolder)/?")
    else { return }
    let folder = try RegistryFolder(nil, common)
    guard let list = try folder.list() else { return }
    let wanted = try KeysFetch.directions(list).filter { direction in
      missing.contains { $0.fingerprint == direction.entry.fingerprint }
    }
    var source = RegistrySource(folder: folder.path).replacing([(MaintainersFile.path, list)])
    let results = try asking.ask(for: wanted, console).map { FetchResult($0, &source, now: Clock.now) }
    try folder.write(results.flatMap(\.files), unlessChanged: list)
    KeysFetchTelling(console: console, results: results, folder: folder, isDryRun: false).tellResults()
    self.registry = try? Registry.readIfPresent(folder: tree)
  }

  mutating func evidence() throws {
    guard let registry else { return }
    let policy = try readPolicy()
    title("who counts: evidence \"\(policy.evidence.rawValue)\", threshold \(policy.threshold)")
    nobody = registry.nobodyCounts(needing: policy.evidence)
    if let nobody { return line("nobody counts: \(nobody.reason)") }
    let able = registry.maintainers(needing: policy.evidence)
    line("\(able.count) of \(registry.people.count) can endorse: \(able.map { printable($0) }.joined(separator: ", "))")
    for entry in registry.keys where registry.certificates[entry.fingerprint] != nil {
      if case .notOnCard(_, let why) = registry.disqualification(of: entry, needing: policy.evidence) {
        line("\(printable(entry.person)) does not: \(why)")
      }
    }
    if able.count < policy.threshold {
      nobody = ("\(able.count) of the \(policy.threshold) people that each change needs can endorse", addYourself)
    }
  }

  private func readPolicy() throws -> Policy {
    do throws(FileDefect) {
      return try Policy.read(folder: tree)
    } catch {
      throw Failure.cannotJudge(printable(error.message, limit: 500), next: "stagex-maint policy lint \(Policy.path)")
    }
  }

  mutating func policy(lead branch: String?) throws {
    title("policy: \(Policy.path)")
    let lead = try repository.config("maint.lead") ?? proposedLead(branch)
    try file("\(tree)/\(Policy.path)", Array(Templates.policy(lead: lead, repository: repositoryName).utf8))
  }

  /// What co-signatures are to be bound to: the forge's name for the repository, where the remote tells one.
  private var repositoryName: String? {
    guard let url = repository.config("remote.\(repository.config("maint.remote") ?? "origin").url"),
      let address = try? RemoteAddress(url),
      address.origin.scheme == .https
    else { return nil }
    return "\(address.origin.authority)/\(address.repository)"
  }

  // MARK: Hooks

  mutating func hooks() throws {
    let name = repository.isBare ? "pre-receive" : "pre-push"
    title("hook: \(name)")
    let place = HookPlaces(repository: repository).place(of: name)
    hasHook = unsafe access(place, F_OK) == 0
    if hasHook { return line("there: \(printable(place))") }
    // Without one it could judge nothing, and would be in the way of every push.
    guard trusted != nil else { return line("it is installed once there is a trust root") }
    line(
      repository.isBare
        ? "it judges each push, and refuses what the rule refuses" : "it says before a push what the server would say")
    guard asker.ask("Install \(printable(place))?") else { return }
    try HookPlaces.makeFolder(of: place)
    try HookPlaces.write(try HookPlaces.filledIn(name, from: nil), to: place, mode: 0o755)
    try repository.setConfig("maint.program", try HookPlaces.ownPath())
    hasHook = true
    line("installed: \(printable(place))")
  }

  /// Runs the doctor as a person would; what it finds is shown as it says it.
  mutating func doctor() throws {
    guard hasHook, repository.isBare, !asker.plan else { return }
    title("doctor")
    let program = ChildProgram(try HookPlaces.ownPath(), environment: ProcessEnvironment.current)
    let result: ChildProgram.Result
    do throws(ChildProgram.Failure) {
      result = try program.run(["hook", "doctor", "-C", repository.gitDirectory])
    } catch {
      return line("it could not be run: \(printable(error.message))")
    }
    for text in String(decoding: result.output + result.errors, as: UTF8.self).split(separator: "\n") {
      console.out("   \(text)")
    }
  }

  // MARK: Writing

  /// Writes a file that is not there yet.
  func file(_ path: String, _ content: [UInt8]) throws {
    if unsafe access(path, F_OK) == 0 { return line("there: \(printable(path))") }
    line("missing")
    guard asker.ask("Write a first \(printable(path))?") else { return }
    try HookPlaces.makeFolders(to: path)
    try HookPlaces.write(content, to: path, mode: 0o644)
    line("written: \(printable(path))")
  }
}

extension HookPlaces {
  /// Makes the folders on the way to a file, where they are not there.
  static func makeFolders(to path: String) throws {
    var folder = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/").dropLast() {
      folder += "/" + part
      guard unsafe mkdir(folder, 0o755) == 0 || errno == EEXIST else {
        throw Failure.cannotJudge("the folder \(printable(folder)) cannot be made: \(errorText(errno))")
      }
    }
  }
}
