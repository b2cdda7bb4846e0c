internal import Glibc
internal import Review

/// The `git receive-pack` that a hook was started by, directly or through a forge's script: one push.
struct ReceivePack: Equatable {
  let process: Int32
  /// When the process began, in the kernel's ticks: a number that is given again later has another.
  let start: String

  /// The nearest one above this process; nil outside a push, and where the kernel does not tell.
  static var above: ReceivePack? {
    var process = getppid()
    // A forge and its scripts stand between; nobody nests deeper.
    for _ in 0..<12 where process > 1 {
      guard let (parent, start) = origin(of: process) else { return nil }
      if isReceivePack(process) { return ReceivePack(process: process, start: start) }
      process = parent
    }
    return nil
  }

  var isAlive: Bool { Self.origin(of: process)?.start == start }

  /// proc(5): the fields behind the name, which stands in parentheses and may hold anything.
  private static func origin(of process: Int32) -> (parent: Int32, start: String)? {
    guard let text = PlainFile.start(of: "/proc/\(process)/stat", 1 << 12) else { return nil }
    let fields = text.suffix(from: text.lastIndex(of: UInt8(ascii: ")")) ?? text.endIndex).split(
      separator: UInt8(ascii: " ")
    )
    .map { String(decoding: $0, as: UTF8.self) }
    guard fields.count > 20, let parent = Int32(fields[2]) else { return nil }
    return (parent, fields[20])
  }

  private static func isReceivePack(_ process: Int32) -> Bool {
    guard let words = PlainFile.start(of: "/proc/\(process)/cmdline", 1 << 16)?.split(separator: 0),
      let first = words.first
    else { return false }
    let name = String(decoding: first.split(separator: UInt8(ascii: "/")).last ?? [], as: UTF8.self)
    return name == "git-receive-pack" || (name == "git" && words.contains { $0.elementsEqual("receive-pack".utf8) })
  }
}
