internal import ArgumentParser
internal import Basics
internal import GitBridge
internal import Glibc
internal import OpenPGP
internal import Review
internal import SignFlow

/// The folder that a registry is changed in: a work tree, or one that was named.
struct RegistryFolder {
  let path: String
  /// The remote that the change goes to.
  let remote: String
  /// Whether there is a commit already that a change can be reviewed against.
  let hasHistory: Bool

  init(_ folder: String?, _ common: CommonOptions) throws {
    if let folder {
      path = folder.trimmingSlash
      (remote, hasHistory) = ("origin", true)
      guard unsafe access(folder, F_OK) == 0 else {
        throw Failure.cannotJudge(
          "there is no folder \(printable(folder))", next: "name the registry's folder: --registry DIR")
      }
      return
    }
    let repository = try common.openRepository()
    guard let tree = repository.workTree else {
      throw Failure.usage("a bare repository has no work tree to write into", next: "stagex-maint keys add, in a clone")
    }
    path = tree.trimmingSlash
    remote = repository.config("maint.remote") ?? "origin"
    hasHistory = (try? repository.resolve(revision: "HEAD")) != nil
  }

  /// The list of maintainers as it is; nil when there is none.
  func list() throws -> [UInt8]? { try HookPlaces.readFile("\(path)/\(MaintainersFile.path)") }

  /// Writes all of the files, or none.
  ///
  /// - Parameter list: The list of maintainers as it was judged.
  func write(_ files: [(path: String, bytes: [UInt8])], unlessChanged list: [UInt8]?) throws {
    guard !files.isEmpty else { return }
    guard try self.list() == list else {
      throw Failure(
        message: "\(MaintainersFile.path) has changed meanwhile; nothing was written",
        next: "stagex-maint keys add …, again", status: ExitCode(75))
    }
    let keys = "\(path)/\(Registry.keysFolder)"
    // Attack: a branch of a stranger's in which one of these is a link to a place outside of the work tree.
    for place in [keys] + files.map({ "\(path)/\($0.path)" }) where isLink(place) {
      throw Failure.cannotJudge(
        "\(printable(place)) is a symbolic link; nothing was written", next: "ls -ld \(shellWord(place))")
    }
    let isNew = unsafe mkdir(keys, 0o755) == 0
    guard isNew || errno == EEXIST else {
      throw Failure.cannotJudge("\(printable(keys)) cannot be made: \(errorText(errno))")
    }
    do {
      try flow { () throws(FlowError) in try AtomicFile.write(together: files.map { ("\(path)/\($0.path)", $0.bytes) })
      }
    } catch {
      if isNew { _ = unsafe rmdir(keys) }
      throw error
    }
  }

  private func isLink(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  /// How a git command for this folder begins.
  var git: [String] { isHere ? ["git"] : ["git", "-C", shellWord(path, limit: 500)] }

  /// Whether it is the folder that the command is run in.
  var isHere: Bool {
    var buffer = [CChar](repeating: 0, count: 4096)
    let here =
      unsafe getcwd(&buffer, buffer.count) != nil
      ? String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : ""
    return path == "." || path == here
  }
}
