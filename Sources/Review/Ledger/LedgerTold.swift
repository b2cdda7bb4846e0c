package import GitBridge
internal import Glibc

extension Ledger {
  /// Whether there are files, although nothing can be read from them.
  package var mayBeBroken: Bool { unsafe access(files.currentPath, F_OK) == 0 || !files.numbers().isEmpty }

  /// Notes that a person was told why a ref was refused.
  ///
  /// - Returns: When the very same was told before; nil where it was not, so that all of it is to be said.
  package func told(_ ref: [UInt8], _ shown: ObjectID?, _ verdict: Verdict, at time: Int64) -> Int64? {
    let path = "\(files.folder)/told"
    let codes = verdict.refusals.map(\.code.rawValue).sorted().joined(separator: ",")
    let key = "\((shown ?? .zero).hex) \(codes.prefix(500)) \(printable(ref, limit: 1024))"
    let bytes = (try? readWholeFile(path, flags: O_NOFOLLOW)) ?? []
    var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    for line in lines {
      guard let space = line.firstIndex(of: " "), line[line.index(after: space)...] == key else { continue }
      return Int64(line[..<space])
    }
    lines.append("\(time) \(key)")
    guard (try? files.make()) != nil else { return nil }
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_TRUNC, 0o600)
    guard file >= 0 else { return nil }
    // A few dozen are enough: what falls out is told once more.
    try? LedgerFiles.write(Array((lines.suffix(200).joined(separator: "\n") + "\n").utf8), to: file, path)
    close(file)
    return nil
  }
}
