package import GitBridge
internal import OpenPGP
internal import Synchronization

/// Reads the registry and the policy of each step from the tree of its first parent, each version once.
struct Rulebook {
  private let repository: Repository
  private let shelf: RuleShelf

  /// - Parameter newestCommit: The commit whose registry is the newest at hand.
  init(_ repository: Repository, _ settings: ReviewSettings, newestCommit: ObjectID?) throws(ReviewProblem) {
    self.init(repository, try RuleShelf(repository, settings, newestCommit: newestCommit))
  }

  private init(_ repository: Repository, _ shelf: RuleShelf) {
    self.repository = repository
    self.shelf = shelf
  }

  /// The same rulebook for another thread.
  var reopened: @Sendable (Repository) -> Rulebook {
    { [shelf] repository in Rulebook(repository, shelf) }
  }

  var isRegistryPinned: Bool { shelf.pinnedRegistry != nil }
  var isPolicyPinned: Bool { shelf.pinnedPolicy != nil }
  var pinnedPolicy: Policy? { shelf.pinnedPolicy }

  /// The ids of the files that the rules of a tree are read from. They all lie at the top of it.
  func ruleFiles(tree: ObjectID) throws(ReviewProblem) -> RuleFileIDs {
    if let known = shelf.files(of: tree) { return known }
    let files = try reading { () throws(GitError) in try RuleFileIDs(tree: tree, in: repository) }
    shelf.keep(files, of: tree)
    return files
  }

  /// The rules that a tree holds.
  ///
  /// - Parameters:
  ///   - files: The ids of the rules' files in that tree, where they are known already.
  ///   - renewal: A folder of certificates whose newer self-signatures count as the tree's own: the step's that is
  ///     judged.
  // R10, R11: the callers pass the trees of lead states only.
  func rules(
    tree: ObjectID, of commit: ObjectID, files: RuleFileIDs? = nil, renewedBy renewal: ObjectID? = nil
  ) throws(ReviewProblem) -> Rules {
    let ids: RuleFileIDs
    if let files { ids = files } else { ids = try ruleFiles(tree: tree) }
    let version = RuleVersion(files: ids, renewal: renewal == ids.keys || isRegistryPinned ? nil : renewal)
    // Most trees of a history hold the same rules.
    if let known = shelf.rules(version) { return known }
    let policy = try policy(tree: tree, of: commit, files: ids)
    let (registry, own) = try registry(tree: tree, of: commit, files: ids, renewedBy: version.renewal)
    let loaded = try proven(registry, policy.evidence, by: policy, tree: tree)
    var revocations = try revocations(ids.keys, of: commit)
    if isRegistryPinned { revocations.formUnion(own.ownRevocations) }
    return shelf.keep(Rules(loaded, own: own, policy, files: ids, revocations: revocations), version)
  }

  /// What the files under `keys/` take back, whatever they are called. Also where the registry is pinned.
  func revocations(_ folder: ObjectID?, of commit: ObjectID) throws(ReviewProblem) -> Set<KeyRevocation> {
    guard let folder else { return [] }
    if let known = shelf.revocations(folder) { return known }
    let found = try naming(registryAt: commit.short) { try RevocationFolder.read(folder, in: repository) }
    shelf.keep(found, of: folder)
    return found
  }

  func keep(_ revocations: Set<KeyRevocation>, of folder: ObjectID) { shelf.keep(revocations, of: folder) }

  /// A registry with what its files show of where its keys live: read only where a level asks for it, once for all
  /// signatures of the steps that share these rules.
  func proven(
    _ loaded: LoadedRegistry, _ level: Evidence, by policy: Policy, tree: ObjectID
  ) throws(ReviewProblem) -> LoadedRegistry {
    guard level.needsProof else { return loaded }
    func read(_ source: some EvidenceSource) throws(ReviewProblem) -> LoadedRegistry {
      let reader = EvidenceReader(source: source, registry: loaded.registry, policy: policy, settings: shelf.settings)
      return LoadedRegistry(loaded, holding: try reader.read(level))
    }
    switch shelf.settings.registry {
    case .path(let folder): return try read(FolderFiles(folder: folder))
    case .commit(let id, _):
      let pinned = try reading { () throws(GitError) in try repository.treeOfCommit(id) }
      return try read(TreeFiles(repository: repository, tree: pinned))
    case nil: return try read(TreeFiles(repository: repository, tree: tree))
    }
  }

  func policy(tree: ObjectID, of commit: ObjectID, files: RuleFileIDs? = nil) throws(ReviewProblem) -> Policy {
    if let pinned = shelf.pinnedPolicy { return pinned }
    let ids: RuleFileIDs
    if let files { ids = files } else { ids = try ruleFiles(tree: tree) }
    let place = "\(commit.short):\(Policy.path)"
    guard ids.policyIsFile else { throw .policy(.notAFile(Policy.path), at: place) }
    guard let entry = ids.policy else { return .standard }
    if let known = shelf.policy(entry) { return known }
    let policy = try naming(policyAt: place) {
      guard let bytes = try TreeFiles(repository: repository, tree: tree).file(Policy.path) else {
        return Policy.standard
      }
      return try Policy.read(bytes)
    }
    shelf.keep(policy, entry)
    return policy
  }

  /// The registry of a tree: with all that is known of its certificates, and with what the step itself knows of them.
  func registry(
    tree: ObjectID, of commit: ObjectID, files: RuleFileIDs? = nil, renewedBy renewal: ObjectID? = nil
  ) throws(ReviewProblem) -> (loaded: LoadedRegistry, own: Registry) {
    if let pinned = shelf.pinnedRegistry { return (pinned, pinned.registry) }
    let ids: RuleFileIDs
    if let files { ids = files } else { ids = try ruleFiles(tree: tree) }
    guard ids.listIsFile else { throw .registry(.notAFile(MaintainersFile.path), at: commit.short) }
    let version = RegistryVersion(list: ids.list, keys: ids.keys, renewal: renewal)
    if let known = shelf.registry(version) { return known }
    let read = try naming(registryAt: commit.short) { () throws -> (Registry, Registry) in
      var own = try Registry.read(from: TreeFiles(repository: repository, tree: tree))
      // A renewal that would give one key to two people renews nothing; the step that brings it is refused for it.
      if let renewal {
        do { own = try own.renewed(by: KeysFolder(repository: repository, folder: renewal)) } catch is FileDefect {}
      }
      let newest = try shelf.newest.map { try own.adding(selfSignaturesOf: $0) } ?? own
      return (newest, own)
    }
    return shelf.keep((LoadedRegistry(read.0, shelf.settings), read.1), version)
  }
}

/// A folder of certificates in the repository, by its own id.
private struct KeysFolder: FileSource {
  let repository: Repository
  let folder: ObjectID

  func file(_ path: String) throws -> [UInt8]? {
    guard let name = shortName(Array(path.utf8), under: Registry.keysFolder + "/") else { return nil }
    return try TreeFiles(repository: repository, tree: folder).file(String(decoding: name, as: UTF8.self))
  }
}

extension Registry {
  /// The same people and keys, with the self-signatures that another folder holds of their certificates.
  fileprivate func renewed(by folder: KeysFolder) throws -> Registry {
    var newer: [Fingerprint: Certificate] = [:]
    var size = 0
    for key in keys where certificates[key.fingerprint] != nil {
      let bytes: [UInt8]?
      do {
        bytes = try folder.file("\(Registry.keysFolder)/\(key.fingerprint.hex).asc")
      } catch is FileDefect {
        continue
      }
      guard let bytes, let certificate = try? Certificate.read(bytes), certificate.primary == key.fingerprint else {
        continue
      }
      size += bytes.count
      if size > Registry.certificatesLimit { break }
      newer[key.fingerprint] = certificate
    }
    return try adding(selfSignaturesOf: Registry(people: people, keys: keys, certificates: newer, warnings: []))
  }
}

/// What a rulebook has read. May be used from several threads.
private final class RuleShelf: Sendable {
  let settings: ReviewSettings
  /// The newest registry at hand: the source of later self-signatures. Nil where the first parent is the newest.
  let newest: Registry?
  let pinnedRegistry: LoadedRegistry?
  let pinnedPolicy: Policy?

  private struct State {
    var registries: [RegistryVersion: (loaded: LoadedRegistry, own: Registry)] = [:]
    var policies: [ObjectID: Policy] = [:]
    var rules: [RuleVersion: Rules] = [:]
    var revocations: [ObjectID: Set<KeyRevocation>] = [:]
    var filesOfTree: [ObjectID: RuleFileIDs] = [:]
  }

  private let state = Mutex(State())

  init(_ repository: Repository, _ settings: ReviewSettings, newestCommit: ObjectID?) throws(ReviewProblem) {
    self.settings = settings
    pinnedRegistry = try Self.pinned(settings.registry, in: repository).map { LoadedRegistry($0, settings) }
    pinnedPolicy = try Self.pinnedPolicy(settings.policy, in: repository)
    guard let newestCommit, pinnedRegistry == nil else {
      newest = nil
      return
    }
    // A registry at the tip that cannot be read brings no self-signatures; the steps' own still judge.
    let tree = try reading { () throws(GitError) in try repository.treeOfCommit(newestCommit) }
    do {
      newest = try Registry.read(from: TreeFiles(repository: repository, tree: tree))
    } catch let error as GitError {
      // Going on without it would miss a later revocation, and accept what it condemns.
      throw .git(error)
    } catch {
      newest = nil
    }
  }

  func files(of tree: ObjectID) -> RuleFileIDs? { state.withLock { $0.filesOfTree[tree] } }
  func rules(_ version: RuleVersion) -> Rules? { state.withLock { $0.rules[version] } }
  func revocations(_ folder: ObjectID) -> Set<KeyRevocation>? { state.withLock { $0.revocations[folder] } }
  func keep(_ revocations: Set<KeyRevocation>, of folder: ObjectID) {
    state.withLock { $0.revocations[folder] = revocations }
  }
  func policy(_ file: ObjectID) -> Policy? { state.withLock { $0.policies[file] } }

  func registry(_ version: RegistryVersion) -> (loaded: LoadedRegistry, own: Registry)? {
    state.withLock { $0.registries[version] }
  }

  func keep(_ files: RuleFileIDs, of tree: ObjectID) {
    state.withLock { state in
      // A history may have as many trees as commits. Each step's new tree is the next step's old one.
      if state.filesOfTree.count > 4096 { state.filesOfTree.removeAll(keepingCapacity: true) }
      state.filesOfTree[tree] = files
    }
  }

  func keep(_ policy: Policy, _ file: ObjectID) { state.withLock { $0.policies[file] = policy } }

  // Where two threads have read the same version, the first one's is everybody's: steps are told to share it.

  func keep(_ rules: Rules, _ version: RuleVersion) -> Rules {
    state.withLock { state in
      let kept = state.rules[version] ?? rules
      state.rules[version] = kept
      return kept
    }
  }

  func keep(
    _ registry: (loaded: LoadedRegistry, own: Registry), _ version: RegistryVersion
  ) -> (loaded: LoadedRegistry, own: Registry) {
    state.withLock { state in
      let kept = state.registries[version] ?? registry
      state.registries[version] = kept
      return kept
    }
  }

  private static func pinned(_ pin: Pin?, in repository: Repository) throws(ReviewProblem) -> Registry? {
    switch pin {
    case nil: return nil
    case .path(let folder):
      return try naming(registryAt: folder) { try Registry.read(from: FolderFiles(folder: folder)) }
    case .commit(let id, let name):
      let tree = try reading { () throws(GitError) in try repository.treeOfCommit(id) }
      return try naming(registryAt: name) { try Registry.read(from: TreeFiles(repository: repository, tree: tree)) }
    }
  }

  private static func pinnedPolicy(_ pin: Pin?, in repository: Repository) throws(ReviewProblem) -> Policy? {
    switch pin {
    case nil: return nil
    case .path(let file):
      return try naming(policyAt: file) {
        guard let bytes = try readWholeFile(file) else { throw FileDefect("there is no \(file)") }
        return try Policy.read(bytes)
      }
    case .commit(let id, let name):
      let tree = try reading { () throws(GitError) in try repository.treeOfCommit(id) }
      return try naming(policyAt: name) {
        guard let bytes = try TreeFiles(repository: repository, tree: tree).file(Policy.path) else {
          throw FileDefect("there is no \(Policy.path)")
        }
        return try Policy.read(bytes)
      }
    }
  }
}

func naming<Value>(registryAt place: String, _ body: () throws -> Value) throws(ReviewProblem) -> Value {
  try naming({ .registry($0, at: place) }, body)
}

private func naming<Value>(policyAt place: String, _ body: () throws -> Value) throws(ReviewProblem) -> Value {
  try naming({ .policy($0, at: place) }, body)
}

private func naming<Value>(
  _ problem: (FileDefect) -> ReviewProblem, _ body: () throws -> Value
) throws(ReviewProblem) -> Value {
  do {
    return try body()
  } catch let defect as FileDefect {
    throw problem(defect)
  } catch let error as GitError {
    throw .git(error)
  } catch {
    throw problem(FileDefect("\(error)"))
  }
}

extension Repository {
  /// One commit, read and parsed strictly.
  package func commit(_ id: ObjectID) throws(GitError) -> CommitParse { try readCommit(id).commit }
}
