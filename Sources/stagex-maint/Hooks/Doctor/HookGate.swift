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
  }

  let place: Place
  /// What people read for it.
  let name: String
  let commands: [GateStep]

  /// The words by which a refusal of ours begins (`HookRunning.judge`).
  var words: String {
    switch place {
    case .preReceive, .update: "error: push refused"
    case .backstop: "error: no ref is moved"
    case .prePush: "error: push stopped"
    }
  }

  func arguments(_ update: RefUpdate) -> [String] {
    switch place {
    case .preReceive: []
    case .update: [update.name, update.old.hex, update.new.hex]
    case .backstop: ["prepared"]
    case .prePush: ["origin", "made-up"]
    }
  }

  func input(_ update: RefUpdate) -> String {
    switch place {
    case .preReceive: "\(update.old.hex) \(update.new.hex) \(update.name)\n"
    // Git gives zeros for "whatever it is now"; a deletion that gives the value may be a loose file that is pruned.
    case .backstop: "\(ObjectID.zero.hex) \(update.new.hex) \(update.name)\n"
    case .update: ""
    case .prePush: "\(update.new.isZero ? "(delete)" : "HEAD") \(update.new.hex) \(update.name) \(update.old.hex)\n"
    }
  }
}
