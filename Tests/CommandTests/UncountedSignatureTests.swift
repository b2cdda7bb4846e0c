import Foundation
import Support
import Testing

/// SSH signatures count for nobody, and are not called unsigned. Drawings for the terminal.
@Suite(.enabled(if: Tool.find("ssh-keygen") != nil, "ssh-keygen is not installed")) struct UncountedSignatureTests {
  /// A staging branch with a change that is signed with SSH and merged by bob, and one that is not signed at all.
  struct Scene {
    let scene: CommandLineTests.Scene
    let ssh: String
    let unsigned: String
    let key: String

    init() async throws {
      scene = try await CommandLineTests.Scene()
      let file = scene.server.sandbox.path + "/ssh"
      try Tool.succeed("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file])
      key = String(try #require(try Tool.succeed("ssh-keygen", ["-l", "-f", file + ".pub"]).line.split(separator: " ").dropFirst().first))
      try await scene.clone.git("checkout", "--quiet", "--detach", scene.good)
      try await scene.clone.write("c", "c\n")
      try await scene.clone.git("-c", "gpg.format=ssh", "-c", "user.signingKey=\(file)", "commit", "--quiet", "--gpg-sign", "--message", "by ssh")
      ssh = try await scene.clone.git("rev-parse", "HEAD")
      unsigned = try await scene.clone.commit("d", "d\n", message: "by nobody")
      try await scene.clone.git("checkout", "--quiet", "-B", "staging")
    }
  }

  @Test func `what is signed with SSH is not called unsigned`() async throws {
    let scene = try await Scene()
    let said = "signed with SSH, which this rule does not count"
    for words in [["audit", "staging"], ["log", "staging"], scene.scene.verify(scene.unsigned)] {
      let output = try await scene.scene.server.sandbox.run([ServerProgram.command] + words, in: scene.scene.clone.path).output
      let lines = output.split(separator: "\n")
      #expect(lines.contains { $0.contains(scene.ssh.prefix(12)) && $0.contains(said) }, "\(words): \(output)")
      #expect(!lines.contains { $0.contains(scene.unsigned.prefix(12)) && $0.contains("signed with") }, "\(words): \(output)")
    }
    let explained = try await scene.scene.run("explain", scene.ssh, "--target", "staging").output
    #expect(explained.contains(said) && explained.contains(scene.key), "\(explained)")
    #expect(!(try await scene.scene.run("explain", scene.unsigned, "--target", "staging").output).contains("signed with"))
    let plain = try await scene.scene.run("audit", "staging", "--rule", "plain", "--keyring", "keys").output
    let states = Dictionary(uniqueKeysWithValues: plain.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      return words.count > 1 && words[0].count == 40 ? (String(words[0]), String(words[1])) : nil
    })
    #expect(states[scene.ssh] == "uncounted-signature" && states[scene.unsigned] == "unsigned", "\(plain)")
    #expect(plain.contains(said) && plain.contains(scene.key))
  }

  @Test func `the log draws the graph, and nothing is wider than the window`() async throws {
    let scene = try await Scene()
    for columns in [40, 120] {
      for words in [["log", "staging"], ["audit", "staging", "--no-cache"], ["keys", "audit"]] {
        let output = try await scene.scene.server.sandbox.run([ServerProgram.command] + words, in: scene.scene.clone.path, extra: ["COLUMNS": "\(columns)"]).output
        #expect(output.split(separator: "\n").allSatisfy { $0.count <= columns }, "\(columns): \(output)")
      }
    }
    let log = try await scene.scene.run("log", "staging", extra: ["COLUMNS": "200"]).output.split(separator: "\n").map(String.init)
    let place = try #require(log.firstIndex { $0.contains("clean-merge") }, "\(log)")
    #expect(log[place].hasPrefix("* "), "\(log)")
    #expect(log[place + 1].hasPrefix("|\\"), "\(log)")
    #expect(log[place + 2].hasPrefix("| * ") && log[place + 2].contains("alice (own), bob (merge)"), "\(log)")
    let audit = try await scene.scene.run("audit", "staging", "--no-cache", extra: ["COLUMNS": "100"]).output
    #expect(audit.contains("changes of each month") && audit.contains("█"), "\(audit)")
  }
}
