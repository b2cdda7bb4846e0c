import GitBridge
import OpenPGP
import Review
import Support

/// A commit from bytes that are spoilt before they are signed, adopted by another and merged.
private func spoilt(
  _ name: String, _ tries: String, _ twin: String, after: Bool = false, _ spoil: @escaping @Sendable (String) -> String
) -> Attack {
  Attack("objects/" + name, "malformed-commit", 80, tries: tries, twin: twin) { scene, isTwin in
    let files = scene.files(scene.root).with(scene.fresh())
    let payload = scene.git.commitBytes(tree: try scene.git.tree(files), parents: [scene.root], time: Scene.now - 3600)
    func made(_ bytes: [UInt8]) -> [UInt8] {
      isTwin ? bytes : Array(spoil(String(decoding: bytes, as: UTF8.self)).utf8)
    }
    let signed =
      after
      ? made(ScriptedRepository.signed(payload, scene.signature("ann")(payload)))
      : { ScriptedRepository.signed($0, scene.signature("ann")($0)) }(made(payload))
    let id = try scene.git.commit(raw: signed)
    scene.know(id, files)
    return .init("main", try scene.merge([scene.root, try scene.adopt(id, by: "cat")], by: "bob"))
  }
}

private func entry(_ mode: UInt32, _ name: [UInt8], _ id: ObjectID) -> [UInt8] {
  Array(String(mode, radix: 8).utf8) + [32] + name + [0] + id.bytes
}

/// A commit by two with a tree of exactly these entries beside what was there, in this order.
private func tree(
  _ name: String, _ tries: String, _ twin: String,
  _ entries: @escaping @Sendable (Scene, Bool) throws -> [(UInt32, String, ObjectID)]
) -> Attack {
  Attack("objects/" + name, "malformed-commit", 81, tries: tries, twin: twin) { scene, isTwin in
    let folder = try scene.git.repository.write(
      .tree, try entries(scene, isTwin).flatMap { entry($0.0, Array($0.1.utf8), $0.2) })
    let top = try scene.git.tree(scene.files(scene.root))
    let all =
      try scene.git.repository.tree(top) + [TreeEntry(mode: FileMode.folder, name: Array("zz".utf8), id: folder)]
    let tree = try scene.git.repository.writeTree(all)
    let head = try scene.git.commit(
      tree: tree, parents: [scene.root], time: Scene.now - 3600, signedBy: scene.signature("ann"))
    return .init(
      "main",
      try scene.git.commit(
        tree: tree, parents: [scene.root, head], time: Scene.now - 3600, message: "Merge\n",
        signedBy: scene.signature("bob")))
  }
}

private func named(_ title: String, _ name: String, _ tries: String) -> Attack {
  tree(title, tries, "the name is an ordinary one") { scene, twin in
    [(FileMode.file, twin ? "ordinary" : name, try scene.git.blob([1]))]
  }
}

let objectAttacks: [Attack] = [
  spoilt("nul-in-message", "a NUL hides the rest of the message from readers in C", "there is none") {
    $0 + "\u{0}hidden\n"
  },
  spoilt("two-trees", "a second tree header, which another reader might take", "one tree") {
    $0.replacing("\nparent", with: "\ntree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nparent", maxReplacements: 1)
  },
  spoilt("parent-after-author", "a parent after the author, which some readers do not see", "before it") {
    $0.replacing("\ncommitter", with: "\nparent \(String(repeating: "1", count: 40))\ncommitter", maxReplacements: 1)
  },
  spoilt("two-authors", "two authors", "one") {
    $0.replacing("\ncommitter", with: "\nauthor E <e@e> 1 +0000\ncommitter", maxReplacements: 1)
  },
  spoilt("no-committer", "no committer", "one") { text in
    text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("committer") }.joined(
      separator: "\n")
  },
  spoilt("two-signatures", "two gpgsig headers, of which a reader may check either", "one", after: true) {
    $0.replacing("\ngpgsig ", with: "\ngpgsig x\ngpgsig ", maxReplacements: 1)
  },
  spoilt(
    "other-hash-signature", "a gpgsig-sha256 header in a SHA-1 repository, which git leaves out of what is signed",
    "without it", after: true
  ) {
    $0.replacing("\ngpgsig ", with: "\ngpgsig-sha256 x\ngpgsig ", maxReplacements: 1)
  },
  spoilt("committer-before-author", "committer and author in the wrong order", "in the right one") { text in
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    lines.swapAt(2, 3)
    return lines.joined(separator: "\n")
  },
  tree("name-twice", "a folder holds one name twice, as file and as file", "two names") { scene, twin in
    [(FileMode.file, "a", try scene.git.blob([1])), (FileMode.file, twin ? "b" : "a", try scene.git.blob([2]))]
  },
  tree("name-twice-apart", "one name twice, as file and folder, with a name between them", "two names") { scene, twin in
    let inner = try scene.git.tree(["in": "in\n"])
    return [
      (FileMode.file, twin ? "w" : "x", try scene.git.blob([1])), (FileMode.file, "x-1", try scene.git.blob([2])),
      (FileMode.folder, "x", inner),
    ]
  },
  tree("names-out-of-order", "names out of order, so that a search by halves misses one", "in order") { scene, twin in
    let (one, two) = (try scene.git.blob([1]), try scene.git.blob([2]))
    return twin
      ? [(FileMode.file, "a", two), (FileMode.file, "b", one)] : [(FileMode.file, "b", one), (FileMode.file, "a", two)]
  },
  named("dot", ".", "a file called ."),
  named("dot-dot", "..", "a file called .. leaves the folder"),
  named("dot-git", ".git", "a file called .git"),
  named("dot-git-other-case", ".GiT", "a file called .GiT, which is .git on some systems"),
  named("dot-git-short", "git~1", "a file called git~1, which is .git on Windows"),
  named("dot-git-ignored-letter", ".g\u{200C}it", "a file called .git with a letter that HFS+ ignores"),
  named("dot-git-stream", ".git::$INDEX_ALLOCATION", "a file called .git with a stream of NTFS"),
  named("dot-git-trailing", ".git. ", "a file called .git with a dot and a space after it"),
  named("slash", "a/b", "a file with a slash in its name"),
]
