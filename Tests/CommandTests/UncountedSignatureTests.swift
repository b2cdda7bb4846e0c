import Foundation
import Support
import Testing

/// SSH and X.509 signatures count for nobody, and are not called unsigned. Drawings for the terminal.
@Suite(.enabled(if: Tool.find("ssh-keygen") != nil, "ssh-keygen is not installed")) struct UncountedSignatureTests {
  /// Whom the certificate of ``Scene/x509`` names.
  static let address = "erin@example.org"

  /// A commit on top of a clone's, signed as gitsign does it: whom the signature names matters, not whether it is good.
  static func signedWithCertificate(_ clone: Clone) async throws -> String {
    let history = try TemporaryFolder()
    let script = """
      import sys
      scripts, folder = sys.argv[1:]
      sys.argv = ["history.py", folder, "1", "0"]
      exec(open(scripts + "/history.py").read())
      print(x509("\(address)", 0))
      """
    let armor = try Tool.succeed("python3", ["-c", script, SurveyTests.scripts, history.path + "/r.git"]).text.split(
      separator: "\n"
    ).joined(separator: "\n ")
    try await clone.commit("e", "e\n", message: "by certificate")
    let bytes = try await clone.git("cat-file", "commit", "HEAD")
    let end = try #require(bytes.range(of: "\n\n"))
    let signed = bytes[..<end.lowerBound] + "\ngpgsig " + armor + bytes[end.lowerBound...] + "\n"
    let commit = try Tool.succeed(
      "git", ["-C", clone.path, "hash-object", "-t", "commit", "-w", "--stdin"], input: Array(signed.utf8)
    ).line
    try await clone.git("reset", "--quiet", "--hard", commit)
    return commit
  }

  /// A staging branch with a change that is signed with SSH, one that is signed with X.509, and one that is not signed
  /// at all.
  struct Scene {
    let scene: CommandLineTests.Scene
    let ssh: String
    let x509: String
    let unsigned: String
    let key: String

    init() async throws {
      scene = try await CommandLineTests.Scene()
      let file = scene.server.sandbox.path + "/ssh"
      try Tool.succeed("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file])
      key = String(
        try #require(
          try Tool.succeed("ssh-keygen", ["-l", "-f", file + ".pub"]).line.split(separator: " ").dropFirst().first))
      try await scene.clone.git("checkout", "--quiet", "--detach", scene.good)
      try await scene.clone.write("c", "c\n")
      try await scene.clone.git(
        "-c", "gpg.format=ssh", "-c", "user.signingKey=\(file)", "commit", "--quiet", "--gpg-sign", "--message",
        "by ssh")
      ssh = try await scene.clone.git("rev-parse", "HEAD")
      x509 = try await UncountedSignatureTests.signedWithCertificate(scene.clone)
      unsigned = try await scene.clone.commit("d", "d\n", message: "by nobody")
      try await scene.clone.git("checkout", "--quiet", "-B", "staging")
    }
  }

  @Test(arguments: ["SSH", "X.509"]) func `what is signed in another way is not called unsigned`(_ format: String)
    async throws
  {
    let scene = try await Scene()
    let said = "signed with \(format), which this rule does not count"
    let (commit, key) = format == "SSH" ? (scene.ssh, scene.key) : (scene.x509, Self.address)
    for words in [["audit", "staging"], ["log", "staging"], scene.scene.verify(scene.unsigned)] {
      let output = try await scene.scene.server.sandbox.run([ServerProgram.command] + words, in: scene.scene.clone.path)
        .output
      let lines = output.split(separator: "\n")
      #expect(lines.contains { $0.contains(commit.prefix(12)) && $0.contains(said) }, "\(words): \(output)")
      #expect(
        !lines.contains { $0.contains(scene.unsigned.prefix(12)) && $0.contains("signed with") }, "\(words): \(output)")
    }
    let explained = try await scene.scene.run("explain", commit, "--target", "staging").output
    #expect(explained.contains(said) && explained.contains(key), "\(explained)")
    #expect(
      !(try await scene.scene.run("explain", scene.unsigned, "--target", "staging").output).contains("signed with"))
    let plain = try await scene.scene.run("audit", "staging", "--rule", "plain", "--keyring", "keys").output
    let states = Dictionary(
      uniqueKeysWithValues: plain.split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ")
        return words.count > 1 && words[0].count == 40 ? (String(words[0]), String(words[1])) : nil
      })
    #expect(states[commit] == "uncounted-signature" && states[scene.unsigned] == "unsigned", "\(plain)")
    #expect(plain.contains(said) && plain.contains(key))
  }

  @Test func `the log draws the graph, and nothing is wider than the window`() async throws {
    let scene = try await Scene()
    for columns in [40, 120] {
      for words in [["log", "staging"], ["audit", "staging", "--no-cache"], ["keys", "audit"]] {
        let output = try await scene.scene.server.sandbox.run(
          [ServerProgram.command] + words, in: scene.scene.clone.path, extra: ["COLUMNS": "\(columns)"]
        ).output
        #expect(output.split(separator: "\n").allSatisfy { $0.count <= columns }, "\(columns): \(output)")
      }
    }
    let log = try await scene.scene.run("log", "staging", extra: ["COLUMNS": "200"]).output.split(separator: "\n").map(
      String.init)
    let place = try #require(log.firstIndex { $0.contains("clean-merge") }, "\(log)")
    #expect(log[place].hasPrefix("* "), "\(log)")
    #expect(log[place + 1].hasPrefix("|\\"), "\(log)")
    #expect(log[place + 2].hasPrefix("| * ") && log[place + 2].contains("alice (own), bob (merge)"), "\(log)")
    let audit = try await scene.scene.run("audit", "staging", "--no-cache", extra: ["COLUMNS": "100"]).output
    #expect(audit.contains("changes of each month") && audit.contains("█"), "\(audit)")
  }
}
