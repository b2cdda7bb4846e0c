import Support
import Testing

@testable import GitBridge

struct IdentityLineTests {
  /// Identities, and whether `git fsck` has no error for them. Bytes, since names come in any encoding.
  static let table: [(String, Bool)] = [
    ("A U Thor <author@example.org> 1700000000 +0000", true),
    (" <author@example.org> 1700000000 +0000", true),
    ("A <> 1700000000 +0000", true),
    ("A <a@b> 0 +0000", true),
    ("A <a@b> 1 -9959", true),
    ("A <a@b> 9223372036854775807 +0000", true),
    ("A, B. \"C\" <a b@c d> 1700000000 +0530", true),
    ("caf\u{E9} <\u{F1}@b> 1700000000 +0000", true),
    ("A\t <a@b> 1700000000 +0000", true),
    ("A  <a@b> 1700000000 +0000", true),
    ("<a@b> 1700000000 +0000", false),
    ("A<a@b> 1700000000 +0000", false),
    ("A a@b 1700000000 +0000", false),
    ("A <a@b 1700000000 +0000", false),
    ("A a@b> 1700000000 +0000", false),
    ("A > <a@b> 1700000000 +0000", false),
    ("A <a<@b> 1700000000 +0000", false),
    ("A <a@b> <c@d> 1700000000 +0000", false),
    ("A <a@b>1700000000 +0000", false),
    ("A <a@b> 01700000000 +0000", false),
    ("A <a@b> 00 +0000", false),
    ("A <a@b>  +0000", false),
    ("A <a@b> x +0000", false),
    ("A <a@b> 1700000000", false),
    ("A <a@b> 1700000000 0000", false),
    ("A <a@b> 1700000000 +000", false),
    ("A <a@b> 1700000000 +00000", false),
    ("A <a@b> 1700000000 +051800", false),
    ("A <a@b> 1700000000 +0000 ", false),
    ("A <a@b> 1700000000 +00x0", false),
    ("A <a@b> 1700000000 +0000\r", false),
    ("A <a@b> 99999999999999999999 +0000", false),
  ]

  @Test(arguments: table)
  func `an identity is good as far as git fsck finds no error`(text: String, expected: Bool) throws {
    let bytes = Array(text.utf8)
    #expect(bytes.withUnsafeBytes { IdentityLine(0..<bytes.count, in: $0) != nil } == expected)

    let scripted = try ScriptedRepository()
    let tree = try scripted.tree(Files())
    let good = "A <a@b> 1 +0000"
    let id = try scripted.commit(raw: Array("tree \(tree)\nauthor \(text)\ncommitter \(good)\n\nx\n".utf8))
    let twin = try scripted.commit(raw: Array("tree \(tree)\nauthor \(good)\ncommitter \(text)\n\nx\n".utf8))
    let report = try scripted.gitMayFail(["fsck", "--full", "--strict", "--no-dangling"])
    for commit in [id, twin] {
      #expect(report.errorText.contains("error in commit \(commit)") == !expected, "\(report.errorText)")
    }
  }

  /// git reads these numbers as C's strtoumax does; a strict reader does not.
  @Test(arguments: ["A <a@b> +1700000000 +0000", "A <a@b> -1 +0000", "A <a@b>  1700000000 +0000"])
  func `a time is digits only`(text: String) {
    let bytes = Array(text.utf8)
    #expect(bytes.withUnsafeBytes { IdentityLine(0..<bytes.count, in: $0) == nil })
  }
}
