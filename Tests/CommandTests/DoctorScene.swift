import Foundation
import Support
import Testing

/// A working server that is made once and copied for each way to break it.
final class DoctorScene: Sendable {
  let server: Server
  let clone: Clone

  static func shared() async throws -> DoctorScene { try await made.value }

  private static let made = Task {
    let (server, clone) = try await Server.make(hooks: [])
    for (key, value) in [("maint.engine", "native"), ("maint.lead", "main"), ("receive.fsckObjects", "true")] {
      try await server.config(key, value)
    }
    let install = try await server.command("hook", "install", "--backstop")
    guard install.status == 0 else { throw StepFailed("\(install)") }
    try await clone.git("checkout", "--quiet", "main")
    try await clone.commit("evil", "evil\n")
    return DoctorScene(server, clone)
  }

  private init(_ server: Server, _ clone: Clone) { (self.server, self.clone) = (server, clone) }

  struct Outcome {
    var doctor: Finished
    var report: [String: Any]
    var landed: Bool
    var before: String
    var after: String

    /// The codes of what is more than advice.
    var problems: [String] {
      findings.filter { !["advice"].contains($0["effect"]) }.compactMap { $0["code"] }.sorted()
    }
    var findings: [[String: String]] { report["findings"] as? [[String: String]] ?? [] }
  }

  /// Breaks a copy, asks the doctor, and then pushes what nobody has signed.
  ///
  /// - Parameters:
  ///   - breaking: Lines for sh, in the copy's folder; `$S` is a folder beside it, `$BIN` the program.
  ///   - environment: What the server's git and the doctor see besides.
  ///   - push: What only the server's git sees.
  func break_(_ name: String, _ breaking: String, environment: [String: String] = [:], push: [String: String] = [:])
    async throws -> Outcome
  {
    let sandbox = server.sandbox
    let beside = "\(sandbox.path)/\(name)"
    let copy = beside + "/r.git"
    try FileManager.default.createDirectory(atPath: beside, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: beside) }
    try await sandbox.must(["cp", "-a", server.path, copy])
    let extra = ["S": beside, "BIN": ServerProgram.command, "SOURCE": Tool.packageFolder]
    let broken = try await sandbox.run(["sh", "-e", "-c", breaking], in: copy, extra: extra)
    guard broken.status == 0 else { throw StepFailed("\(name): \(broken)") }

    let seen = environment.mapValues { $0.replacing("$S", with: beside) }
    let before = try await listing(copy)
    let doctor = try await sandbox.run(
      [ServerProgram.command, "hook", "doctor", "--format", "json"], in: copy, extra: seen)
    let after = try await listing(copy)
    let report = try? JSONSerialization.jsonObject(with: Data(doctor.output.utf8)) as? [String: Any]

    // The server's git gets what the doctor got: a push over a file takes git's own variables away.
    let told = seen.merging(push.mapValues { $0.replacing("$S", with: beside) }) { $1 }.merging(["PUSHED": "1"]) { $1 }
    let words = told.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
    let lead = report?["lead"] as? String ?? "refs/heads/main"
    _ = try await clone.push("HEAD:\(lead)", "--quiet", "--receive-pack=env \(words) git-receive-pack", to: copy)
    let tip = try await sandbox.run(["git", "--git-dir=" + copy, "rev-parse", "--verify", "--quiet", lead])
    let landed = tip.status == 0 && tip.output.trimmingCharacters(in: .newlines) != server.start
    return Outcome(doctor: doctor, report: report ?? [:], landed: landed, before: before, after: after)
  }

  /// Every file with its bytes' sum: the doctor leaves nothing behind but what any judgement remembers of the lead.
  private func listing(_ folder: String) async throws -> String {
    try await server.sandbox.run(
      [
        "sh", "-c",
        """
        find . -path ./stagex-maint -prune -o -print | LC_ALL=C sort; \
        find . -path ./stagex-maint -prune -o -type f -exec cksum {} + | LC_ALL=C sort
        """,
      ], in: folder
    ).output
  }
}
