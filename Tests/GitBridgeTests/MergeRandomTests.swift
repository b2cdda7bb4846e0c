import GitBridge
import Support
import Testing

/// Random changes to random trees, merged by us and by git.
struct MergeRandomTests {
  @Test(arguments: 0..<40)
  func `random merges come out as with git`(seed: Int) throws {
    var random = SeededGenerator(UInt64(seed) + 1000)
    let scripted = try ScriptedRepository()
    let base = files(&random)
    let root = try scripted.commit(files: base)
    for _ in 0..<4 {
      let ours = try scripted.commit(files: changed(base, seed, &random), parents: [root])
      let theirs = try scripted.commit(files: changed(base, seed, &random), parents: [root])
      let finished = try scripted.gitMayFail(["merge-tree", "--write-tree", "\(ours)", "\(theirs)"])
      let git = finished.status == 0 ? ObjectID(hexString: finished.lines[0]) : nil
      switch try scripted.repository.mergeAgain(parents: [ours, theirs]) {
      case .clean(let tree): #expect(tree == git, "\(ours) \(theirs) \(finished.text)")
      case .conflict: #expect(git == nil, "\(ours) \(theirs)")
      }
    }
  }

  private func files(_ random: inout SeededGenerator) -> Files {
    var files = Files()
    for number in 0..<12 {
      let folder = ["", "a/", "a/b/", "c/"].randomElement(using: &random)!
      let lines = (0..<20).map { "\(number) line \($0)\n" }.joined()
      files.entries["\(folder)\(number)"] = .file(lines)
    }
    return files
  }

  private func changed(_ base: Files, _ seed: Int, _ random: inout SeededGenerator) -> Files {
    var files = base
    for _ in 0..<Int.random(in: 1...5, using: &random) {
      guard let path = files.entries.keys.sorted().randomElement(using: &random), var file = files.entries[path]
      else { continue }
      switch Int.random(in: 0..<8, using: &random) {
      case 0: files.entries[path] = nil
      case 1: file.mode = FileMode.executable
        files.entries[path] = file
      case 2: files.entries["new\(Int.random(in: 0..<3, using: &random))"] = .file(["x\n", "y\n"].randomElement(using: &random)!)
      case 3 where seed % 2 == 1:
        files.entries[path] = nil
        files.entries["moved/\(path.split(separator: "/").last!)"] = file
      default:
        var lines = String(decoding: file.content, as: UTF8.self).split(separator: "\n").map { "\($0)\n" }
        if lines.isEmpty { continue }
        lines[Int.random(in: lines.indices, using: &random)] = "changed \(Int.random(in: 0..<3, using: &random))\n"
        file.content = Array(lines.joined().utf8)
        files.entries[path] = file
      }
    }
    return files
  }
}
