import Foundation

/// A person's clone, and what they do in it with git and gpg.
package struct Clone: Sendable {
  package let sandbox: Sandbox
  package let path: String
  /// Where this clone pushes to.
  package var server: String

  /// Runs git in the clone; a failure throws. Answers the output without its last line feed.
  @discardableResult
  package func git(_ words: String...) async throws -> String {
    try await sandbox.must(["git"] + words, in: path)
  }

  /// Writes a file and commits it. With a person, the commit is theirs and signed with their key.
  @discardableResult
  package func commit(
    _ file: String, _ text: String, by person: Person? = nil, message: String = "Change a file"
  ) async throws -> String {
    try await write(file, text)
    return try await commitIndex(by: person, ["--message", message])
  }

  /// Writes a file and adds it to the index.
  package func write(_ file: String, _ text: String) async throws {
    let target = URL(filePath: path).appending(path: file)
    try FileManager.default.createDirectory(
      at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: target, atomically: false, encoding: .utf8)
    try await git("add", "--", file)
  }

  /// Commits what is in the index, `git commit` being given `words`.
  @discardableResult
  package func commitIndex(by person: Person?, _ words: [String]) async throws -> String {
    try await sandbox.must(["git"] + identity(person) + ["commit", "--quiet"] + signing(person) + words, in: path)
    return try await git("rev-parse", "HEAD")
  }

  /// The empty commit by which a maintainer adopts an outsider's branch.
  @discardableResult
  package func adopt(by person: Person?) async throws -> String {
    try await commitIndex(by: person, ["--allow-empty", "--message", "Adopt"])
  }

  /// Merges into the branch that is checked out, always with a merge commit.
  @discardableResult
  package func merge(_ revisions: String..., by person: Person?) async throws -> String {
    try await sandbox.must(
      ["git"] + identity(person) + ["merge", "--quiet", "--no-ff", "--no-edit"] + signing(person) + revisions,
      in: path)
    return try await git("rev-parse", "HEAD")
  }

  /// Writes a file into the last commit, which is signed anew.
  @discardableResult
  package func amend(_ file: String, _ text: String, by person: Person?) async throws -> String {
    try await write(file, text)
    return try await commitIndex(by: person, ["--amend", "--no-edit"])
  }

  /// One change by `author` on a topic branch, merged by `merger` into the branch that is checked out.
  @discardableResult
  package func change(_ file: String, by author: Person?, mergedBy merger: Person?) async throws -> String {
    let branch = try await git("symbolic-ref", "--short", "HEAD")
    try await git("checkout", "--quiet", "-b", "topic/\(file)")
    try await commit(file, "\(file)\n", by: author)
    try await git("checkout", "--quiet", branch)
    return try await merge("topic/\(file)", by: merger)
  }

  /// A branch of many unsigned commits, made by one `git fast-import`.
  /// - Returns: the id of the last.
  @discardableResult
  package func unsignedCommits(_ count: Int, onto base: String, as branch: String) async throws -> String {
    var stream = ""
    for number in 1...count {
      stream += "commit refs/heads/\(branch)\n"
      stream += "committer Outsider <outsider@example.invalid> \(1_760_000_000 + number) +0000\n"
      stream += "data <<.\nChange \(number)\n.\n"
      if number == 1 { stream += "from refs/heads/\(base)^0\n" }
      stream += "M 100644 inline many/\(number % 50)\ndata <<.\n\(number)\n.\n"
    }
    try await sandbox.must(["git", "fast-import", "--quiet"], in: path, input: Array(stream.utf8))
    return try await git("rev-parse", branch)
  }

  /// Pushes, and says what came of it. `words`: refspecs and options.
  package func push(_ words: String..., to other: String? = nil, extra: [String: String] = [:]) async throws -> Finished
  {
    try await sandbox.run(["git", "push", other ?? server] + words, in: path, extra: extra)
  }

  private func identity(_ person: Person?) -> [String] {
    guard let person else { return [] }
    return ["-c", "user.name=\(person.name)", "-c", "user.email=\(person.email)"]
  }

  private func signing(_ person: Person?) -> [String] {
    person.map { ["--gpg-sign=\($0.fingerprint)"] } ?? ["--no-gpg-sign"]
  }
}
