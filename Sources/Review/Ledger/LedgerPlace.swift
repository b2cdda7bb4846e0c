package import GitBridge

extension Ledger {
  /// The ledger that is kept beside a repository; nil where git config `maint.ledger` is false.
  ///
  /// Never among git's own files or in the cache, which may be thrown away.
  ///
  /// - Parameter remote: whose refs are watched; nil for this repository's own.
  package static func kept(by repository: Repository, of remote: String? = nil) -> Ledger? {
    let setting = repository.config("maint.ledger")
    if setting == "false" || setting == "" { return nil }
    return kept(in: place(setting, repository), of: remote)
  }

  /// The ledger in a folder that somebody names.
  package static func kept(in base: String, of remote: String?) -> Ledger {
    Ledger(folder: base + "/" + (remote.map { "remote-" + folderName($0) } ?? "here"))
  }

  /// The remotes that a ledger is kept of beside a repository, by the names of their folders, and `here`.
  package static func base(of repository: Repository) -> String? {
    let setting = repository.config("maint.ledger")
    if setting == "false" || setting == "" { return nil }
    return place(setting, repository)
  }

  /// A path that is not absolute is meant from the repository, wherever a command is typed:
  /// a ledger for each folder knows nothing.
  private static func place(_ setting: String?, _ repository: Repository) -> String {
    guard let setting else { return repository.commonDirectory + "/stagex-maint/ledger" }
    return setting.hasPrefix("/") ? setting : repository.commonDirectory + "/" + setting
  }

  /// A remote's name may hold slashes.
  private static func folderName(_ remote: String) -> String {
    var name = ""
    for byte in remote.utf8 {
      let scalar = UnicodeScalar(byte)
      let isPlain =
        scalar.properties.isAlphabetic && byte < 0x80 || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || byte == UInt8(ascii: "-")
      name += isPlain ? String(scalar) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
    return name
  }
}

extension Verdict {
  /// The moves that this judgement let through, one for each step, oldest first; empty where it did not accept.
  ///
  /// - Parameters:
  ///   - updates: what was judged.
  ///   - since: when each ref was last known to be elsewhere; nil for who sees the move itself.
  ///   - isWatched: whether a ref is one whose moves are kept. What nobody judges is nobody's knowledge.
  package func moves(
    of updates: [RefUpdate], at time: Int64, since: Int64? = nil, by keeper: SeenMove.Keeper,
    isWatched: ([UInt8]) -> Bool
  ) -> [SeenMove] {
    guard outcome == .accepted else { return [] }
    var moves: [SeenMove] = []
    for update in updates where isWatched(update.ref) && update.old != update.new {
      var at = update.old
      func add(_ old: ObjectID, _ new: ObjectID) {
        moves.append(SeenMove(ref: update.ref, old: old, new: new, time: time, since: since ?? time, keeper: keeper))
      }
      // A push of several steps took each of them.
      for step in self.updates where Array(step.ref.utf8) == update.ref && step.old != step.new && !step.new.isZero {
        add(step.old, step.new)
        at = step.new
      }
      if at != update.new { add(at, update.new) }
    }
    return moves
  }
}
