internal import Glibc
internal import Synchronization

/// The git that is installed here: it says what merging again yields, where that can be in doubt.
package struct GitProgram: Sendable, Hashable {
  /// Its absolute path.
  package let path: String

  package init(path: String) { self.path = path }

  /// The first `git` in this process's PATH; folders that depend on where one stands are left out.
  package static let ofThisProcess: GitProgram? = {
    let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? "/usr/bin:/bin"
    for folder in path.split(separator: ":") where folder.hasPrefix("/") {
      let candidate = "\(folder)/git"
      if unsafe access(candidate, X_OK) == 0 { return GitProgram(path: candidate) }
    }
    return nil
  }()

  /// Such as `2.39.5`; nil where it cannot be asked.
  package var version: String? {
    if let known = Self.versions.withLock({ $0[path] }) { return known }
    let version = ask()
    Self.versions.withLock { $0[path] = .some(version) }
    return version
  }

  private static let versions = Mutex<[String: String?]>([:])

  private func ask() -> String? {
    let child = try? ChildProcess(
      program: path, arguments: ["version"], environment: ["LC_ALL=C", "PATH=/usr/bin:/bin"], errors: "/dev/null",
      limits: ChildProcess.Limits(memory: 256 << 20, processor: 10, file: 0))
    guard let child else { return nil }
    let deadline = ContinuousClock.now.advanced(by: .seconds(10))
    while child.receive(until: deadline) == .bytes, child.received.count < 1000 {}
    let words = String(decoding: child.received, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    guard words.count >= 3, words[..<2] == ["git", "version"] else { return nil }
    return String(words[2])
  }
}
