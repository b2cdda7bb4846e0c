internal import ArgumentParser
internal import Basics
internal import GitBridge
internal import Glibc
internal import Review

struct HookInstall: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install", abstract: "Put the hooks into a repository, and say where this program is.",
    discussion: """
      Installs `pre-receive`; on a forge into its folder `pre-receive.d`. In a clone with a work tree \
      it installs `pre-push` instead. A hook that is already there and is not ours is left alone, or with --chain kept \
      and run after ours.
      """)

  @OptionGroup var common: CommonOptions

  @Flag(help: "Also install reference-transaction: it asks about tags and deletions that a forge's pages make.")
  var backstop = false

  @Flag(
    help:
      "In a clone: let git fetch move the view of a server's protected branches and tags only to what the rule accepts."
  )
  var client = false

  @Flag(help: "Where another hook is: keep it, and run it after ours.")
  var chain = false

  @Option(
    help: ArgumentHelp(
      """
      The commit to trust, with its ancestors: written to maint.trustRoot. \
      A full id may be one that is yet to be pushed.
      """,
      valueName: "rev"))
  var trustRoot: String?

  @Option(help: ArgumentHelp("The branch that carries the rules: written to maint.lead.", valueName: "branch"))
  var lead: String?

  @Option(help: ArgumentHelp("Take the hook files from this folder.", valueName: "dir"))
  var hooks: String?

  func validate() throws {
    if client, chain || backstop {
      throw ValidationError("--client installs a hook of its own kind: without --chain and --backstop")
    }
  }

  func run() throws {
    let console = common.console
    try running(console) {
      let repository = try common.openRepository()
      if client {
        let root = try trustRoot.map { try Session.resolve($0, in: repository) }
        if let lead { _ = try LeadChoice(repository, asked: lead) }
        return try ClientInstall(repository: repository, console: console, hooks: hooks).run(
          trustRoot: root, lead: lead)
      }
      if backstop { try Self.refuseBackstop(where: repository) }
      // Everything is looked at before anything is written.
      let names = (repository.isBare ? ["pre-receive"] : ["pre-push"]) + (backstop ? ["reference-transaction"] : [])
      let installations = try names.map { try installation(of: $0, in: repository) }
      let root = try trustRoot.map { try Self.root($0, in: repository) }
      let choice = try LeadChoice(repository, asked: lead, root: root?.id)
      let program = try HookPlaces.ownPath()

      for installation in installations { console.out(try installation.perform()) }
      try repository.setConfig("maint.program", program)
      console.out("maint.program = \(printable(program))")
      if let root {
        try repository.setConfig("maint.trustRoot", root.id.hex)
        console.out(
          "maint.trustRoot = \(root.id.hex)"
            + (root.isHere ? "" : "   (not here yet: the first push of the lead brings it)"))
      }
      if let lead { try repository.setConfig("maint.lead", lead) }
      // What is to be typed stands on a line of its own, as it is.
      choice.lines.flatMap { $0.hasPrefix(" ") ? [$0] : wrapped($0, width: console.width, indent: "  ") }.forEach(
        console.out)
      if let root, !root.isHere {
        console.out(
          """
          next: the first push, from a clone that has \(root.id.short): git push REMOTE BRANCH; \
          then here: stagex-maint hook doctor
          """)
      } else {
        console.out("next: stagex-maint hook doctor")
      }
      return .success
    }
  }

  /// There every commit, reset and fetch moves refs, and the server's rules are not about them.
  private static func refuseBackstop(where repository: Repository) throws {
    guard repository.isBare else {
      throw Failure(
        message:
          """
          --backstop is for a server's bare repository; \
          in a clone with a work tree it would stop your own commits and fetches
          """,
        next: "stagex-maint hook install, which asks before a push leaves", status: .validationFailure)
    }
    guard !HookPlaces(repository: repository).isGitLabs else {
      throw Failure(
        message:
          """
          GitLab runs no reference-transaction hook of a repository: protect tags and branches in its settings instead
          """,
        next: "stagex-maint hook install", status: .validationFailure)
    }
  }

  private func installation(of name: String, in repository: Repository) throws -> HookInstallation {
    let bytes = try HookPlaces.filledIn(name, from: hooks)
    let path = HookPlaces(repository: repository).place(of: name)
    let link = HookChain(path: path)
    if link.isThere { return HookInstallation(path: link.ours, bytes: bytes, chain: nil) }
    guard let present = try HookPlaces.readFile(path), present != bytes, !HookPlaces.isOurs(present),
      !Self.isTorn(present, bytes)
    else {
      return HookInstallation(path: path, bytes: bytes, chain: nil)
    }
    guard chain else {
      throw Failure(
        message: "there is another \(name) hook at \(printable(path)); it is left as it is",
        next: "stagex-maint hook install --chain, which runs it after ours", status: ExitCode(1))
    }
    guard HookChain.mayBeRenamed(present) else {
      throw Failure(
        message:
          """
          the \(name) hook at \(printable(path)) looks at its own name, and would not work under another; \
          it is left as it is
          """,
        next: "let it call: stagex-maint hook \(name)   (and stop where that fails)", status: ExitCode(1))
    }
    return HookInstallation(path: path, bytes: bytes, chain: try HookPlaces.shipped(HookChain.shippedName, from: hooks))
  }

  /// What a full disk has left of a hook is nobody's.
  private static func isTorn(_ present: [UInt8], _ whole: [UInt8]) -> Bool {
    present.allSatisfy { $0 == 0 } || whole.starts(with: present)
  }

  /// - Returns: the commit, and whether it is here.
  private static func root(_ text: String, in repository: Repository) throws -> (id: ObjectID, isHere: Bool) {
    if let id = ObjectID(hexString: text), try repository.kind(of: id) == nil {
      // A server that is still empty: only a full id is out of everybody's reach until it comes.
      guard try repository.references().isEmpty else {
        throw Failure(
          message: "there is no commit \(id.hex) here, and without it every push would be refused",
          next: "fetch it first, or name a commit that is here", status: .validationFailure)
      }
      return (id, false)
    }
    return (try Session.resolve(text, in: repository), true)
  }
}

/// One hook file that is to be put in place.
private struct HookInstallation {
  let path: String
  let bytes: [UInt8]
  /// The script that runs ours and the other hook, where there is another.
  let chain: [UInt8]?

  /// - Returns: what was done, for people.
  func perform() throws -> String {
    try HookPlaces.makeFolder(of: path)
    if let chain {
      let link = HookChain(path: path)
      try link.put(ours: bytes, driver: chain)
      return
        "installed \(printable(link.ours)), and after it runs the hook that was there, now \(printable(link.before))"
    }
    if unsafe access(path, X_OK) == 0, try HookPlaces.readFile(path) == bytes {
      return "is there already: \(printable(path))"
    }
    try HookPlaces.write(bytes, to: path, mode: 0o755)
    return "installed \(printable(path))"
  }
}

extension HookPlaces {
  /// Makes the folder in which a hook is to lie, if it is not there.
  static func makeFolder(of path: String) throws {
    guard let slash = path.lastIndex(of: "/") else { return }
    let folder = String(path[..<slash])
    guard unsafe mkdir(folder, 0o755) == 0 || errno == EEXIST else {
      throw Failure.cannotJudge(
        "the folder \(printable(folder)) cannot be made: \(errorText(errno))", next: "ls -ld \(shellWord(folder))")
    }
  }
}
