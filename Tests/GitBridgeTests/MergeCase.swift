import Foundation
import GitBridge
import Support
import Testing

/// Three trees to be merged.
struct MergeCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let base: Files
  let ours: [String: ScriptedFile?]
  let theirs: [String: ScriptedFile?]
  let clean: Bool

  init(_ name: String, base: Files, ours: [String: ScriptedFile?], theirs: [String: ScriptedFile?], clean: Bool) {
    testDescription = name
    self.base = base.with(["untouched/a/b": "x", "untouched/c": "y", "z": "z"])
    self.ours = ours
    self.theirs = theirs
    self.clean = clean
  }

  static let lines = (1...12).map { "line \($0)\n" }.joined()
  static let longText = (1...60).map { "sentence \($0) of a longer text\n" }.joined()

  private static func indented(_ blanks: String) -> String { (0..<12).map { "\(blanks)step_\($0)()\n" }.joined() }

  static func edited(_ text: String, _ old: String, _ new: String) -> ScriptedFile {
    .file(text.replacingOccurrences(of: old, with: new))
  }

  static let gitlinks = ["1", "2", "3"].map {
    ScriptedFile.gitlink(ObjectID(hexString: String(repeating: $0, count: 40))!)
  }

  static let all: [MergeCase] = [
    MergeCase(
      "edits of two files", base: ["a": "1\n", "b": "2\n"], ours: ["a": "3\n"], theirs: ["b": "4\n"], clean: true),
    MergeCase(
      "edits far apart in one file", base: ["d/f": .file(lines)], ours: ["d/f": edited(lines, "line 1\n", "one\n")],
      theirs: ["d/f": edited(lines, "line 12\n", "twelve\n")], clean: true),
    MergeCase(
      "edits of one line", base: ["d/f": .file(lines)], ours: ["d/f": edited(lines, "line 6\n", "six\n")],
      theirs: ["d/f": edited(lines, "line 6\n", "VI\n")], clean: false),
    MergeCase(
      "edits of neighbouring lines", base: ["f": .file(lines)], ours: ["f": edited(lines, "line 6\n", "six\n")],
      theirs: ["f": edited(lines, "line 7\n", "seven\n")], clean: false),
    MergeCase(
      "the same edit on both sides", base: ["f": "1\n", "g": "1\n"], ours: ["f": "2\n", "g": "3\n"],
      theirs: ["f": "2\n"],
      clean: true),
    MergeCase(
      "a file added on one side", base: ["a": "1\n"], ours: ["new/x": "n\n"], theirs: ["a": "2\n"], clean: true),
    MergeCase(
      "the same file added on both sides", base: ["a": "1\n"], ours: ["n": "n\n", "a": "2\n"], theirs: ["n": "n\n"],
      clean: true),
    MergeCase(
      "different files added at one path", base: ["a": "1\n"], ours: ["n": "x\n"], theirs: ["n": "y\n"], clean: false),
    MergeCase(
      "one file added with two modes", base: ["a": "1\n"], ours: ["n": "x\n"], theirs: ["n": .executable("x\n")],
      clean: false),
    MergeCase(
      "a deletion on one side", base: ["a": "1\n", "b": "2\n"], ours: ["a": nil], theirs: ["b": "3\n"], clean: true),
    MergeCase(
      "a deletion on both sides", base: ["a": "1\n", "b": "2\n"], ours: ["a": nil], theirs: ["a": nil, "b": "3\n"],
      clean: true),
    MergeCase(
      "a deletion against an edit", base: ["a": "1\n", "b": "2\n"], ours: ["a": nil], theirs: ["a": "3\n"], clean: false
    ),
    MergeCase(
      "an edit against a deletion", base: ["d/a": "1\n", "b": "2\n"], ours: ["d/a": "3\n"], theirs: ["d/a": nil],
      clean: false),
    MergeCase(
      "a whole folder deleted, another edited", base: ["d/a": "1\n", "d/e/b": "2\n", "c": "3\n"],
      ours: ["d/a": nil, "d/e/b": nil], theirs: ["c": "4\n"], clean: true),
    MergeCase(
      "a rename against an edit", base: ["old": .file(longText), "x": "1\n"],
      ours: ["old": nil, "new": .file(longText)],
      theirs: ["old": edited(longText, "sentence 30 ", "SENTENCE 30 ")], clean: true),
    MergeCase(
      "a rename with an edit against another edit", base: ["old": .file(longText)],
      ours: ["old": nil, "sub/new": edited(longText, "sentence 2 ", "SECOND ")],
      theirs: ["old": edited(longText, "sentence 50 ", "FIFTIETH ")], clean: true),
    MergeCase(
      "a rename with an edit against an edit of the same line", base: ["old": .file(longText)],
      ours: ["old": nil, "new": edited(longText, "sentence 2 ", "SECOND ")],
      theirs: ["old": edited(longText, "sentence 2 ", "ZWEITER ")], clean: false),
    MergeCase(
      "one file renamed to two names", base: ["old": .file(longText)], ours: ["old": nil, "a": .file(longText)],
      theirs: ["old": nil, "b": .file(longText)], clean: false),
    MergeCase(
      "one file renamed alike", base: ["old": .file(longText)], ours: ["old": nil, "a": .file(longText)],
      theirs: ["old": nil, "a": edited(longText, "sentence 9 ", "NINE ")], clean: true),
    MergeCase(
      "two files renamed to one name", base: ["p": .file(longText), "q": .file(lines + lines + "end\n")],
      ours: ["p": nil, "n": .file(longText)], theirs: ["q": nil, "n": .file(lines + lines + "end\n")], clean: false),
    MergeCase(
      "a rename against a deletion", base: ["old": .file(longText), "x": "1\n"],
      ours: ["old": nil, "new": .file(longText)],
      theirs: ["old": nil, "x": "2\n"], clean: false),
    MergeCase(
      "a rename against a file added at its new name", base: ["old": .file(longText)],
      ours: ["old": nil, "new": .file(longText)], theirs: ["new": "other\n"], clean: false),
    MergeCase(
      "a mode change against an edit", base: ["f": .file(lines)], ours: ["f": .executable(lines)],
      theirs: ["f": edited(lines, "line 1\n", "one\n")], clean: true),
    MergeCase(
      "the same mode change on both sides with edits", base: ["f": .file(lines)],
      ours: ["f": .executable(lines.replacingOccurrences(of: "line 1\n", with: "one\n"))],
      theirs: ["f": .executable(lines.replacingOccurrences(of: "line 12\n", with: "twelve\n"))], clean: true),
    MergeCase(
      "a mode change against a deletion", base: ["f": "1\n"], ours: ["f": .executable("1\n")], theirs: ["f": nil],
      clean: false),
    MergeCase(
      "a file becomes a symbolic link", base: ["f": "a", "g": "1\n"], ours: ["f": .link(to: "a")], theirs: ["g": "2\n"],
      clean: true),
    MergeCase(
      "a file becomes a symbolic link against an edit", base: ["f": "a\n"], ours: ["f": .link(to: "a")],
      theirs: ["f": "b\n"], clean: false),
    MergeCase(
      "two targets for one symbolic link", base: ["l": .link(to: "a")], ours: ["l": .link(to: "b")],
      theirs: ["l": .link(to: "c")], clean: false),
    MergeCase(
      "two targets of several lines for one symbolic link", base: ["l": .link(to: lines)],
      ours: ["l": .link(to: lines.replacingOccurrences(of: "line 1\n", with: "one\n"))],
      theirs: ["l": .link(to: lines.replacingOccurrences(of: "line 12\n", with: "twelve\n"))], clean: false),
    MergeCase(
      "a submodule moved on one side", base: ["s": gitlinks[0], "f": "1\n"], ours: ["s": gitlinks[1]],
      theirs: ["f": "2\n"], clean: true),
    MergeCase(
      "a submodule moved on both sides", base: ["s": gitlinks[0]], ours: ["s": gitlinks[1]], theirs: ["s": gitlinks[2]],
      clean: false),
    MergeCase(
      "a submodule moved alike", base: ["s": gitlinks[0], "f": "1\n"], ours: ["s": gitlinks[1], "f": "2\n"],
      theirs: ["s": gitlinks[1]], clean: true),
    MergeCase(
      "a submodule against a file", base: ["f": "1\n"], ours: ["s": gitlinks[0]], theirs: ["s": "file\n"],
      clean: false),
    MergeCase(
      "a file against a folder", base: ["f": "1\n"], ours: ["x": "file\n"], theirs: ["x/y": "in\n"], clean: false),
    MergeCase(
      "a file becomes a folder", base: ["x": "1\n", "f": "1\n"], ours: ["x": nil, "x/y": "in\n"], theirs: ["f": "2\n"],
      clean: true),
    MergeCase(
      "a file becomes a folder against an edit", base: ["x": "1\n"], ours: ["x": nil, "x/y": "in\n"],
      theirs: ["x": "2\n"], clean: false),
    MergeCase(
      "a folder becomes a file against an edit in it", base: ["x/y": "1\n"], ours: ["x/y": nil, "x": "file\n"],
      theirs: ["x/y": "2\n"], clean: false),
    MergeCase(
      "two edits of bytes that are no text", base: ["f": .file("\0\n" + lines)],
      ours: ["f": .file("\0\n" + lines + "a\n")], theirs: ["f": .file("\0\nx" + lines)], clean: false),
    MergeCase(
      "only white space differs", base: ["f": "a b\n"], ours: ["f": "a  b\n"], theirs: ["f": "a b \n"], clean: false),
    MergeCase(
      "only line ends differ", base: ["f": "a\nb\n"], ours: ["f": "a\r\nb\r\n"], theirs: ["f": "a\nB\n"], clean: false),
    MergeCase(
      "attributes in the trees call for a union", base: [".gitattributes": "* merge=union\n", "f": .file(lines)],
      ours: ["f": edited(lines, "line 6\n", "six\n")], theirs: ["f": edited(lines, "line 6\n", "VI\n")], clean: false),
    MergeCase(
      "an attribute calls text binary", base: [".gitattributes": "* -merge\n", "f": .file(lines)],
      ours: ["f": edited(lines, "line 1\n", "one\n")], theirs: ["f": edited(lines, "line 12\n", "twelve\n")],
      clean: true),
    MergeCase(
      "empty files come and go", base: ["a": "", "b": ""], ours: ["a": nil, "c": ""], theirs: ["b": nil, "d": ""],
      clean: true),
    MergeCase(
      "everything deleted on both sides", base: ["a": "1\n"],
      ours: ["a": nil, "untouched/a/b": nil, "untouched/c": nil, "z": nil], theirs: ["a": nil], clean: true),
    MergeCase(
      "a file added to a folder that the other side renamed", base: ["d/1": .file(longText), "d/2": .file(lines)],
      ours: ["d/1": nil, "d/2": nil, "e/1": .file(longText), "e/2": .file(lines)], theirs: ["d/3": "new\n"],
      clean: false),
    // Where libgit2 goes wrong.
    MergeCase(
      "a rename against a file that becomes a symbolic link", base: ["old": .file(longText), "x": "1\n"],
      ours: ["old": nil, "new": .file(longText)], theirs: ["old": .link(to: "keys")], clean: false),
    MergeCase(
      "an empty file against an edit", base: ["pkg/e": ""], ours: ["pkg/e": nil, "boot/e": ""],
      theirs: ["pkg/e": "evil\n"], clean: false),
    MergeCase(
      "a re-indented file against an edit", base: ["pkg/s": .file(indented("  "))],
      ours: ["pkg/s": nil, "boot/s": .file(indented("\t\t"))], theirs: ["pkg/s": .file("evil\n" + indented("  "))],
      clean: false),
    MergeCase(
      "a link against a folder, with a name between them", base: ["d/k": "1"],
      ours: ["d/x": .link(to: "../keys"), "d/x-1": "x\n"],
      theirs: ["d/x/in": "x\n"], clean: false),
    MergeCase(
      "a file against a folder, where only files were added", base: ["k": "1"], ours: ["x": "1\n", "x.y": "2\n"],
      theirs: ["x/in": "3\n"], clean: false),
    MergeCase(
      "the same edits on both sides", base: ["a": "1\n", "d/b": "1\n"], ours: ["a": "2\n", "d/b": "2\n"],
      theirs: ["a": "2\n", "d/b": "2\n"], clean: true),
    MergeCase(
      "files added to one folder by both", base: ["d/a": "1\n"], ours: ["d/b": "2\n"],
      theirs: ["d/c": "3\n", "e/f/g": "4\n"], clean: true),
    MergeCase(
      "a folder emptied by one, filled by the other", base: ["d/a": "1\n", "d/b": "2\n"],
      ours: ["d/a": nil, "d/b": nil],
      theirs: ["d/c": "3\n"], clean: true),
    MergeCase(
      "both empty different parts of a folder", base: ["d/a": "1\n", "d/b": "2\n"], ours: ["d/a": nil],
      theirs: ["d/b": nil],
      clean: true),
  ]
}
