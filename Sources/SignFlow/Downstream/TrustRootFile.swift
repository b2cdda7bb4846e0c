internal import Basics
internal import Crypto
package import GitBridge
package import Review

/// A trust root as a project publishes it and as a computer remembers it: a file `trust-root`.
///
///     # The commit from which StageX is judged.
///     commit 0123456789abcdef0123456789abcdef01234567
///     lead staging
///     fingerprint 1a2b 3c4d …
///
/// Only `commit` must be there.
package struct TrustRootFile: Sendable, Equatable {
  /// The commit that is trusted.
  package var commit: ObjectID
  /// The branch that carries the rules, where the trust root's own policy does not say.
  package var lead: String?
  /// See ``fingerprint(of:in:)``.
  package var fingerprint: String?

  package init(commit: ObjectID, lead: String? = nil, fingerprint: String? = nil) {
    (self.commit, self.lead, self.fingerprint) = (commit, lead, fingerprint)
  }

  /// - Throws: `FileDefect` for a line that is not understood: half a trust root is none.
  package static func read(_ bytes: [UInt8]) throws(FileDefect) -> TrustRootFile {
    guard let text = String(validating: bytes, as: UTF8.self), bytes.count < 4096 else {
      throw FileDefect("it is no short text")
    }
    var values: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
      let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
      guard parts.count == 2, ["commit", "lead", "fingerprint"].contains(parts[0]),
        values.updateValue(parts[1], forKey: parts[0]) == nil
      else {
        throw FileDefect("there is a line that is neither commit, lead nor fingerprint: \(printable(String(line)))")
      }
    }
    guard let commit = values["commit"].flatMap({ ObjectID(hexString: $0) }) else {
      throw FileDefect("there is no line: commit, and its 40 digits")
    }
    let fingerprint = values["fingerprint"].map { $0.filter { $0 != " " } }
    guard fingerprint.map({ bytesOfHex($0)?.count == 32 }) ?? true else {
      throw FileDefect("its fingerprint is not 64 digits in groups")
    }
    return TrustRootFile(commit: commit, lead: values["lead"], fingerprint: fingerprint)
  }

  /// The file's content, with a line for people.
  package func text(comment: String) -> String {
    var lines = ["# \(comment)", "commit \(commit.hex)"]
    if let lead { lines.append("lead \(lead)") }
    if let fingerprint { lines.append("fingerprint \(fingerprint)") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A digest that does not lean on SHA-1, by which git names a commit: SHA-256 over the commit's bytes and the SHA-512
  /// digest of its whole tree. 64 lower-case digits.
  package static func fingerprint(of commit: ObjectID, in repository: Repository) throws(GitError) -> String {
    let (_, bytes) = try repository.readCommit(commit)
    var hash = SHA256()
    hash.update(data: bytes)
    hash.update(data: try repository.treeDigestSHA512(try repository.treeOfCommit(commit)))
    return hash.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  /// In groups of four, to be read aloud.
  package static func grouped(_ fingerprint: String) -> String {
    var groups: [String] = []
    var rest = fingerprint[...]
    while !rest.isEmpty {
      groups.append(String(rest.prefix(4)))
      rest = rest.dropFirst(4)
    }
    return groups.joined(separator: " ")
  }
}
