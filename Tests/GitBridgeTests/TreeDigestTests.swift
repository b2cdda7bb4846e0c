import Support
import Testing

@testable import GitBridge

struct TreeDigestTests {
  /// The digest as anybody can compute it with git and coreutils.
  private let shell = #"""
    set -e
    git ls-tree -r -z "$1" | while IFS= read -r -d '' line; do
      head=${line%%$'\t'*} path=${line#*$'\t'}
      mode=${head%% *} id=${head##* }
      printf '%s %s\0' "$mode" "$path"
      if [ "$mode" = 160000 ]; then
        printf '40\0%s' "$id"
      else
        printf '%s\0' "$(git cat-file -s "$id")"
        git cat-file blob "$id"
      fi
    done | sha512sum | cut -d ' ' -f 1
    """#

  private func shellDigest(_ tree: ObjectID, _ scripted: ScriptedRepository) throws -> String {
    let finished = try Program.run(["bash", "-c", shell, "bash", "\(tree)"], in: scripted.path)
    return finished.status == 0 ? finished.lines[0] : finished.errorText
  }

  private func digest(_ tree: ObjectID, _ scripted: ScriptedRepository) throws -> String {
    try scripted.repository.treeDigestSHA512(tree).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  @Test func `a shell computes the same digest`() throws {
    let scripted = try ScriptedRepository()
    let commit = try scripted.commit()
    let tree = try scripted.tree([
      "a": "1", "a-b/c": .executable("2\n"), "a.b": "", "d/x/y": .file("\u{E9}\0\n\n"), "sub": .gitlink(commit),
      "link": .link(to: "a"), "sp ace/\u{E9} \"quoted\"": "x", "tab\there": "y",
    ])
    #expect(try digest(tree, scripted) == shellDigest(tree, scripted))
    let empty = try scripted.tree(Files())
    #expect(try digest(empty, scripted) == shellDigest(empty, scripted))
  }

  @Test func `every path, mode and content counts, and borders cannot be moved`() throws {
    let scripted = try ScriptedRepository()
    let commit = try scripted.commit()
    let variants: [Files] = [
      [:], ["a": "1"], ["b": "1"], ["a": "2"], ["a": .executable("1")], ["a": .link(to: "1")], ["a/b": "1"],
      ["a": "1", "b": ""], ["a": "", "b": "1"], ["a": .file("1\0100644 b\00\0")], ["a": .gitlink(commit)],
      ["a": .file("\(commit)")], ["a": .file("")],
    ]
    let digests = try variants.map { try digest(scripted.tree($0), scripted) }
    #expect(Set(digests).count == variants.count)
  }

  @Test(.enabled(if: Shared.path("data/stagex-replica/history.bundle") != nil))
  func `a real tree has the digest that a shell computes`() throws {
    let scripted = try ScriptedRepository()
    try scripted.git(
      "fetch", "-q", Shared.path("data/stagex-replica/history.bundle")!, "refs/heads/main:refs/heads/main")
    let repository = try scripted.reopened()
    let tree = try repository.treeOfCommit(repository.resolve(revision: "refs/heads/main"))
    let ours = try repository.treeDigestSHA512(tree).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    #expect(try ours == shellDigest(tree, scripted))
  }

  @Test func `a missing content is an error, not a digest`() throws {
    let scripted = try ScriptedRepository()
    let missing = ObjectID(hexString: "1111111111111111111111111111111111111111")!
    let tree = try scripted.repository.writeTree([TreeEntry(mode: FileMode.file, name: [97], id: missing)])
    #expect(throws: GitError.missingObject(missing, promised: false)) {
      try scripted.repository.treeDigestSHA512(tree)
    }
  }
}
