import Foundation
import Synchronization

/// Maintainers with virtual cards who sign the images of one miniature tree, each in a work tree of their own.
package final class ImageMaintainers {
  package let tree: ImageTree
  package let people: [(name: String, card: VirtualCard, path: String)]

  /// - Parameter subkey: whether each card holds a signing subkey, as most maintainers' do.
  package init(_ names: [String] = ["alice", "bob"], packages: Int, subkey: Bool = true, delayMilliseconds: Int = 0)
    throws
  {
    let cards = try names.map {
      try VirtualCard(name: $0.capitalized, subkey: subkey, delayMilliseconds: delayMilliseconds)
    }
    var files = ["MAINTAINERS": ""]
    for (name, card) in zip(names, cards) {
      files["MAINTAINERS"]! +=
        "[people.\(name)]\n[keys.\(name).card]\nid = \"\(card.fingerprint)\"\ndevices = \"virtual card\"\n"
      files["keys/\(card.fingerprint).asc"] = String(decoding: try card.certificate(), as: UTF8.self)
    }
    let tree = try ImageTree(packages: packages, registry: files)
    self.tree = tree
    people = try zip(names, cards).map { name, card in
      let path = try tree.copy(name)
      try ImageTree.git(path, "config", "user.signingkey", card.fingerprint)
      try ImageTree.git(path, "config", "maint.signatures", tree.signatures)
      try ImageTree.git(path, "config", "maint.trustRoot", try ImageTree.git(path, "rev-parse", "HEAD"))
      return (name, card, path)
    }
  }

  /// Commits everything in a maintainer's work tree as what everybody has agreed to.
  package func agree(_ person: Int, _ message: String) throws {
    let path = people[person].path
    try ImageTree.git(path, "add", "--all", ".")
    try ImageTree.git(path, "commit", "--quiet", "--allow-empty", "--message", message)
    try ImageTree.git(path, "config", "maint.trustRoot", try ImageTree.git(path, "rev-parse", "HEAD"))
  }

  package func environment(_ person: Int) -> [String: String] {
    people[person].card.environment.merging(["GIT_COMMITTER_NAME": people[person].name]) { $1 }
  }

  /// Runs the command under test in a maintainer's work tree.
  package func run(_ person: Int, _ arguments: String..., environment: [String: String] = [:]) throws -> Tool.Result {
    try Tool.run(
      ServerProgram.command, arguments, environment: self.environment(person).merging(environment) { $1 },
      folder: people[person].path,
      seconds: 300)
  }

  /// Runs the same command for everybody at the same moment.
  package func together(_ arguments: String...) throws -> [Tool.Result] {
    let jobs = people.map { ($0.path, $0.card.environment) }
    let results = Mutex<[Int: Tool.Result]>([:])
    DispatchQueue.concurrentPerform(iterations: jobs.count) { index in
      let result = try? Tool.run(
        ServerProgram.command, arguments, environment: jobs[index].1, folder: jobs[index].0, seconds: 300)
      results.withLock { $0[index] = result }
    }
    return try jobs.indices.map { index in
      guard let result = results.withLock({ $0[index] }) else { throw StepFailed("\(arguments) did not end") }
      return result
    }
  }

  /// Runs a command and kills it after so long. False when it had ended before.
  package func runAndKill(_ person: Int, _ arguments: [String], afterMilliseconds delay: UInt32) throws -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: ServerProgram.command)
    process.arguments = arguments
    process.environment = Tool.bareEnvironment.merging(environment(person)) { $1 }
    process.currentDirectoryURL = URL(fileURLWithPath: people[person].path)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    usleep(delay * 1000)
    let killed = process.isRunning && kill(process.processIdentifier, SIGKILL) == 0
    process.waitUntilExit()
    return killed && process.terminationReason == .uncaughtSignal
  }

  /// `signatures verify --format json` in a maintainer's work tree, after its clone was brought up to date.
  package func report(_ person: Int, branch: String) throws -> (status: Int32, images: [[String: Any]]) {
    let clone = people[person].path + "/signatures"
    try ImageTree.git(clone, "fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*")
    try ImageTree.git(clone, "checkout", "--quiet", "--force", "--detach", "origin/\(branch)")
    let result = try run(person, "signatures", "verify", "--format", "json")
    let object = try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any]
    return (result.status, object?["images"] as? [[String: Any]] ?? [])
  }
}
