import GitBridge
import Review
import Support

private func long(_ change: (Int) -> String? = { _ in nil }) -> ScriptedFile {
  .file((0..<24).map { change($0) ?? "line number \($0) of a long enough file" }.joined(separator: "\n") + "\n")
}

/// Two sides, each signed by two on its own, and a merge of them by one person with the tree that `tree` makes.
private func merged(
  _ scene: Scene, _ ours: Scene.Changes, _ theirs: Scene.Changes, by id: String? = "bob", _ tree: (Files) -> Files
) throws -> Attack.Push {
  let base = try scene.land("main", try scene.work(on: "main", ours))
  var head = try scene.commit(scene.root, by: "ann", theirs)
  head = try scene.adopt(head, by: "cat")
  let plain = scene.files(base).with(theirs)
  return .init("main", try scene.write(tree(plain), [base, head], by: id, message: "Merge\n"))
}

let mergeAttacks: [Attack] = [
  Attack(
    "merges/evil", "too-few-endorsers", 95, 96, tries: "a merge of two clean sides adds a file by hand",
    twin: "it adds nothing"
  ) { scene, twin in
    try merged(scene, ["x": "x\n"], ["y": "y\n"]) { twin ? $0 : $0.with(["evil": "evil\n"]) }
  },
  Attack(
    "merges/drops", "too-few-endorsers", 96, tries: "a merge drops by hand what one side brings", twin: "it keeps it"
  ) { scene, twin in
    try merged(scene, ["x": "x\n"], ["y": "y\n", "z": "z\n"]) { twin ? $0 : $0.with(["z": nil]) }
  },
  Attack(
    "merges/strategy-ours", "too-few-endorsers", 96, tries: "`-s ours` throws away the other side",
    twin: "an ordinary merge"
  ) { scene, twin in
    try merged(scene, ["x": "x\n"], ["y": "y\n"]) { twin ? $0 : $0.with(["y": nil]) }
  },
  Attack(
    "merges/strategy-theirs", "too-few-endorsers", 96,
    tries: "the merge takes the tree of the other side and undoes ours", twin: "an ordinary merge"
  ) { scene, twin in
    try merged(scene, ["x": "x\n"], ["y": "y\n"]) { twin ? $0 : $0.with(["x": nil]) }
  },
  Attack(
    "merges/mode-only", "too-few-endorsers", 96, 100, tries: "the merge makes a file executable",
    twin: "it leaves the mode"
  ) { scene, twin in
    try merged(scene, ["x": "x\n"], ["y": "y\n"]) { twin ? $0 : $0.with(["a": .executable("a\n")]) }
  },
  Attack(
    "merges/link-for-file", "too-few-endorsers", 96, tries: "the merge turns a file into a link with the same bytes",
    twin: "it leaves it"
  ) { scene, twin in
    try merged(scene, ["x": "x\n"], ["y": "y\n"]) { twin ? $0 : $0.with(["a": .link(to: "a\n")]) }
  },
  Attack(
    "merges/conflict-by-one", "too-few-endorsers", 96, tries: "one maintainer alone resolves a conflict",
    twin: "there is none to resolve"
  ) { scene, twin in
    try merged(scene, ["a": "ours\n"], [twin ? "c" : "a": "theirs\n"]) { twin ? $0 : $0.with(["a": "both\n"]) }
  },
  Attack(
    "merges/conflict-takes-ours", "too-few-endorsers", 96, tries: "a conflict is resolved to exactly one side, by one",
    twin: "there is none"
  ) { scene, twin in
    try merged(scene, ["a": "ours\n"], [twin ? "c" : "a": "theirs\n"]) { twin ? $0 : $0.with(["a": "ours\n"]) }
  },
  Attack(
    "merges/unsigned", "unsigned-merge", 95, 97, tries: "the merge at the end carries no signature",
    twin: "it carries one"
  ) { scene, twin in
    try merged(scene, ["x": "x\n"], ["y": "y\n"], by: twin ? "bob" : nil) { $0 }
  },
  Attack(
    "merges/modify-and-delete", "too-few-endorsers", 96, 103,
    tries: "one side deletes what the other edits, and the merge keeps the edit", twin: "nobody edited it"
  ) {
    scene, twin in
    try merged(scene, ["a": nil], [twin ? "c" : "a": "edited\n"]) { $0 }
  },
  Attack(
    "merges/rename-and-link", "too-few-endorsers", 103,
    tries: "a file renamed on one side becomes a link on the other: git stops",
    twin: "the other side touches another file",
    scene: { try Scene(files: ["long": long()]) }
  ) { scene, twin in
    try merged(scene, ["long": nil, "moved": long()], [twin ? "other" : "long": .link(to: "/etc/passwd")]) {
      twin ? $0 : $0.with(["long": nil, "moved": .link(to: "/etc/passwd")])
    }
  },
  Attack(
    "merges/rename-by-white-space", "too-few-endorsers", 103,
    tries:
      "an edit lands in a file that is like the old one but for white space, which git does not take for its new name",
    twin: "it is its new name", scene: { try Scene(files: ["long": long()]) }
  ) { scene, twin in
    let spaced = long { "line \t number\t \t \($0)  of a \t long  enough \t file" }
    let edited = long { $0 == 0 ? "edited" : nil }
    return try merged(scene, ["long": nil, "moved": twin ? long() : spaced], ["long": edited]) { files in
      files.with([
        "long": nil,
        "moved": twin
          ? edited : ScriptedFile(content: Array("edited\n".utf8) + spaced.content.drop { $0 != 10 }.dropFirst()),
      ])
    }
  },
  Attack(
    "merges/empty-files-pair", "too-few-endorsers", 103,
    tries: "an edit of an empty file lands in another empty file, which git does not pair", twin: "nothing is deleted",
    scene: { try Scene(files: ["empty": .file("")]) }
  ) { scene, twin in
    if twin { return try merged(scene, ["boot": .file("")], ["empty": "edited\n"]) { $0 } }
    return try merged(scene, ["empty": nil, "boot": .file("")], ["empty": "edited\n"]) {
      $0.with(["empty": nil, "boot": "edited\n"])
    }
  },
  Attack(
    "merges/octopus-evil", "too-few-endorsers", 104, tries: "a merge of three adds a file by hand",
    twin: "it adds nothing"
  ) { scene, twin in
    let one = try scene.adopt(try scene.commit(scene.root, by: "ann"), by: "cat")
    let other = try scene.adopt(try scene.commit(scene.root, by: "ann"), by: "cat")
    return .init("main", try scene.merge([scene.root, one, other], by: "bob", twin ? [:] : ["evil": "evil\n"]))
  },
  Attack(
    "merges/criss-cross", "too-few-endorsers", 95,
    tries:
      "three clean merges over inner commits of two merged requests bring back a file that both had taken out again",
    twin: "the merges are over their ends"
  ) { scene, twin in
    var inner: [ObjectID] = []
    var ends: [ObjectID] = []
    for number in 1...2 {
      let add = try scene.commit(scene.root, by: nil, ["evil": "evil\n", "n\(number)": "n\n"])
      let back = try scene.commit(add, by: nil, ["evil": nil])
      let head = try scene.adopt(back, by: "ann")
      let base = try scene.tip("main")
      try scene.land("main", try scene.merge([base, head], by: "bob"))
      inner.append(add)
      ends.append(back)
    }
    let tip = try scene.tip("main")
    if twin {
      return .init(
        "main",
        try scene.merge(
          [tip, try scene.write(scene.files(ends[0]).with(["n2": "n\n"]), [ends[0], ends[1]], by: "cat")], by: "cat"))
    }
    let cross = try scene.write(scene.files(inner[0]).with(["n2": "n\n"]), [inner[0], ends[1]], by: "cat")
    return .init("main", try scene.write(scene.files(tip).with(["evil": "evil\n"]), [tip, cross], by: "cat"))
  },
  Attack(
    "merges/file-and-folder", "too-few-endorsers", 103,
    tries: "a file stands where the other side has a folder, with a name between them; the merge drops the file",
    twin: "the names differ"
  ) {
    scene, twin in
    try merged(scene, ["x": "file\n", "x-1": "between\n"], [twin ? "y/in" : "x/in": "in\n"]) {
      twin ? $0 : $0.with(["x": nil])
    }
  },
]
