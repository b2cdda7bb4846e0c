internal import Basics
internal import GitBridge
internal import Glibc
internal import Review

/// Somebody else's hook and ours, one after the other, where git has room for one only.
struct HookChain {
  /// The place that git looks at.
  let path: String
  /// Our hook, and the one that was there before.
  var ours: String { path + ".stagex-maint" }
  var before: String { path + ".before-stagex-maint" }

  /// The file that runs both.
  static let shippedName = "chain"

  var isThere: Bool {
    guard let bytes = PlainFile.start(of: path, 1 << 16) else { return false }
    return String(decoding: bytes, as: UTF8.self).contains("before=$0.before-stagex-maint")
  }

  /// Whether a hook may be run under another name: some, such as gitolite's, look beside themselves by their own.
  static func mayBeRenamed(_ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    return !["$0", "${0", "BASH_SOURCE", "argv[0]", "__FILE__", "__file__"].contains { text.contains($0) }
  }

  /// At no moment there is no hook: the other one is given a second name before its place is taken.
  func put(ours bytes: [UInt8], driver: [UInt8]) throws {
    try HookPlaces.write(bytes, to: ours, mode: 0o755)
    guard unsafe link(path, before) == 0 else {
      let reason = errorText(errno)
      unsafe unlink(ours)
      throw Failure.cannotJudge(
        "\(printable(path)) cannot be kept as \(printable(before)): \(reason)", next: "ls -l \(shellWord(path))*")
    }
    do {
      try HookPlaces.write(driver, to: path, mode: 0o755)
    } catch {
      unsafe unlink(before)
      unsafe unlink(ours)
      throw error
    }
  }

  /// Puts the other hook back in its place.
  func undo() throws {
    guard unsafe rename(before, path) == 0 else {
      throw Failure.cannotJudge(
        "\(printable(before)) cannot be put back: \(errorText(errno))", next: "ls -l \(shellWord(path))*")
    }
    unsafe unlink(ours)
  }
}
