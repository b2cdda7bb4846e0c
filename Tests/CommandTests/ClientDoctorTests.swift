import Foundation
import Support
import Testing

/// `hook doctor` in a clone that protects itself: what it says of the clone's hook is held against what a `git fetch`
/// from a server that lies brings in.
@Suite struct ClientDoctorTests {
  struct Way: Sendable, CustomTestStringConvertible {
    let name: String
    /// Lines for sh, in the clone.
    let script: String
    /// What the doctor must call it; nil for nothing.
    var code: String?
    var testDescription: String { name }

    init(_ name: String, _ script: String, _ code: String?) {
      (self.name, self.script, self.code) = (name, script, code)
    }
  }

  private struct Place: Sendable {
    let client: ProtectedClone
    /// Where the server says main stands, and nobody agreed to it.
    let evil: String
  }

  private static let made = Task {
    let scene = try await FetchTests.Scene.make()
    let result = try await scene.client.run("hook", "install", "--client", "--hooks", "\(Tool.packageFolder)/hooks")
    guard result.status == 0 else { throw StepFailed("\(result)") }
    let evil = try await scene.clone.commit("evil", "evil\n")
    try await scene.clone.git("push", "--quiet", "--no-verify", scene.server.path, "HEAD:refs/heads/x")
    try await scene.server.lie("refs/heads/main", evil)
    return Place(client: scene.client, evil: evil)
  }

  private func ask(_ way: Way) async throws -> (doctor: Finished, report: [String: Any], codes: [String], landed: Bool)
  {
    let place = try await Self.made.value
    let sandbox = place.client.sandbox
    let copy = "\(sandbox.path)/doctor-\(way.name.map { $0.isLetter ? String($0) : "-" }.joined())"
    defer { try? FileManager.default.removeItem(atPath: copy) }
    try await sandbox.must(["cp", "-a", place.client.path, copy])
    let broken = try await sandbox.run(
      ["sh", "-e", "-c", "H=.git/hooks/reference-transaction\n" + way.script], in: copy,
      extra: ["BIN": ServerProgram.command])
    guard broken.status == 0 else { throw StepFailed("\(broken)") }
    let doctor = try await sandbox.run([ServerProgram.command, "hook", "doctor", "--format", "json"], in: copy)
    _ = try await sandbox.run(["git", "fetch", "--quiet"], in: copy)
    let tip = try await sandbox.must(["git", "rev-parse", FetchTests.Scene.main], in: copy)
    let report = try JSONSerialization.jsonObject(with: Data(doctor.output.utf8)) as? [String: Any] ?? [:]
    let findings = report["findings"] as? [[String: String]] ?? []
    return (doctor, report, findings.filter { $0["effect"] != "advice" }.compactMap { $0["code"] }, tip == place.evil)
  }

  @Test(arguments: [
    Way("emptied", ": >$H", "client-open"),
    Way("exit 0", "printf '#!/bin/sh\\nexit 0\\n' >$H", "client-open"),
    Way("not executable", "chmod -x $H", "client-open"),
    Way("removed", "rm $H", "client-open"),
    Way("dangling link", "ln -sf /nowhere $H", "client-open"),
    Way("another program", "sed -i 's#^program=.*#program=/bin/true#' $H", "client-open"),
    Way(
      "a wrapper that ends well",
      "printf '#!/bin/sh\\n\"$BIN\" hook client \"$1\" || true\\nexit 0\\n' | sed \"s#.BIN#$BIN#\" >$H", "client-open"),
    Way("hooks elsewhere", "mkdir other; git config core.hooksPath other", "client-open"),
    Way("refuses everything", "printf '#!/bin/sh\\nexit 1\\n' >$H", "client-refuses"),
  ])
  func findsEachWayAndSaysWhatAFetchBringsIn(way: Way) async throws {
    let (doctor, _, codes, landed) = try await ask(way)
    #expect(doctor.status == 1, "\(doctor)")
    #expect(codes.contains(try #require(way.code)), "\(doctor)")
    #expect(landed == (way.code == "client-open"))
  }

  @Test(arguments: [
    Way("as installed", "", nil),
    Way("with the hook for pushes", "\"$BIN\" hook install >/dev/null", nil),
    Way(
      "somebody's own hook that calls ours", "printf '#!/bin/sh\\n%s hook client \"$1\" || exit\\n' \"$BIN\" >$H", nil),
  ])
  func isSilentOnWhatWorks(way: Way) async throws {
    let (doctor, report, codes, landed) = try await ask(way)
    #expect(doctor.status == 0 && codes.isEmpty && !landed, "\(doctor)")
    let places = report["places"] as? [[String: String]] ?? []
    #expect(places.contains(["hook": "reference-transaction", "answer": "judges"]), "\(doctor)")
  }

  /// It says what it found out, and of what is not there it says nothing.
  @Test func itSaysWhatIsJudged() async throws {
    let place = try await Self.made.value
    // In one of its own: doctor writes there for a moment, and the others are copied meanwhile.
    let sandbox = place.client.sandbox
    let copy = "\(sandbox.path)/doctor-own"
    try await sandbox.must(["cp", "-a", place.client.path, copy])
    let said = try await sandbox.run([ServerProgram.command, "hook", "doctor"], in: copy)
    #expect(said.output.hasSuffix("ok: judged is what is fetched\n"), "\(said)")
    #expect(said.output.contains("no pre-push hook"))
  }
}
