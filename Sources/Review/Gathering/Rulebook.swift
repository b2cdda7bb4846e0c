package import GitBridge
internal import OpenPGP

/// Registry and policy in force for one step. A class, so that steps can be told to share one.
final class Rules {
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
      reference: settings.reference, clock: settings.clock)
  }
}

/// Reads the registry and the policy of each step from the tree of its first parent, each version once.
final class Rulebook {
  private let repository: Repository
  private let settings: ReviewSettings
  /// The newest registry at hand: the source of later self-signatures. Nil where the first parent is the newest.
  private let newest: Registry?
  private let pinnedRegistry: LoadedRegistry?
  let pinnedPolicy: Policy?
  private var registries: [RegistryVersion: LoadedRegistry] = [:]
  private var policies: [ObjectID: Policy] = [:]
  private var byTree: [ObjectID: Rules] = [:]
  private var byFiles: [RuleFileIDs: Rules] = [:]
  private var filesOfTree: [ObjectID: RuleFileIDs] = [:]

  private struct RegistryVersion: Hashable {
    let list: ObjectID?
    let keys: ObjectID?
  }

  /// - Parameter newestCommit: The commit whose registry is the newest at hand.
  init(_ repository: Repository, _ settings: ReviewSettings, newestCommit: ObjectID?) throws(ReviewProblem) {
    self.repository = repository
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

  var isRegistryPinned: Bool { pinnedRegistry != nil }
  var isPolicyPinned: Bool { pinnedPolicy != nil }

  /// The ids of the files that the rules of a tree are read from. They all lie at the top of it.
  func ruleFiles(tree: ObjectID) throws(ReviewProblem) -> RuleFileIDs {
    if let known = filesOfTree[tree] { return known }
    let entries = try reading { () throws(GitError) in try repository.tree(tree) }
    func entry(_ name: String) -> TreeEntry? {
      entries.first { $0.name.elementsEqual(name.utf8) }
    }
    let (list, policy) = (entry(MaintainersFile.path), entry(Policy.path))
    var files = RuleFileIDs(list: list?.id, keys: entry(Registry.keysFolder)?.id, policy: policy?.id)
    files.listIsFile = list?.isRegularFile ?? true
    files.policyIsFile = policy?.isRegularFile ?? true
    // Each step's new tree is the next step's old one.
    if filesOfTree.count > 4096 { filesOfTree.removeAll(keepingCapacity: true) }
    filesOfTree[tree] = files
    return files
  }

  /// The rules for a step whose first parent has this tree.
  ///
  /// - Parameter files: The ids of the rules' files in that tree, where they are known already.
  func rules(tree: ObjectID, of commit: ObjectID, files: RuleFileIDs? = nil) throws(ReviewProblem) -> Rules {
    if let known = byTree[tree] { return known }
    let ids: RuleFileIDs
    if let files { ids = files } else { ids = try ruleFiles(tree: tree) }
    // Most trees of a history hold the same rules.
    if let known = byFiles[ids] { return known }
    let rules = Rules(
      try registry(tree: tree, of: commit, files: ids), try policy(tree: tree, of: commit, files: ids), files: ids)
    byFiles[ids] = rules
    // A history may have as many trees as commits; the versions behind them are few.
    if byTree.count > 4096 { byTree.removeAll(keepingCapacity: true) }
    byTree[tree] = rules
    return rules
  }

  func policy(tree: ObjectID, of commit: ObjectID, files: RuleFileIDs? = nil) throws(ReviewProblem) -> Policy {
    if let pinnedPolicy { return pinnedPolicy }
    let ids: RuleFileIDs
    if let files { ids = files } else { ids = try ruleFiles(tree: tree) }
    let place = "\(commit.short):\(Policy.path)"
    guard ids.policyIsFile else { throw .policy(.notAFile(Policy.path), at: place) }
    guard let entry = ids.policy else { return .standard }
    if let known = policies[entry] { return known }
    let policy = try naming(policyAt: place) {
      guard let bytes = try TreeFiles(repository: repository, tree: tree).file(Policy.path) else { return Policy.standard }
      return try Policy.read(bytes)
    }
    policies[entry] = policy
    return policy
  }

  func registry(
    tree: ObjectID, of commit: ObjectID, files: RuleFileIDs? = nil
  ) throws(ReviewProblem) -> LoadedRegistry {
    if let pinnedRegistry { return pinnedRegistry }
    let ids: RuleFileIDs
    if let files { ids = files } else { ids = try ruleFiles(tree: tree) }
    guard ids.listIsFile else { throw .registry(.notAFile(MaintainersFile.path), at: commit.short) }
    let version = RegistryVersion(list: ids.list, keys: ids.keys)
    if let known = registries[version] { return known }
    let registry = try naming(registryAt: commit.short) {
      let own = try Registry.read(from: TreeFiles(repository: repository, tree: tree))
      return try newest.map { try own.adding(selfSignaturesOf: $0) } ?? own
    }
    let loaded = LoadedRegistry(registry, settings)
    registries[version] = loaded
    return loaded
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
