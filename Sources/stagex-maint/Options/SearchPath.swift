internal import Glibc

/// Where programs are looked for.
enum SearchPath {
  /// Leaves the folders out that depend on where one stands.
  ///
  /// Attack: PATH holds `.` or an empty part, the person stands in a work tree that has the request checked out, and
  /// the request brings a program called git.
  static func dropRelativeFolders() {
    guard let path = unsafe getenv("PATH").map({ unsafe String(cString: $0) }) else { return }
    let folders = path.split(separator: ":", omittingEmptySubsequences: false)
    let absolute = folders.filter { $0.hasPrefix("/") }
    guard absolute.count != folders.count else { return }
    _ = unsafe setenv("PATH", absolute.isEmpty ? "/usr/bin:/bin" : absolute.joined(separator: ":"), 1)
  }
}
