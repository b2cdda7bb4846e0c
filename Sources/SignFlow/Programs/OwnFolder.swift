internal import Basics
internal import Glibc
internal import Review

/// Folders below a work tree that the person has not named: what the tree brings may be a link to anywhere.
package enum OwnFolder {
  /// Refuses a link at this place, and a `.git` in it that leads to another repository's.
  package static func demand(_ path: String) throws(FlowError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw FlowError(.impossible, "\(printable(path)) cannot be looked at: \(errorText(errno))")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw FlowError(
        .refused,
        """
        \(printable(path)) is not a folder but \
        \(status.st_mode & S_IFMT == S_IFLNK ? "a symbolic link" : "something else"), and is not followed
        """,
        next:
          """
          git log -- \(shellWord(path.split(separator: "/").last.map(String.init) ?? path)); a link of your own: \
          name where it leads with --signatures DIR
          """)
    }
    guard unsafe lstat(path + "/.git", &status) == 0 else { return }
    // A folder is a clone's own; a file is how git marks a submodule of the tree that it lies in.
    guard status.st_mode & S_IFMT == S_IFDIR || leadsToOwnModule(path) else {
      throw FlowError(
        .refused, "\(printable(path))/.git leads to another repository",
        next: "look who put it there; then clone anew: git clone URL \(shellWord(path))")
    }
  }

  /// `gitdir: ../.git/modules/NAME` and nothing else.
  private static func leadsToOwnModule(_ path: String) -> Bool {
    guard let folder = try? OpenFolder.open(path: path), let bytes = try? folder.file(".git", limit: 4096) else {
      return false
    }
    let text = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    let prefix = "gitdir: ../.git/modules/"
    return text.hasPrefix(prefix) && !text.dropFirst(prefix.count).split(separator: "/").contains("..")
  }
}
