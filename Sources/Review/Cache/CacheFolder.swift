internal import GitBridge
internal import Glibc

/// The folder beside a repository in which facts are kept between runs.
///
/// What is in it cannot come from a push: git never writes there, and a file is used only if it and the folder belong
/// to the user who runs this and nobody else may write them: somebody else's could tell us that anything was signed.
struct CacheFolder {
  private let path: String

  init(_ repository: Repository) {
    let common = repository.commonDirectory
    path = (common.hasSuffix("/") ? common : common + "/") + "stagex-maint"
  }

  /// A file's bytes; nil where there is none that may be trusted.
  func read(_ name: String) -> MappedFile? {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, Self.isOurs(status) else { return nil }
    let file = unsafe open("\(path)/\(name)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { return nil }
    defer { close(file) }
    guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, Self.isOurs(status) else { return nil }
    return MappedFile(file, size: Int(status.st_size))
  }

  /// Writes a file anew under a temporary name and moves it into place, so that others see the old one or the new one.
  ///
  /// A cache that cannot be written is no error: the answer does not depend on it.
  func replace(_ name: String, with write: (inout CacheWriter) -> Void) {
    unsafe mkdir(path, 0o700)
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, Self.isOurs(status) else { return }
    let place = "\(path)/\(name)"
    let temporary = "\(place).\(getpid())"
    let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { return }
    var writer = CacheWriter(file)
    write(&writer)
    let good = writer.finish()
    if !(close(file) == 0 && good) || (unsafe rename(temporary, place)) != 0 { unsafe unlink(temporary) }
  }

  private static func isOurs(_ status: stat) -> Bool {
    status.st_uid == geteuid() && status.st_mode & 0o022 == 0
  }
}
