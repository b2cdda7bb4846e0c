import Foundation
import Support
import Testing

/// `audit --rule guix` as it is typed.
@Suite struct GuixAuditTests {
  struct Scene {
    let git: ScriptedRepository
    let signer: TestKey
    let introduction: String

    init() throws {
      git = try ScriptedRepository()
      let (certificate, subkey) = TestCertificate.usual(seed: 61)
      signer = subkey
      let list = "(authorizations (version 0) ((\"\(subkey.fingerprint.hex)\" (name \"x\"))))\n"
      let start = try git.commit(files: [".guix-authorizations": .file(list)]) { subkey.sign($0) }
      let good = try git.commit(parents: [start]) { subkey.sign($0) }
      try git.setRef("refs/heads/main", to: good)
      try git.setRef("refs/heads/bad", to: try git.commit(parents: [good]))
      try git.setRef(
        "refs/heads/keyring", to: try git.commit(files: ["x.key": ScriptedFile(content: certificate.armored)]))
      introduction = start.hex
    }

    var fingerprint: String { signer.fingerprint.hex }
    /// As Guix prints it.
    var groups: [String] { stride(from: 0, to: 40, by: 4).map { String(fingerprint.dropFirst($0).prefix(4)) } }

    func audit(_ words: [String]) throws -> Tool.Result {
      try Tool.run(ServerProgram.command, ["-C", git.path, "audit"] + words, environment: ["HOME": git.path])
    }

    func audit(_ words: String...) throws -> Tool.Result { try audit(words) }
  }

  @Test func `the status, text and JSON tell the same`() throws {
    let scene = try Scene()
    for (branch, status, verdict, states) in [
      ("main", Int32(0), "accepted", ["good", "good"]), ("bad", 1, "refused", ["good", "good", "unsigned"]),
    ] {
      let text = try scene.audit(branch, "--rule", "guix", "--introduction", scene.introduction, scene.fingerprint)
      #expect(text.status == status, "\(text.errorText)")
      #expect(text.lines.prefix(states.count).map { String($0.split(separator: " ")[1]) } == states)
      #expect(
        text.text.contains(
          "\n\(verdict): 2 of \(states.count) commits are signed by a key that all their parents authorize"))
      #expect(text.text.contains("note: guix looks at no key's expiry, revocation or binding"))
      #expect(text.text.contains("\nnext: ") == (status == 1))
      let json = try scene.audit(
        branch, "--rule", "guix", "--introduction", scene.introduction, scene.fingerprint, "--format", "json")
      #expect(json.status == status)
      let objects = try json.lines.map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
      #expect(objects.dropLast().map { $0["schema"] as? String } == states.map { _ in "stagex-maint/guix/1" })
      #expect(objects.dropLast().map { $0["state"] as? String } == states)
      let summary = try #require(objects.last)
      #expect(summary["schema"] as? String == "stagex-maint/guix-summary/1")
      #expect(summary["verdict"] as? String == verdict)
      #expect(summary["commits"] as? Int == states.count)
    }
  }

  @Test func `the introduction is two whole names, in the forms that people copy`() throws {
    let scene = try Scene()
    let start = scene.introduction
    let print = scene.fingerprint
    for words in [
      [start, print], [start, scene.groups.joined(separator: " ")], [start] + scene.groups,
      [start, print.lowercased()],
    ] {
      let result = try scene.audit(["main", "--rule", "guix", "--introduction"] + words)
      #expect(result.status == 0, "\(words): \(result.errorText)")
    }
    for words in [
      [], [start], [String(start.dropLast()), print], ["main", print], [start, String(print.suffix(16))],
      [start, String(print.dropLast())],
      [start, print, "main"], [start, "0x" + print.dropFirst(2)],
    ] {
      let result = try scene.audit(["main", "--rule", "guix"] + (words.isEmpty ? [] : ["--introduction"] + words))
      #expect(result.status == 64, "\(words): \(result.errorText)")
      #expect(result.errorText.contains("next: ") && result.text == "", "\(words): \(result.errorText)")
    }
    let wrong = try scene.audit(
      "main", "--rule", "guix", "--introduction", start, String(print.dropLast()) + (print.hasSuffix("0") ? "1" : "0"))
    #expect(wrong.status == 1)
    #expect(wrong.text.contains("wrong-introduction-signer"))
  }

  @Test func `what cannot be judged is told apart`() throws {
    let scene = try Scene()
    let introduction = ["--introduction", scene.introduction, scene.fingerprint]
    let missing = try scene.audit(["main", "--rule", "guix", "--keyring-reference", "keys"] + introduction)
    #expect(missing.status == 2, "\(missing.errorText)")
    #expect(
      missing.errorText.contains("no branch keys") && missing.errorText.contains("next: git fetch origin keys:keys"))
    let nowhere = try scene.audit([
      "main", "--rule", "guix", "--introduction", String(repeating: "1", count: 40), scene.fingerprint,
    ])
    #expect(nowhere.status == 2, "\(nowhere.errorText)")
    try scene.git.git("branch", "keys", "keyring")
    #expect(try scene.audit(["main", "--rule", "guix", "--keyring-reference", "keys"] + introduction).status == 0)
  }

  @Test func `options of other rules are refused, not passed over`() throws {
    let scene = try Scene()
    let introduction = ["--introduction", scene.introduction, scene.fingerprint]
    for words in [
      ["--since", "2020-01-01"], ["--from", "main~1"], ["--whole"], ["--shard", "1/2"], ["--keyring", "."],
      ["--trust-root", "main"], ["--registry", "main"], ["--policy", "main"],
    ] {
      let result = try scene.audit(["main", "--rule", "guix"] + introduction + words)
      #expect(result.status == 64 && result.errorText.contains(words[0]), "\(result.errorText)")
    }
    for words in [
      ["--rule", "plain", "--keyring", "."] + introduction, introduction, ["--keyring-reference", "keyring"],
    ] {
      #expect(try scene.audit(["main"] + words).status == 64)
    }
    let format = try scene.audit(["main", "--rule", "guix", "--format", "html"] + introduction)
    #expect(format.status == 64, "\(format.errorText)")
    #expect(try scene.audit(["main", "--rule", "guix", "--format", "text"] + introduction).status == 0)
  }
}
