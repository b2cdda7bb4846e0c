import GitBridge
import Support
import Testing

/// Random changes to random trees, merged by us and by git.
struct MergeRandomTests {
  /// What a seed's changes are made of.
  private enum Kind: CaseIterable { case edits, renames, shapes, disjoint }

  @Test(arguments: 0..<60)
  func `random merges come out as with git`(seed: Int) throws {
    var random = SeededGenerator(UInt64(seed) + 1000)
    let scripted = try ScriptedRepository()
    let base = files(&random)
    let kind = Kind.allCases[seed % Kind.allCases.count]
    let root = try scripted.commit(files: base)
    for _ in 0..<4 {
      let ours = try scripted.commit(files: changed(base, kind, 0, &random), parents: [root])
      let theirs = try scripted.commit(files: changed(base, kind, 1, &random), parents: [root])
      try compare(scripted, ours, theirs, kind)
      try compare(scripted, theirs, ours, kind)
    }
  }

  /// Clean is only what git makes of all merge bases together, and what each yields alone.
  @Test(arguments: 0..<20)
  func `random criss-crosses are clean only where git says so`(seed: Int) throws {
    var random = SeededGenerator(UInt64(seed) + 5000)
    let scripted = try ScriptedRepository()
    let base = files(&random)
    let root = try scripted.commit(files: base)
    var bases: [(ObjectID, Files)] = []
    for _ in 0..<Int.random(in: 2...3, using: &random) {
      let tree = changed(base, .edits, 0, &random, most: 2)
      bases.append((try scripted.commit(files: tree, parents: [root]), tree))
    }
    for _ in 0..<4 {
      func side(_ number: Int) throws -> ObjectID {
        let tree = changed(bases[number].1, .edits, number, &random, most: 2)
        return try scripted.commit(files: tree, parents: (number == 0 ? bases : bases.reversed()).map(\.0))
      }
      let (ours, theirs) = (try side(0), try side(1))
      let git = try scripted.mergedByGit(ours, theirs)
      var alone: Set<ObjectID?> = []
      for (id, _) in bases {
        let lone = try scripted.commit(tree: scripted.repository.treeOfCommit(id))
        let sides = try [ours, theirs].map {
          try scripted.commit(tree: scripted.repository.treeOfCommit($0), parents: [lone])
        }
        alone.insert(try scripted.mergedByGit(sides[0], sides[1]))
      }
      let expected = alone == [git] ? git : nil
      switch try scripted.repository.mergeAgain(parents: [ours, theirs]) {
      case .clean(let tree): #expect(tree == expected, "\(ours) \(theirs)")
      case .conflict: #expect(expected == nil, "\(ours) \(theirs)")
      }
    }
  }

  private func compare(_ scripted: ScriptedRepository, _ ours: ObjectID, _ theirs: ObjectID, _ kind: Kind) throws {
    let git = try scripted.mergedByGit(ours, theirs)
    switch try scripted.repository.remerge(parents: [ours, theirs]) {
    case .clean(let tree, let byGit):
      #expect(tree == git, "\(ours) \(theirs)")
      // Otherwise nothing here would be about our own merging.
      if kind == .disjoint { #expect(!byGit) }
    case .conflict: #expect(git == nil, "\(ours) \(theirs)")
    case .unknown(let reason): Issue.record("\(reason)")
    }
  }

  private func files(_ random: inout SeededGenerator) -> Files {
    var files = Files()
    for number in 0..<12 {
      let folder = ["", "a/", "a/b/", "c/"].randomElement(using: &random)!
      let lines = (0..<20).map { "\(number) line \($0)\n" }.joined()
      files.entries["\(folder)\(number)"] = .file(lines)
    }
    files.entries["a/empty"] = ""
    files.entries["c/binary"] = .file("\0\u{1}\n\0")
    files.entries["link"] = .link(to: "a/b")
    return files
  }

  private func changed(
    _ base: Files, _ kind: Kind, _ side: Int, _ random: inout SeededGenerator, most: Int = 5
  ) -> Files {
    var files = base
    let onlyAdds = Bool.random(using: &random)
    for _ in 0..<Int.random(in: 1...most, using: &random) {
      // With `disjoint`, each side has files of its own, and either adds or removes.
      let paths = base.entries.keys.sorted().enumerated().filter { kind != .disjoint || $0.offset % 2 == side }.map(
        \.element)
      guard let path = paths.randomElement(using: &random), let file = files.entries[path] else { continue }
      let name = path.split(separator: "/").last!
      let number = Int.random(in: 0..<3, using: &random)
      switch (kind, Int.random(in: 0..<8, using: &random)) {
      case (.disjoint, 0): if !onlyAdds { files.entries[path] = nil }
      case (.disjoint, 1): if onlyAdds { files.entries["new\(side)/\(number)"] = "x\n" }
      case (_, 0) where kind != .disjoint: files.entries[path] = nil
      case (_, 2): files.entries[path]?.mode = file.mode == FileMode.executable ? FileMode.file : FileMode.executable
      case (.edits, 3): files.entries["new\(number)"] = .file(["x\n", "y\n", ""].randomElement(using: &random)!)
      case (.renames, 3...5):
        files.entries[path] = nil
        files.entries["\(["moved", "a", "boot/x"].randomElement(using: &random)!)/\(name)"] = edited(
          file, number, &random)
      case (.shapes, 3): files.entries[path] = .link(to: "target\(number)")
      case (.shapes, 4):
        files.entries[path] = nil
        if !path.hasSuffix("/in") { files.entries["\(path)/in"] = .file("\(number)\n") }
      case (.shapes, 5):
        files.entries = files.entries.filter { !$0.key.hasPrefix("x/") }
        files.entries["x"] = number == 0 ? nil : .file("\(number)\n")
        files.entries["x-1"] = "1\n"
      case (.shapes, 6): files.entries["x/\(number)"] = files.entries["x"] == nil ? .file("in\n") : nil
      default: files.entries[path] = edited(file, number, &random)
      }
    }
    return files
  }

  /// Another line, other white space, or nothing at all.
  private func edited(_ file: ScriptedFile, _ number: Int, _ random: inout SeededGenerator) -> ScriptedFile {
    var lines = String(decoding: file.content, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: lines = lines.map { "\t\($0) " }
    case 1 where lines.count < 3: lines = []
    default: lines[Int.random(in: lines.indices, using: &random)] = "changed \(number)"
    }
    return ScriptedFile(
      mode: file.mode == FileMode.symbolicLink ? FileMode.file : file.mode,
      content: Array(lines.joined(separator: "\n").utf8))
  }
}
