internal import Glibc
internal import Review

extension AtomicFile {
  /// Writes several files, all of them or none: what cannot be finished is taken back.
  ///
  /// Each is whole at every moment. Who kills the program between two of them leaves the first ones new and the others
  /// old, so put first what does no harm alone.
  package static func write(together files: [(path: String, bytes: [UInt8])]) throws(FlowError) {
    defer { for file in files { _ = unsafe unlink(temporary(beside: file.path)) } }
    for file in files { _ = try written(file.bytes, beside: file.path) }
    var done: [String] = []
    // What could not be put back stays under its other name: there is no second copy of it.
    defer { for path in done { _ = unsafe unlink(kept(path)) } }
    for file in files {
      do throws(FlowError) {
        try keep(file.path)
        guard unsafe rename(temporary(beside: file.path), file.path) == 0 else {
          throw failure("put into place", file.path)
        }
        done.append(file.path)
      } catch {
        _ = unsafe unlink(kept(file.path))
        var lost: FlowError?
        while let path = done.popLast() {
          if unsafe rename(kept(path), path) == 0 { continue }
          // There was no file of that name before.
          if errno == ENOENT {
            _ = unsafe unlink(path)
          } else {
            lost = failure("put back from \(printable(kept(path)))", path)
          }
        }
        throw lost ?? error
      }
    }
  }

  /// Gives what is at a path a second name, under which it outlives the new file.
  private static func keep(_ path: String) throws(FlowError) {
    _ = unsafe unlink(kept(path))
    guard unsafe Glibc.link(path, kept(path)) == 0 || errno == ENOENT else { throw failure("kept", path) }
  }

  private static func kept(_ path: String) -> String { "\(path).\(getpid()).old" }
}
