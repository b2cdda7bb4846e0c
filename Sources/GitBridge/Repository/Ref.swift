internal import Clibgit2

/// A branch, tag or other name for an object.
package struct Ref: Sendable, Hashable {
  /// The full name, such as `refs/heads/main`.
  package let name: [UInt8]
  /// The object it names itself; nil for a symbolic reference.
  package let target: ObjectID?
  /// The reference it stands for; nil for a direct one.
  package let symbolicTarget: [UInt8]?

  package init(name: [UInt8], target: ObjectID?, symbolicTarget: [UInt8]?) {
    self.name = name
    self.target = target
    self.symbolicTarget = symbolicTarget
  }
}

extension Repository {
  /// All references under `refs/`, by the bytes of their names.
  package func references() throws(GitError) -> [Ref] {
    var iterator: OpaquePointer?
    try Library.check("list references", unsafe git_reference_iterator_new(&iterator, handle))
    defer { unsafe git_reference_iterator_free(iterator) }
    var result: [Ref] = []
    while true {
      var reference: OpaquePointer?
      let status = unsafe git_reference_next(&reference, iterator)
      if status == Code.iterationOver { break }
      try Library.check("list references", status)
      defer { unsafe git_reference_free(reference) }
      result.append(
        Ref(
          name: unsafe cBytes(git_reference_name(reference)) ?? [],
          target: unsafe git_reference_target(reference).map { unsafe ObjectID($0.pointee) },
          symbolicTarget: unsafe cBytes(git_reference_symbolic_target(reference))))
    }
    return result.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  /// Whether a name is well formed as a reference's (git-check-ref-format(1)); `main~1` is not.
  package func mayBeRef(_ name: String) -> Bool {
    var isValid: Int32 = 0
    return unsafe git_reference_name_is_valid(&isValid, name) == 0 && isValid == 1
  }

  /// The object that a full reference name stands for, symbolic references followed, tags not; nil when there is none.
  package func resolve(ref name: String) throws(GitError) -> ObjectID? {
    var oid = git_oid()
    let status = unsafe git_reference_name_to_id(&oid, handle, name)
    if status == Code.notFound { return nil }
    if status == Code.invalidSpec { throw .noSuchRef(name) }
    try Library.check("read \(name)", status)
    return ObjectID(oid)
  }

  /// The reference itself, symbolic references not followed; nil when there is none.
  package func reference(_ name: String) throws(GitError) -> Ref? {
    var reference: OpaquePointer?
    let status = unsafe git_reference_lookup(&reference, handle, name)
    if status == Code.notFound { return nil }
    if status == Code.invalidSpec { throw .noSuchRef(name) }
    try Library.check("read \(name)", status)
    defer { unsafe git_reference_free(reference) }
    return Ref(
      name: Array(name.utf8), target: unsafe git_reference_target(reference).map { unsafe ObjectID($0.pointee) },
      symbolicTarget: unsafe cBytes(git_reference_symbolic_target(reference)))
  }

  /// The commit that a revision names, as `git rev-parse REVISION^{commit}`: a branch, a tag, `HEAD~2`, a short id…
  package func resolve(revision: String) throws(GitError) -> ObjectID {
    var object: OpaquePointer?
    let status = unsafe git_revparse_single(&object, handle, revision)
    if status == Code.ambiguous { throw .ambiguous(revision) }
    if status == Code.notFound || status == Code.invalidSpec { throw .noSuchRef(revision) }
    try Library.check("find \(revision)", status)
    defer { unsafe git_object_free(object) }
    var commit: OpaquePointer?
    let peeled = unsafe git_object_peel(&commit, object, GIT_OBJECT_COMMIT)
    guard peeled == 0 else {
      throw .wrongType(unsafe ObjectID(git_object_id(object).pointee), expected: "commit")
    }
    defer { unsafe git_object_free(commit) }
    return unsafe ObjectID(git_object_id(commit).pointee)
  }

  /// The full name of the branch that HEAD is on, even when it has no commit yet; nil when HEAD is detached.
  package func headBranch() -> String? {
    guard let head = try? reference("HEAD"), let name = head.symbolicTarget else { return nil }
    return String(validating: name, as: UTF8.self)
  }

  /// The full name of the remote-tracking branch that a branch follows; nil when it follows none.
  package func upstream(ofBranch name: String) -> String? {
    var buffer = unsafe git_buf()
    defer { unsafe git_buf_dispose(&buffer) }
    guard unsafe git_branch_upstream_name(&buffer, handle, name) == 0, let text = unsafe buffer.ptr else { return nil }
    return unsafe String(validatingCString: text)
  }
}
