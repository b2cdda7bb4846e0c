internal import GitBridge
internal import Glibc
internal import Review

/// One program that a server runs for a hook.
struct GateStep {
  enum Kind { case file, shell }
  let kind: Kind
  /// The file's path as git passes it, which scripts look at; or the shell's line.
  let text: String

  /// The absolute path of the file; nil for a line of the shell.
  func file(in folder: String) -> String? {
    guard kind == .file else { return nil }
    return text.hasPrefix("/") ? text : "\(folder)/\(text)"
  }
}

/// A place where the server asks whether refs may move: what it runs there, one after the other.
struct HookGate {
  enum Place: String {
    case preReceive = "pre-receive"
    case update
    case backstop = "reference-transaction"
    /// On a laptop.
    case prePush = "pre-push"
    /// In a clone that protects itself: git asks before a fetch moves what the clone believes.
    case client

    /// Git's name for the hook.
    var hook: String { self == .client ? Place.backstop.rawValue : rawValue }
  }

  let place: Place
  /// What people read for it.
  let name: String
  let commands: [GateStep]
  /// In a clone: the remote that the hooks look at.
  var remote = "origin"

  /// Where a clone keeps what it has seen of a branch.
  private func tracking(_ ref: String) -> String {
    ref.hasPrefix("refs/heads/") ? "refs/remotes/\(remote)/\(ref.dropFirst("refs/heads/".count))" : ref
  }

  /// The words by which a refusal of ours begins (`HookRunning.judge`).
  var words: String {
    switch place {
    case .preReceive, .update: "error: push refused"
    case .backstop: "error: no ref is moved"
    case .prePush: "error: push stopped"
    case .client: "is not moved, by stagex-maint"
    }
  }

  func arguments(_ update: RefUpdate) -> [String] {
    switch place {
    case .preReceive: []
    case .update: [update.name, update.old.hex, update.new.hex]
    case .backstop, .client: ["prepared"]
    case .prePush: ["origin", "made-up"]
    }
  }

  func input(_ update: RefUpdate) -> String {
    switch place {
    case .preReceive: "\(update.old.hex) \(update.new.hex) \(update.name)\n"
    // Git gives zeros for "whatever it is now"; a deletion that gives the value may be a loose file that is pruned.
    case .backstop: "\(ObjectID.zero.hex) \(update.new.hex) \(update.name)\n"
    case .update: ""
    case .client: "\(update.old.hex) \(update.new.hex) \(tracking(update.name))\n"
    case .prePush: "\(update.new.isZero ? "(delete)" : "HEAD") \(update.new.hex) \(update.name) \(update.old.hex)\n"
    }
  }
}
