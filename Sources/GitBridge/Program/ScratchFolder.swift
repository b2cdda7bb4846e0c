internal import Basics
internal import Glibc

/// A repository that is thrown away: git works in it on the objects of another, and writes into this one.
///
/// It holds no setting, no attribute, no hook and no ref but what stands here, so that nobody's can take part.
final class ScratchFolder {
  private let folder: PassingFolder

  /// Where it is.
  var path: String { folder.path }

  /// - Parameter settings: its configuration, below `[core]`.
  init(settings: String) throws(GitError) {
    do throws(SystemError) {
      folder = try PassingFolder(prefix: "stagex-maint-merge-")
      for name in ["objects", "refs"] where unsafe mkdir("\(folder.path)/\(name)", 0o700) != 0 {
        throw SystemError("filled", errno)
      }
      try write("HEAD", "ref: refs/heads/none\n")
      try write("config", "[core]\n\trepositoryFormatVersion = 0\n\tbare = true\n" + settings)
    } catch {
      throw .program("merging again", message: "a folder for it cannot be \(error.what) (errno \(error.number))")
    }
  }

  private func write(_ name: String, _ text: String) throws(SystemError) {
    try FileWriting.make("\(path)/\(name)", text.utf8, mode: 0o600)
  }

  /// The first bytes of a file in here.
  func read(_ name: String, atMost count: Int) -> [UInt8] {
    let file = unsafe open("\(path)/\(name)", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return [] }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: count)
    let read = unsafe bytes.withUnsafeMutableBytes { unsafe pread(file, $0.baseAddress, $0.count, 0) }
    return Array(bytes.prefix(max(0, read)))
  }
}
