internal import Clibgit2
internal import Glibc

/// `git merge-tree --stdin`, at work in a throwaway repository with the objects of another.
///
/// No setting, attribute, driver, hook, replacement or graft of that repository, of the machine or of the user takes
/// part: the only configuration is the one that stands here, and the environment is empty but for what keeps git from
/// looking further. Objects that a remote has promised are not fetched.
@safe final class GitMerging {
  /// What git says of a merge.
  enum Answer: Equatable {
    case clean(tree: ObjectID)
    /// The tree holds what git leaves there, lines between markers included.
    case conflict(paths: [[UInt8]], tree: ObjectID)
    /// This git cannot do it, whatever the merge.
    case cannot(String)
  }

  private let program: GitProgram
  private let folder: ScratchFolder
  private let environment: [String]
  private let store: OpaquePointer
  private var child: ChildProcess?
  /// Asked for after each merge, since git says nothing before it has 4,096 bytes to say: a merge whose answer is
  /// longer.
  private let filler: String
  /// Answers to ``filler`` that are still to come.
  private var fillers = 0
  private var merges = 0

  /// Above 4,096 bytes of names; see ``filler``.
  private static let fillerNames = (0..<20).map { number in
    String(repeating: Character(Unicode.Scalar(UInt8(ascii: "a") + UInt8(number))), count: 230)
  }

  /// Little is mapped or kept, so that the limits below can be tight; nothing is written for ever.
  private static let settings = """
    \tcommitGraph = false
    \tfsync = none
    \tlooseCompression = 1
    \tpackedGitWindowSize = 16m
    \tpackedGitLimit = 256m
    \tdeltaBaseCacheLimit = 32m
    [gc]
    \tauto = 0
    [maintenance]
    \tauto = false

    """
  private static let limits = ChildProcess.Limits(memory: 512 << 20, processor: 300, file: 1 << 30)
  /// In bytes: more names than ``Repository/mostPaths`` are no answer.
  private static let longestAnswer = 256 << 20

  init(_ program: GitProgram, objects: [String]) throws(GitError) {
    self.program = program
    folder = try ScratchFolder(settings: Self.settings)
    environment = [
      "LC_ALL=C", "PATH=/usr/bin:/bin", "HOME=\(folder.path)", "XDG_CONFIG_HOME=\(folder.path)",
      "GIT_DIR=\(folder.path)",
      "GIT_OBJECT_DIRECTORY=\(folder.path)/objects",
      "GIT_ALTERNATE_OBJECT_DIRECTORIES=\(objects.map(quotedForGit).joined(separator: ":"))",
      "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_ATTR_NOSYSTEM=1", "GIT_NO_REPLACE_OBJECTS=1",
      "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0",
    ]
    var opened: OpaquePointer?
    try Library.check("prepare a merge", unsafe git_odb_open(&opened, folder.path + "/objects"))
    guard let opened = unsafe opened else { throw Library.failure("prepare a merge", -1) }
    unsafe store = opened
    do throws(GitError) {
      filler = try unsafe Self.makeFiller(opened)
    } catch {
      unsafe git_odb_free(opened)
      throw error
    }
  }

  deinit {
    child = nil
    unsafe git_odb_free(store)
  }

  /// Where git writes.
  var objects: String { folder.path + "/objects" }

  /// Whether it has done so much that another should take its place: its folder only grows.
  var isWorn: Bool { merges >= 2000 }

  /// Writes an object that git is to find.
  func add(_ kind: ObjectKind, _ bytes: [UInt8]) throws(GitError) {
    _ = try unsafe Self.write(kind, bytes, to: store)
  }

  private static func write(_ kind: ObjectKind, _ bytes: [UInt8], to store: OpaquePointer) throws(GitError) -> ObjectID
  {
    var oid = git_oid()
    let status = unsafe bytes.withUnsafeBytes { unsafe git_odb_write(&oid, store, $0.baseAddress, $0.count, kind.type) }
    try Library.check("write for git", status)
    return ObjectID(oid)
  }

  /// Twenty files that one side deleted and the other changed: git names each in its answer.
  private static func makeFiller(_ store: OpaquePointer) throws(GitError) -> String {
    func tree(_ content: String) throws(GitError) -> ObjectID {
      let blob = try unsafe write(.blob, Array(content.utf8), to: store)
      var bytes: [UInt8] = []
      for name in fillerNames { bytes.appendTreeEntry(mode: FileMode.file, name: Array(name.utf8), id: blob) }
      return try unsafe write(.tree, bytes, to: store)
    }
    func commit(_ tree: ObjectID, _ parent: ObjectID?) throws(GitError) -> ObjectID {
      let text =
        "tree \(tree)\n" + (parent.map { "parent \($0)\n" } ?? "")
        + "author - <-> 0 +0000\ncommitter - <-> 0 +0000\n\n"
      return try unsafe write(.commit, Array(text.utf8), to: store)
    }
    let base = try commit(try tree("1\n"), nil)
    let ours = try commit(try unsafe write(.tree, [], to: store), base)
    let theirs = try commit(try tree("2\n"), base)
    return "\(ours) \(theirs)\n"
  }

  /// - Throws: ``GitError/outOfTime(_:)`` at the deadline, and what keeps git from an answer.
  func merge(_ ours: ObjectID, _ theirs: ObjectID, until deadline: ContinuousClock.Instant) throws(GitError) -> Answer {
    merges += 1
    let isFresh = child == nil
    let child: ChildProcess
    if let running = self.child { child = running } else { child = try start() }
    if child.send("\(ours) \(theirs)\n\(filler)"), let answer = try receive(child, until: deadline) { return answer }
    child.endInput()
    let ending = child.stop(killing: false)
    self.child = nil
    // It has used up what it may use over many merges: once more, with a new one.
    if !isFresh, ending == .signal(SIGXCPU) { return try merge(ours, theirs, until: deadline) }
    return try failed(ending)
  }

  private func start() throws(GitError) -> ChildProcess {
    let made = try ChildProcess(
      program: program.path,
      arguments: ["-C", folder.path, "merge-tree", "--write-tree", "--name-only", "--no-messages", "--stdin"],
      environment: environment, errors: folder.path + "/errors", limits: Self.limits)
    child = made
    fillers = 0
    return made
  }

  /// The next answer that is no filler's; nil when git has ended before it.
  private func receive(_ child: ChildProcess, until deadline: ContinuousClock.Instant) throws(GitError) -> Answer? {
    var skipped = fillers
    fillers = 1
    var searched = 0
    while true {
      // An answer ends with an empty field.
      while let end = Self.end(of: child.received, from: &searched) {
        let fields = child.received[..<end].split(separator: 0).map(Array.init)
        child.take(end)
        searched = 0
        if skipped > 0 { skipped -= 1 } else { return try answer(fields) }
      }
      guard child.received.count < Self.longestAnswer else {
        throw end(.program("git merge-tree", message: "its answer has no end"))
      }
      switch child.receive(until: deadline) {
      case .bytes: continue
      case .end: return nil
      case .timeout: throw end(.outOfTime("merging again by git"))
      }
    }
  }

  /// Where the first answer in these bytes ends, behind its two NULs.
  private static func end(of bytes: [UInt8], from searched: inout Int) -> Int? {
    var place = searched
    while place + 1 < bytes.count {
      if bytes[place] == 0, bytes[place + 1] == 0 { return place + 2 }
      place += 1
    }
    searched = place
    return nil
  }

  private func answer(_ fields: [[UInt8]]) throws(GitError) -> Answer {
    guard fields.count >= 2, let tree = ObjectID(hex: fields[1]) else {
      throw end(.program("git merge-tree", message: "it answers in an unknown way"))
    }
    switch fields[0] {
    case [UInt8(ascii: "1")] where fields.count == 2: return .clean(tree: tree)
    case [UInt8(ascii: "0")]:
      return .conflict(paths: Set(fields[2...]).sorted { $0.lexicographicallyPrecedes($1) }, tree: tree)
    default: throw end(.program("git merge-tree", message: "it answers in an unknown way"))
    }
  }

  /// Ends the child; the next merge starts another.
  private func end(_ error: GitError) -> GitError {
    child?.stop()
    child = nil
    return error
  }

  /// What it means that git ended without an answer.
  private func failed(_ ending: ChildProcess.Ending) throws(GitError) -> Answer {
    let said = folder.read("errors", atMost: 4000)
    let text = String(decoding: said, as: UTF8.self)
    let named = "git \(program.version ?? "(\(program.path))")"
    switch ending {
    // Usage: options that it does not know.
    case .status(129): return .cannot("\(named) cannot do a merge again: that takes 2.39 or newer")
    case .signal(SIGXCPU): throw .outOfTime("merging again by \(named)")
    case .status, .signal, .unknown: break
    }
    let line = text.split(separator: "\n").first.map(String.init)
    throw .program("merging again by \(named)", message: line ?? "it ended without a word (\(ending))")
  }
}

/// As git reads a path in a list of them: between quotes, whatever it holds.
private func quotedForGit(_ path: String) -> String {
  var bytes: [UInt8] = [UInt8(ascii: "\"")]
  for byte in path.utf8 {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
    case 0x00..<0x20:
      bytes += Array("\\".utf8) + [6, 3, 0].map { UInt8(ascii: "0") + (byte >> $0) & 7 }
    default: bytes.append(byte)
    }
  }
  return String(decoding: bytes + [UInt8(ascii: "\"")], as: UTF8.self)
}
