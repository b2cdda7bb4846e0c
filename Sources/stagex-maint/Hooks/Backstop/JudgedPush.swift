internal import GitBridge
internal import Glibc
internal import Review

/// What pre-receive has accepted of a push, for the backstop of that same push.
///
/// Git moves the refs of a push one after another, in an order of its own, and asks the backstop about each alone. A
/// merge that leans on another branch of the push cannot be judged then. So pre-receive, which has judged all of them
/// together, leaves them here, named by the process of git that runs the push. Nothing of it outlives that process: no
/// other push, and nothing beside pushes, is judged by it.
struct JudgedPush {
  private let folder: String
  private let push: ReceivePack

  /// Nil outside a push.
  init?(_ repository: Repository) {
    guard let push = ReceivePack.above else { return nil }
    self.push = push
    folder = repository.commonDirectory.trimmingSlash + "/stagex-maint"
  }

  private static let mark = "push-"
  private var path: String { "\(folder)/\(Self.mark)\(push.process)-\(push.start)" }

  /// Keeps the updates of an accepted push. Where that cannot be, the backstop judges each ref for itself.
  func keep(_ updates: [RefUpdate]) {
    unsafe mkdir(folder, 0o700)
    guard Self.isOurs(folder, S_IFDIR) else { return }
    Self.clear(folder)
    var bytes: [UInt8] = []
    for update in updates { bytes += "\(update.old.hex) \(update.new.hex) ".utf8 + update.ref + [UInt8(ascii: "\n")] }
    try? HookPlaces.write(bytes, to: path, mode: 0o600)
  }

  /// The updates that were accepted; none where there is no file that only this user could have written.
  func accepted() -> [RefUpdate] {
    guard Self.isOurs(folder, S_IFDIR), Self.isOurs(path, S_IFREG),
      let bytes = PlainFile.start(of: path, .max), bytes.last == UInt8(ascii: "\n")
    else { return [] }
    return (try? bytes.split(separator: UInt8(ascii: "\n")).map(HookRunning.parse)) ?? []
  }

  /// Takes away what pushes have left that are over.
  private static func clear(_ folder: String) {
    for name in folderNames(folder) where name.hasPrefix(mark) {
      let parts = name.dropFirst(mark.count).split(separator: "-")
      guard parts.count == 2, let process = Int32(parts[0]) else { continue }
      if !ReceivePack(process: process, start: String(parts[1])).isAlive { unsafe unlink("\(folder)/\(name)") }
    }
  }

  /// Attack: somebody else's file, which tells that a push was accepted.
  private static func isOurs(_ path: String, _ kind: mode_t) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == kind && status.st_uid == geteuid()
      && status.st_mode & 0o022 == 0
  }
}

/// The names in a folder, sorted; none where it cannot be read.
func folderNames(_ path: String) -> [String] {
  guard let folder = unsafe opendir(path) else { return [] }
  defer { unsafe closedir(folder) }
  var names: [String] = []
  while let entry = unsafe readdir(folder) {
    let bytes = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
    let name = String(decoding: bytes, as: UTF8.self)
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted()
}
