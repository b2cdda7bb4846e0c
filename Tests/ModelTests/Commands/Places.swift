import Foundation
import GitBridge
import Review
import RuleModel
import Support

/// The places in which people ask about one story's pushes: the server with its hook, another server that shows
/// whatever one likes, a maintainer's clone, and the clone of somebody who only fetches.
final class Places {
  let real: RealRepository
  let sandbox: Sandbox
  let story: Story
  let engine: String
  let server, clone, client: String
  /// Where all refs stand, as everybody agrees.
  private(set) var refs: [String: Int]

  var shown: String { real.git.path }

  init(_ story: Story, from start: [String: Int], engine: String) async throws {
    (self.story, self.engine, refs) = (story, engine, start)
    real = try RealRepository(story.model.history, splitGPG: true)
    sandbox = try Sandbox()
    (server, clone, client) = (sandbox.path + "/server.git", sandbox.path + "/clone", sandbox.path + "/client")
    for (ref, value) in start { try show(ref, value) }
    try await sandbox.must(["git", "init", "--quiet", "--bare", server])
    for folder in [server] {
      try Data((shown + "/objects\n").utf8).write(to: URL(filePath: folder + "/objects/info/alternates"))
    }
    for (ref, value) in start { try await move(server, RealRepository.name(ref), ref, value) }
    for folder in [clone, client] {
      try await sandbox.must(["git", "clone", "--quiet", "--no-checkout", "file://" + shown, folder])
    }
    try Data((shown + "/objects\n").utf8).write(to: URL(filePath: clone + "/.git/objects/info/alternates"))
    for folder in [server, shown, clone, client] {
      try await config(folder, "maint.trustRoot", real.id(story.model.root).hex)
      if let lead = story.model.leadSetting { try await config(folder, "maint.lead", lead) }
    }
    // Git's own wishes say nothing about the rule.
    try await config(server, "receive.denyDeleteCurrent", "ignore")
    try await config(server, "maint.engine", engine)
    try await config(server, "maint.program", ServerProgram.command)
    let hook = server + "/hooks/pre-receive"
    try? FileManager.default.removeItem(atPath: hook)
    try FileManager.default.copyItem(atPath: Tool.packageFolder + "/hooks/pre-receive", toPath: hook)
  }

  private func config(_ folder: String, _ key: String, _ value: String) async throws {
    try await sandbox.must(["git", "-C", folder, "config", key, value])
  }

  // MARK: Refs

  /// What the other server shows.
  func show(_ ref: String, _ value: Int?) throws {
    let name = RealRepository.name(ref)
    try real.git.setRef(name, to: nil)
    if let value { try real.git.setRef(name, to: try real.object(ref, value)) }
  }

  private func move(_ folder: String, _ name: String, _ ref: String, _ value: Int?) async throws {
    let words = try value.map { ["update-ref", name, try real.object(ref, $0).hex] } ?? ["update-ref", "-d", name]
    try await sandbox.must(["git", "-C", folder, "-c", "core.hooksPath=/dev/null"] + words)
  }

  /// What the clone believes of the server.
  func track(_ ref: String, _ value: Int?) async throws {
    let name = ref.hasPrefix("tags/") ? "refs/" + ref : "refs/remotes/origin/" + ref
    try await move(clone, name, ref, value)
  }

  /// Everybody comes to agree that the ref stands here.
  func land(_ update: Update, isPushed: Bool) async throws {
    refs[update.ref] = update.new
    try show(update.ref, update.new)
    try await track(update.ref, update.new)
    if !isPushed { try await move(server, RealRepository.name(update.ref), update.ref, update.new) }
  }

  // MARK: Asking

  func run(_ words: [String], in folder: String, extra: [String: String] = [:]) async throws -> Finished {
    try await sandbox.run([ServerProgram.command] + words, in: folder, extra: extra)
  }

  /// A real push, judged by the hook.
  func push(_ update: Update) async throws -> Said {
    let new = try real.object(update.ref, update.new)
    let spec = (update.new == nil ? ":" : "+\(new.hex):") + RealRepository.name(update.ref)
    let finished = try await sandbox.run(["git", "-C", shown, "push", "--quiet", server, spec])
    return Said(text: finished, "hook", remote: true)
  }

  func verdict(_ words: [String], in folder: String, _ name: String) async throws -> Said {
    Said(json: try await run(words + ["--format", "json"], in: folder), name)
  }
}
