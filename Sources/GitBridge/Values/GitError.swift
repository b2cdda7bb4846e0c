/// Why a repository, or an object in it, cannot be judged. Never a verdict on somebody's change.
package enum GitError: Error, Sendable, Equatable {
  /// No repository at this path nor above it.
  case notARepository(path: String)
  /// The repository's files belong to another user, who could make this process run or read what they like.
  case foreignOwner(path: String)
  /// The repository is a folder of another one's work tree: whoever wrote that tree wrote its settings.
  case embedded(path: String, workTree: String)
  /// SHA-256 objects, an unknown extension or format version.
  case unsupportedRepository(path: String, reason: String)
  /// History is cut off: what is below the cut cannot be judged.
  case shallow(path: String)
  /// The object is not here; `promised` when the repository is a partial clone that may fetch it.
  case missingObject(ObjectID, promised: Bool)
  /// The object is of another kind than its place requires.
  case wrongType(ObjectID, expected: String)
  /// The object's bytes do not follow git's grammar, or do not have the id they are stored under.
  case malformedObject(ObjectID, reason: String)
  /// The object is larger than anything a distribution's repository holds; it is not expanded.
  case limit(ObjectID, reason: String)
  /// No reference of this name.
  case noSuchRef(String)
  /// A revision that names several objects.
  case ambiguous(String)
  /// A reference has moved since it was read, or another process holds its lock.
  case refMoved(String)
  /// Another program, or the folder that it works in, could not do what it was asked.
  case program(String, message: String)
  /// This took longer than it was given.
  case outOfTime(String)
  /// libgit2 reports something else. `code` is one of its `GIT_E…` numbers.
  case library(operation: String, code: Int32, message: String)
}

extension GitError {
  /// What is wrong, in one sentence. May contain names from the repository: clean it before showing it.
  package var message: String {
    switch self {
    case .notARepository(let path): "no git repository at \(path)"
    case .foreignOwner(let path): "the repository \(path) belongs to another user"
    case .embedded(let path, let workTree):
      "the repository \(path) lies in the work tree \(workTree): its settings may be anybody's"
    case .unsupportedRepository(let path, let reason): "the repository \(path) is of an unsupported kind: \(reason)"
    case .shallow(let path): "the repository \(path) is a shallow clone: its history is cut off"
    case .missingObject(let id, promised: false): "object \(id) is missing from the repository"
    case .missingObject(let id, promised: true): "object \(id) has not been fetched: this is a partial clone"
    case .wrongType(let id, let expected): "object \(id) is not a \(expected)"
    case .malformedObject(let id, let reason): "object \(id) is malformed: \(reason)"
    case .limit(let id, let reason): "object \(id) is too large to judge: \(reason)"
    case .noSuchRef(let name): "there is no reference or commit \(name)"
    case .ambiguous(let name): "\(name) names more than one object"
    case .refMoved(let name): "\(name) has moved meanwhile, or is locked by another process"
    case .program(let name, let message): "\(name) failed: \(message)"
    case .outOfTime(let operation): "\(operation) took longer than the time it is given"
    case .library(let operation, let code, let message): "\(operation) failed: \(message) (libgit2 error \(code))"
    }
  }

  /// The command that mends it, or that finds out more.
  package var next: String {
    switch self {
    case .notARepository: "cd into the repository, or name it with --repo DIR"
    case .foreignOwner(let path): "git config --global --add safe.directory \(shellQuoted(path))"
    case .embedded(let path, let workTree):
      "cd \(shellQuoted(workTree)); or, if you have made it yourself: "
        + "git config --global --add safe.directory \(shellQuoted(path))"
    case .unsupportedRepository: "git config --local --get-regexp 'core.repositoryformatversion|extensions.*'"
    case .shallow: "git fetch --unshallow   (in CI: fetch-depth: 0)"
    case .missingObject(_, promised: false): "git fsck --full"
    case .missingObject(_, promised: true): "git fetch --refetch --no-filter"
    case .wrongType(let id, _): "git cat-file -t \(id)"
    case .malformedObject(let id, _): "git cat-file -p \(id)"
    case .limit(let id, _): "git cat-file -s \(id)"
    case .noSuchRef: "git for-each-ref"
    case .ambiguous: "give the full name (refs/heads/…) or the full 40-digit id"
    case .refMoved: "fetch, and try again"
    case .program: "stagex-maint hook doctor"
    case .outOfTime: "git config maint.budget SECONDS   (on the server: more than it is now)"
    case .library: "git fsck --full"
    }
  }
}

/// One word for a POSIX shell, whatever `text` contains.
package func shellQuoted(_ text: String) -> String {
  let plain = text.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
      UInt8(ascii: "@"), UInt8(ascii: "="), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "+"):
      true
    default: false
    }
  }
  if plain && !text.isEmpty { return text }
  var quoted = "'"
  for scalar in text.unicodeScalars {
    if scalar == "'" { quoted += "'\\''" } else { quoted.unicodeScalars.append(scalar) }
  }
  return quoted + "'"
}
