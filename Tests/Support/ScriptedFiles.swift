package import GitBridge

/// What stands at one path of a scripted tree.
package struct ScriptedFile: ExpressibleByStringLiteral, Equatable, Sendable {
  package var mode: UInt32
  package var content: [UInt8]
  /// The commit that a gitlink names; nil for everything else.
  package var gitlink: ObjectID?

  package init(mode: UInt32 = FileMode.file, content: [UInt8], gitlink: ObjectID? = nil) {
    self.mode = mode
    self.content = content
    self.gitlink = gitlink
  }

  package init(stringLiteral text: String) { self.init(content: Array(text.utf8)) }

  package static func file(_ text: String) -> ScriptedFile { ScriptedFile(content: Array(text.utf8)) }
  package static func executable(_ text: String) -> ScriptedFile {
    ScriptedFile(mode: FileMode.executable, content: Array(text.utf8))
  }
  package static func link(to target: String) -> ScriptedFile {
    ScriptedFile(mode: FileMode.symbolicLink, content: Array(target.utf8))
  }
  package static func gitlink(_ commit: ObjectID) -> ScriptedFile {
    ScriptedFile(mode: FileMode.gitlink, content: [], gitlink: commit)
  }
}

/// A tree as data: paths such as `packages/core/go/Containerfile`, and what stands there.
package struct Files: ExpressibleByDictionaryLiteral, Sendable {
  package var entries: [String: ScriptedFile]

  package init(_ entries: [String: ScriptedFile] = [:]) { self.entries = entries }
  package init(dictionaryLiteral elements: (String, ScriptedFile)...) {
    entries = Dictionary(uniqueKeysWithValues: elements)
  }

  /// These files with others put over them; nil takes a file away.
  package func with(_ changes: [String: ScriptedFile?]) -> Files {
    var result = entries
    for (path, file) in changes { result[path] = file }
    return Files(result)
  }
}
