internal import GitBridge
internal import Glibc
internal import Review

/// A policy file that somebody names: a path, seen from the folder of `-C`, or a revision.
struct PolicySource {
  private enum Place {
    case file(String)
    case revision(String, Repository)
  }

  private let place: Place

  /// - Parameter text: nil for the policy that is at hand: of the folder, of the work tree, of HEAD.
  init(_ text: String?, _ common: CommonOptions) throws {
    func here(_ path: String) -> String {
      path.hasPrefix("/") || common.repository == "." ? path : "\(common.repository)/\(path)"
    }
    func isThere(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    if let text {
      // In a bare repository HEAD is a file, too.
      let isFile = isThere(here(text)) && (text.hasSuffix(".toml") || !Self.isRevision(text, common))
      place = isFile ? .file(here(text)) : .revision(text, try common.openRepository())
      return
    }
    if isThere(here(Policy.path)) {
      place = .file(here(Policy.path))
      return
    }
    let repository = try common.openRepository()
    if let tree = repository.workTree?.trimmingSlash {
      place = .file("\(tree)/\(Policy.path)")
    } else {
      place = .revision("HEAD", repository)
    }
  }

  private static func isRevision(_ text: String, _ common: CommonOptions) -> Bool {
    guard let repository = try? common.openRepository() else { return false }
    return (try? repository.resolve(revision: text)) != nil
  }

  /// What people read for it.
  var name: String {
    switch place {
    case .file(let path): path
    case .revision(let text, _): "\(text):\(Policy.path)"
    }
  }

  func bytes() throws -> [UInt8] {
    let missing = Failure.cannotJudge(
      "there is no \(printable(name))", next: "stagex-maint policy show   (the defaults that are in force without one)")
    switch place {
    case .file(let path):
      let found: [UInt8]?
      do throws(FileDefect) {
        found = try readWholeFile(path)
      } catch {
        throw Failure.cannotJudge(printable(error.message), next: "ls -l \(shellWord(path))")
      }
      guard let found else { throw missing }
      return found
    case .revision(let text, let repository):
      let tree = try repository.treeOfCommit(try Session.resolve(text, in: repository))
      guard let entry = try repository.entry(tree: tree, path: Array(Policy.path.utf8)) else { throw missing }
      return try repository.read(entry.id, as: .blob)
    }
  }

  /// Whether there is a policy file; without one the defaults are in force.
  var isThere: Bool {
    switch place {
    case .file(let path): unsafe access(path, F_OK) == 0
    case .revision(let text, let repository):
      (try? Session.resolve(text, in: repository)).flatMap { try? repository.treeOfCommit($0) }
        .flatMap { try? repository.entry(tree: $0, path: Array(Policy.path.utf8)) } ?? nil != nil
    }
  }

  /// The registry that stands beside the policy.
  func registry(_ policy: Policy) throws -> Registry? {
    switch place {
    case .file(let path):
      let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
      let settings = ReviewSettings(clock: Clock.now, threads: 1)
      return try Registry.readIfPresent(folder: folder)?.proven(inFolder: folder, policy: policy, settings: settings)
    case .revision(let text, let repository):
      let session = try Session(repository, nil, moment: .now, engines: .native)
      let commit = try Session.resolve(text, in: repository)
      let tree = try repository.treeOfCommit(commit)
      guard try repository.entry(tree: tree, path: Array(MaintainersFile.path.utf8)) != nil else { return nil }
      return try session.reviewer.registry(at: commit)
    }
  }
}
