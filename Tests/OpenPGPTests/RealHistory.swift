import Glibc
import OpenPGP

/// Commits and certificates of real repositories, read by git itself, so that nothing of ours is trusted with it.
struct RealHistory {
  struct Commit {
    let id: String
    /// What was signed: the commit without its signature header.
    let payload: [UInt8]
    /// The armor of the signature header; empty when there is none.
    let armor: [UInt8]
  }

  /// A bare repository unpacked from the shared data, removed with this object.
  final class Repository {
    let path: String

    init(unpacking command: String) {
      var template = Array("/tmp/openpgp-tests-XXXXXX".utf8CString)
      path = String(cString: mkdtemp(&template)!)
      _ = output("cd \(path) && \(command)")
    }

    deinit { _ = output("rm -rf \(path)") }
  }

  /// Standard output of a shell command made of our own words.
  static func output(_ command: String) -> [UInt8] {
    guard let pipe = popen(command, "r") else { return [] }
    defer { pclose(pipe) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, pipe), count > 0 { bytes += chunk[..<count] }
    return bytes
  }

  /// All commits that `revision` reaches.
  static func commits(of revision: String, in repository: String) -> [Commit] {
    let stream = output("cd \(repository) && git rev-list \(revision) | git cat-file --batch")
    var commits: [Commit] = []
    var position = 0
    while position < stream.count {
      let lineEnd = stream[position...].firstIndex(of: 10)!
      let words = stream[position..<lineEnd].split(separator: UInt8(ascii: " "))
      let size = Int(String(decoding: words[2], as: UTF8.self))!
      commits.append(commit(String(decoding: words[0], as: UTF8.self), stream[(lineEnd + 1)..<(lineEnd + 1 + size)]))
      position = lineEnd + size + 2
    }
    return commits
  }

  private static func commit(_ id: String, _ bytes: ArraySlice<UInt8>) -> Commit {
    var payload: [UInt8] = []
    var armor: [UInt8] = []
    var isInSignature = false
    var rest = bytes
    while let end = rest.firstIndex(of: 10), end > rest.startIndex {
      let line = rest[...end]
      rest = rest[(end + 1)...]
      if line.starts(with: "gpgsig ".utf8) {
        isInSignature = true
        armor += line.dropFirst(7)
      } else if isInSignature && line.first == UInt8(ascii: " ") {
        armor += line.dropFirst()
      } else {
        isInSignature = false
        payload += line
      }
    }
    return Commit(id: id, payload: payload + rest, armor: armor)
  }
}
