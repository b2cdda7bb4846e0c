internal import ArgumentParser
internal import GitBridge
internal import Review
internal import SignFlow

/// Sets up a clone that protects itself.
struct ClientInstall {
  let repository: Repository
  let console: Console
  /// Where the hook files are taken from; nil for those that came with the program.
  let hooks: String?

  private static let hook = "reference-transaction"

  /// - Parameter lead: The branch that carries the rules, where somebody says so.
  func run(trustRoot: ObjectID?, lead: String?) throws -> ExitCode {
    guard !repository.isBare else {
      throw Failure.usage("this is a bare repository: a server is protected by hook install, without --client")
    }
    guard trustRoot != nil || repository.config("maint.trustRoot") != nil else {
      throw Failure.usage(
        "there is no trust root to judge from",
        next: "stagex-maint hook install --client --trust-root COMMIT   (the one that the project publishes)")
    }
    let remote = repository.config("maint.remote") ?? "origin"
    guard try repository.remotes().contains(where: { $0.name == remote }) else {
      throw Failure.usage("there is no remote \(printable(remote))", next: "git config maint.remote NAME")
    }
    if let folder = repository.config("core.hooksPath"), !folder.hasPrefix("/"), !folder.hasPrefix("~/") {
      throw Failure.usage(
        "core.hooksPath is \(printable(folder)), which git takes from the root of each work tree: in another one, and "
          + "after git clean, it would find no hook, and fetch unasked",
        next: "git config core.hooksPath \(shellWord(repository.commonDirectory + "/hooks"))   "
          + "(and put what lies in \(printable(folder)) there)")
    }
    let path = HookPlaces(repository: repository).place(of: Self.hook)
    let bytes = try HookPlaces.filledIn("\(Self.hook)-client", from: hooks)
    let present = try HookPlaces.readFile(path)
    // Somebody's own hook that calls ours, as we advise, does the work already.
    let callsOurs =
      present.map { !HookPlaces.isOurs($0) && String(decoding: $0, as: UTF8.self).contains("hook client") } ?? false
    if let present, present != bytes, !HookPlaces.isOurs(present), !callsOurs {
      throw Failure(
        message: "there is another \(Self.hook) hook at \(printable(path)); it is left as it is",
        next: "let it call: stagex-maint hook client \"$1\" (and stop where that fails), then this again",
        status: ExitCode(1))
    }
    if callsOurs {
      console.say("left as it is, since it calls ours: \(printable(path))")
    } else {
      try HookPlaces.makeFolder(of: path)
      try HookPlaces.write(bytes, to: path, mode: 0o755)
      console.say("installed \(printable(path))")
    }
    let program = try HookPlaces.ownPath()
    try repository.setConfig("maint.program", program)
    console.say("maint.program = \(printable(program))")
    if let trustRoot {
      try repository.setConfig("maint.trustRoot", trustRoot.hex)
      console.say("maint.trustRoot = \(trustRoot.hex)")
    }
    if let lead {
      try repository.setConfig("maint.lead", lead)
      console.say("maint.lead = \(printable(lead))")
    }
    try fetchLeadFirst(remote)
    console.say("next: stagex-maint fetch \(shellWord(remote))   (judges what is here already)")
    return .success
  }

  /// git fetch moves refs in the order of the remote's refspecs, one transaction each: what carries the rules has to
  /// come before what is judged by them.
  private func fetchLeadFirst(_ remote: String) throws {
    let lead = String(
      decoding: try Session(repository, nil, moment: .now, engines: .native).reviewer.leadRef(), as: UTF8.self)
    let key = "remote.\(remote).fetch"
    let first = "+\(lead):refs/remotes/\(remote)/\(lead.dropFirst("refs/heads/".count))"
    let git = GitRunner(
      gitDirectory: repository.commonDirectory, environment: ProcessEnvironment.current, mayPrompt: false)
    do throws(CosignError) {
      let all = try git.run(["config", "--local", "--get-all", key]).output.split(separator: UInt8(ascii: "\n")).map {
        String(decoding: $0, as: UTF8.self)
      }
      guard !all.isEmpty, all.first != first else { return }
      // The first of these leaves a clone that fetches its lead, should the second not come to pass.
      _ = try git.succeed("set \(key)", ["config", "--local", "--replace-all", key, first])
      for refspec in all where refspec != first {
        _ = try git.succeed("set \(key)", ["config", "--local", "--add", key, refspec])
      }
      console.say("\(key) begins with \(printable(first)): what carries the rules is fetched first")
    } catch {
      throw Failure(message: error.message, next: error.next, status: ExitCode(2))
    }
  }
}
