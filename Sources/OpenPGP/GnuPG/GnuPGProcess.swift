internal import Basics
internal import CLinux
internal import Glibc

/// A child process that talks over one socket: its standard input and output. Its standard error goes to
/// /dev/null, its environment is fixed, and it inherits nothing but the files given to it.
///
/// A socket and not a pipe, because writing to a dead child then is an error and not a signal that kills us.
final class GnuPGProcess {
  private let socket: Descriptor
  private var process: pid_t
  private var received: [UInt8] = []
  private var position = 0

  /// Where the first of the files given appears in the child: /proc/self/fd/3.
  static let firstFile: Int32 = 3
  /// The most files that a child is given.
  static let mostFiles = 24
  /// Our own ends live from this number on, so that no file meets another one's place in the child. Not far above: a
  /// server may let its hooks have a hundred files or less.
  static let ownFloor = firstFile + Int32(mostFiles)

  /// Starts `program`, an absolute path, with `files` as 3, 4, 5…
  init(program: String, arguments: [String], files: [Descriptor]) throws(GnuPGTrouble) {
    guard files.count <= Self.mostFiles else { throw GnuPGTrouble("more files than gpg is given") }
    var ends: [Int32] = [-1, -1]
    guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw GnuPGTrouble("socketpair", errno: errno)
    }
    let ours = Descriptor(owning: ends[0])
    let theirs = try Descriptor(owning: ends[1]).moved()
    socket = ours
    process = try Self.spawn(program, arguments, socket: theirs, files: files)
  }

  deinit { stop() }

  private static func spawn(
    _ program: String, _ arguments: [String], socket: Descriptor, files: [Descriptor]
  ) throws(GnuPGTrouble) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, socket.number, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, socket.number, 1)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    for (index, file) in files.enumerated() {
      unsafe posix_spawn_file_actions_adddup2(&actions, file.number, firstFile + Int32(index))
    }
    unsafe posix_spawn_file_actions_addclosefrom_np(&actions, firstFile + Int32(files.count))
    // Messages are never read, but a locale costs time to load. No HOME, no GNUPGHOME, no agent's address, no display.
    var child: pid_t = 0
    let status = unsafe withCStrings([program] + arguments) { argv in
      unsafe withCStrings(["LC_ALL=C", "PATH=/usr/bin:/bin"]) { environment in
        unsafe posix_spawn(&child, program, &actions, nil, argv, environment)
      }
    }
    guard status == 0 else { throw GnuPGTrouble("starting gpg", errno: status) }
    return child
  }

  /// Sends a line, which must not contain LF.
  func send(line: String) throws(GnuPGTrouble) {
    var bytes = Array((line + "\n").utf8)
    while !bytes.isEmpty {
      let sent = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard sent >= 0 || errno == EINTR else { throw GnuPGTrouble("writing to gpg", errno: errno) }
      bytes.removeFirst(max(0, sent))
    }
  }

  /// Whether a line has been received that was not handed out yet.
  var holdsLine: Bool { received[position...].contains(UInt8(ascii: "\n")) }

  /// The next line without its LF. `nil` at the end.
  func receiveLine(_ patience: Patience) throws(GnuPGTrouble) -> ArraySlice<UInt8>? {
    var searched = position
    while true {
      if let end = received[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { position = end + 1 }
        return received[position..<end]
      }
      received.removeFirst(position)
      position = 0
      searched = received.count
      // No line of GnuPG's is long; one without an end is trouble.
      guard searched < 1 << 20 else { throw GnuPGTrouble("gpg's answer has no end") }
      guard try receive(patience) else { return nil }
    }
  }

  /// Appends what has come; `false` at the end.
  private func receive(_ patience: Patience) throws(GnuPGTrouble) -> Bool {
    var waiting = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
    var ready = unsafe poll(&waiting, 1, patience.milliseconds)
    while ready < 0 && errno == EINTR { ready = unsafe poll(&waiting, 1, patience.milliseconds) }
    guard ready > 0 else { throw patience.trouble }
    var chunk = [UInt8](repeating: 0, count: 16 * 1024)
    let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(socket.number, $0.baseAddress, $0.count, 0) }
    guard count >= 0 else {
      // A child that ended with our bytes unread resets the connection: an end like any other.
      if errno == ECONNRESET { return false }
      if errno == EINTR { return true }
      throw GnuPGTrouble("reading from gpg", errno: errno)
    }
    received.append(contentsOf: chunk[..<count])
    return count > 0
  }

  /// All lines up to the end.
  func receiveLines(_ patience: Patience, _ body: (ArraySlice<UInt8>) -> Void) throws(GnuPGTrouble) {
    var count = 0
    while let line = try receiveLine(patience) {
      count += 1
      try Self.check(count, patience)
      body(line)
    }
  }

  /// Refuses a child that talks without end: it is as bad as one that says nothing.
  static func check(_ lines: Int, _ patience: Patience) throws(GnuPGTrouble) {
    guard !patience.hasEnded else { throw patience.trouble }
    guard lines <= mostLines else { throw GnuPGTrouble("gpg's answer has no end") }
  }

  /// Lines about one signature; an ordinary one has ten.
  private static let mostLines = 10_000

  /// Tells the child that no more input comes.
  func endInput() { _ = Glibc.shutdown(socket.number, Int32(SHUT_WR)) }

  /// Ends the child, whatever it is doing, and takes its status. It holds nothing worth saving.
  func stop() {
    guard process > 0 else { return }
    kill(process, SIGKILL)
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0 && errno == EINTR {}
    process = 0
  }

  /// Waits for the child, whose output has ended, to end by itself; `true` when it ended with status 0. One that does
  /// not is ended.
  func wait(_ patience: Patience) -> Bool {
    let end = ContinuousClock.now + .milliseconds(Int(patience.milliseconds))
    while process > 0 {
      var status: Int32 = 0
      let ended = unsafe waitpid(process, &status, WNOHANG)
      if ended == process || ended < 0 && errno != EINTR {
        process = 0
        return ended > 0 && status == 0
      }
      guard ContinuousClock.now < end else {
        stop()
        return false
      }
      usleep(500)
    }
    return false
  }
}
