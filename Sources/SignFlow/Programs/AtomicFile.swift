internal import Basics
internal import Crypto
internal import Glibc
internal import Review

/// Files that are there whole or not at all.
package enum AtomicFile {
  /// Writes beside the place and renames, so that whoever kills us leaves the old file or the new one.
  package static func write(_ bytes: [UInt8], to path: String) throws(FlowError) {
    let temporary = try written(bytes, beside: path)
    guard unsafe rename(temporary, path) == 0 else { throw failure("renamed", path) }
  }

  /// Gives a file that was written whole a second name, at which nothing may be yet. False when something is.
  package static func link(_ source: String, to path: String) throws(FlowError) -> Bool {
    // A link, and not a rename: it fails where somebody else's file has appeared meanwhile.
    if unsafe Glibc.link(source, path) == 0 { return true }
    if errno == EEXIST { return false }
    throw failure("put in its place", path)
  }

  /// Writes a file at which nothing may be yet. False when something is.
  package static func create(_ bytes: [UInt8], at path: String) throws(FlowError) -> Bool {
    let temporary = try written(bytes, beside: path)
    defer { _ = unsafe unlink(temporary) }
    return try link(temporary, to: path)
  }

  static func written(_ bytes: [UInt8], beside path: String) throws(FlowError) -> String {
    let temporary = temporary(beside: path)
    do throws(SystemError) {
      try FileWriting.make(temporary, bytes, mode: 0o644, .emptied, synced: true)
    } catch {
      throw FlowError(.impossible, "\(printable(path)) cannot be written: \(errorText(error.number))")
    }
    return temporary
  }

  static func temporary(beside path: String) -> String { "\(path).\(getpid()).new" }

  static func failure(_ what: String, _ path: String) -> FlowError {
    FlowError(.impossible, "\(printable(path)) cannot be \(what): \(errorText(errno))")
  }
}
