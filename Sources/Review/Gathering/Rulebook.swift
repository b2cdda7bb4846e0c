package import GitBridge
internal import OpenPGP
internal import Synchronization

/// Registry and policy in force for one step. A class, so that steps can be told to share one.
final class Rules: Sendable {
  let loaded: LoadedRegistry
  let policy: Policy
  /// The files these were read from, unless they are pinned.
  let files: RuleFileIDs
  /// Names the policy in the cache.
  let policyKey: CacheKey

  init(_ loaded: LoadedRegistry, _ policy: Policy, files: RuleFileIDs) {
    self.loaded = loaded
    self.policy = policy
    self.files = files
    policyKey = CacheKey(of: Array(policy.fileText.utf8))
  }

  /// What every verdict under these rules must say.
  var notes: [String] {
    let evidence = policy.evidence == .off ? ["the policy asks for no evidence that keys are on smartcards"] : []
    return evidence + loaded.registry.warnings
  }

  func terms(_ settings: ReviewSettings) -> SignatureTerms {
    SignatureTerms(
      registry: loaded.registry, evidence: policy.evidence,
      reference: settings.reference, clock: settings.clock, condemned: settings.condemned)
  }
}

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

  /// The rules for a step whose first parent has this tree.
  ///
  /// - Parameter files: The ids of the rules' files in that tree, where they are known already.
  func rules(tree: ObjectID, of commit: ObjectID, files: RuleFileIDs? = nil) throws(ReviewProblem) -> Rules {
    let ids: RuleFileIDs
    if let files { ids = files } else { ids = try ruleFiles(tree: tree) }
    // Most trees of a history hold the same rules.
    if let known = shelf.rules(ids) { return known }
    let policy = try policy(tree: tree, of: commit, files: ids)
    let loaded = try proven(try registry(tree: tree, of: commit, files: ids), policy.evidence, by: policy, tree: tree)
    return shelf.keep(Rules(loaded, policy, files: ids), ids)
  }

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
      guard let bytes = try TreeFiles(repository: repository, tree: tree).file(Policy.path) else { return Policy.standard }
      return try Policy.read(bytes)
    }
    shelf.keep(policy, entry)
    return policy
  }

  func registry(
    tree: ObjectID, of commit: ObjectID, files: RuleFileIDs? = nil
  ) throws(ReviewProblem) -> LoadedRegistry {
    if let pinned = shelf.pinnedRegistry { return pinned }
    let ids: RuleFileIDs
    if let files { ids = files } else { ids = try ruleFiles(tree: tree) }
    guard ids.listIsFile else { throw .registry(.notAFile(MaintainersFile.path), at: commit.short) }
    if let known = shelf.registry(list: ids.list, keys: ids.keys) { return known }
    let registry = try naming(registryAt: commit.short) {
      let own = try Registry.read(from: TreeFiles(repository: repository, tree: tree))
      return try shelf.newest.map { try own.adding(selfSignaturesOf: $0) } ?? own
    }
    return shelf.keep(LoadedRegistry(registry, shelf.settings), list: ids.list, keys: ids.keys)
  }
}

/// What a rulebook has read. May be used from several threads.
private final class RuleShelf: Sendable {
  let settings: ReviewSettings
  /// The newest registry at hand: the source of later self-signatures. Nil where the first parent is the newest.
  let newest: Registry?
  let pinnedRegistry: LoadedRegistry?
  let pinnedPolicy: Policy?

  private struct RegistryVersion: Hashable {
    let list: ObjectID?
    let keys: ObjectID?
  }

  private struct State {
    var registries: [RegistryVersion: LoadedRegistry] = [:]
    var policies: [ObjectID: Policy] = [:]
    var rules: [RuleFileIDs: Rules] = [:]
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
  func rules(_ files: RuleFileIDs) -> Rules? { state.withLock { $0.rules[files] } }
  func policy(_ file: ObjectID) -> Policy? { state.withLock { $0.policies[file] } }

  func registry(list: ObjectID?, keys: ObjectID?) -> LoadedRegistry? {
    state.withLock { $0.registries[RegistryVersion(list: list, keys: keys)] }
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

  func keep(_ rules: Rules, _ files: RuleFileIDs) -> Rules {
    state.withLock { state in
      let kept = state.rules[files] ?? rules
      state.rules[files] = kept
      return kept
    }
  }

  func keep(_ registry: LoadedRegistry, list: ObjectID?, keys: ObjectID?) -> LoadedRegistry {
    state.withLock { state in
      let version = RegistryVersion(list: list, keys: keys)
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

private func naming<Value>(registryAt place: String, _ body: () throws -> Value) throws(ReviewProblem) -> Value {
  do {
    return try body()
  } catch let defect as FileDefect {
    throw .registry(defect, at: place)
  } catch let error as GitError {
    throw .git(error)
  } catch {
    throw .registry(FileDefect("\(error)"), at: place)
  }
}

private func naming<Value>(policyAt place: String, _ body: () throws -> Value) throws(ReviewProblem) -> Value {
  do {
    return try body()
  } catch let defect as FileDefect {
    throw .policy(defect, at: place)
  } catch let error as GitError {
    throw .git(error)
  } catch {
    throw .policy(FileDefect("\(error)"), at: place)
  }
}

extension Repository {
  /// One commit, read and parsed strictly.
  package func commit(_ id: ObjectID) throws(GitError) -> CommitParse { try readCommit(id).commit }
}
