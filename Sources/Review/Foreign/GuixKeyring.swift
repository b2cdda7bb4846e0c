package import GitBridge
package import OpenPGP

/// The certificates that a branch of their own holds, as Guix keeps them: any `.key` file of its tree.
///
/// What a certificate is worth does not hang on the branch: a key that no `.guix-authorizations` lists signs in vain.
package struct GuixKeyring: Sendable {
  /// The branch's full name.
  package let ref: String
  /// Where the branch stands.
  package let commit: ObjectID
  /// The certificates.
  package let keyring: Keyring
  /// Files that could not be read. Their keys are unknown.
  package let warnings: [String]

  private static let mostFiles = 4096
  private static let largestFile = 1 << 20

  /// - Parameter name: A branch: a local one, one with its remote's name before it, or one of `origin`.
  package static func read(_ name: String, in repository: Repository) throws(ReviewProblem) -> GuixKeyring {
    let refs =
      name.hasPrefix("refs/") ? [name] : ["refs/heads/", "refs/remotes/", "refs/remotes/origin/"].map { $0 + name }
    for ref in refs where repository.mayBeRef(ref) {
      guard let commit = try reading({ () throws(GitError) in try repository.resolve(ref: ref) }) else { continue }
      return try read(commit, named: ref, in: repository)
    }
    throw .foreignRule(
      "there is no branch \(printable(name)) with the signers' certificates, nor origin/\(printable(name))",
      next: "git fetch origin \(shellWord(name)):\(shellWord(name))   (or name another with --keyring-reference)")
  }

  private static func read(
    _ commit: ObjectID, named ref: String, in repository: Repository
  ) throws(ReviewProblem) -> GuixKeyring {
    var certificates: [Certificate] = []
    var warnings: [String] = []
    for file in try files(of: commit, named: ref, in: repository) {
      let name = printable(file.path)
      let size = try reading { () throws(GitError) in try repository.size(of: file.id) }
      if let size, size > largestFile {
        warnings.append("\(name) is larger than \(largestFile) bytes")
        continue
      }
      let bytes = try reading { () throws(GitError) in try repository.read(file.id, as: .blob) }
      do throws(CertificateDefect) {
        certificates.append(try Certificate.read(bytes))
      } catch {
        warnings.append("\(name): \(error.message)")
      }
    }
    return GuixKeyring(
      ref: ref, commit: commit, keyring: Keyring(certificates), warnings: warnings)
  }

  private static func files(
    of commit: ObjectID, named ref: String, in repository: Repository
  ) throws(ReviewProblem) -> [(path: String, id: ObjectID)] {
    var files: [(path: String, id: ObjectID)] = []
    var seen = 0
    var folders = [(path: "", id: try reading { () throws(GitError) in try repository.treeOfCommit(commit) }, depth: 0)]
    while let folder = folders.popLast() {
      for entry in try reading({ () throws(GitError) in try repository.tree(folder.id) }) {
        seen += 1
        // Attack: a few trees that name each other's folders many times over.
        guard seen <= mostFiles, folder.depth < Repository.deepestFolder else {
          throw .foreignRule(
            "the branch \(printable(ref)) holds more than \(mostFiles) files, or deeper folders than are read",
            next: "name another with --keyring-reference")
        }
        let path = folder.path + String(decoding: entry.name, as: UTF8.self)
        if entry.mode == FileMode.folder {
          folders.append((path + "/", entry.id, folder.depth + 1))
        } else if entry.isRegularFile, path.hasSuffix(".key") {
          files.append((path, entry.id))
        }
      }
    }
    return files
  }
}
