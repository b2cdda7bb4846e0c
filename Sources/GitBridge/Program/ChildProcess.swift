internal import Basics
internal import CLinux
internal import Glibc

/// A child process that talks over one socket, its standard input and output. Its standard error goes to a file, its
/// environment is what it is given, and it inherits nothing else.
///
/// A socket and not two pipes, because writing to a dead child then is an error and not a signal that kills us.
@safe final class ChildProcess {
  private let socket: Int32
  private var process: pid_t
  /// What came and was not taken yet.
  private(set) var received: [UInt8] = []

  /// What it may use; see ``limit(_:)``.
  struct Limits {
    /// In bytes, of its own: files that are mapped to be read do not count.
    var memory: UInt
    /// In seconds of the processor. It bounds a child whose parent was killed.
    var processor: UInt
    /// In bytes, of one file that it writes.
    var file: UInt
  }

  /// - Parameters:
  ///   - program: an absolute path.
  ///   - errors: the file that its standard error is written to.
  init(
    program: String, arguments: [String], environment: [String], errors: String, limits: Limits
  ) throws(GitError) {
    var ends: [Int32] = [-1, -1]
    guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw .program(program, message: "no socket (errno \(errno))")
    }
    // Ours are above the numbers that they get in the child, whatever of 0, 1 and 2 this process was started without.
    let (ours, theirs) = (Self.moved(ends[0]), Self.moved(ends[1]))
    defer { close(theirs) }
    guard ours >= 0, theirs >= 0 else {
      close(ours)
      throw .program(program, message: "no file descriptor is left")
    }
    socket = ours
    process = 0
    process = try Self.spawn(program, arguments, environment, socket: theirs, errors: errors)
    // It waits for its first line meanwhile.
    limit(limits)
  }

  deinit {
    stop()
    close(socket)
  }

  private static func moved(_ number: Int32) -> Int32 {
    guard number >= 0 else { return -1 }
    let moved = fcntl(number, F_DUPFD_CLOEXEC, 3)
    close(number)
    return moved
  }

  private static func spawn(
    _ program: String, _ arguments: [String], _ environment: [String], socket: Int32, errors: String
  ) throws(GitError) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, socket, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, socket, 1)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    unsafe posix_spawn_file_actions_addclosefrom_np(&actions, 3)
    // A child that ignored or blocked signals because we do could not be ended by its limits.
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var (all, none) = (sigset_t(), sigset_t())
    unsafe sigfillset(&all)
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var child: pid_t = 0
    let status = unsafe withCStrings([program] + arguments) { argv in
      unsafe withCStrings(environment) { environment in
        unsafe posix_spawn(&child, program, &actions, &attributes, argv, environment)
      }
    }
    guard status == 0 else { throw .program(program, message: "it cannot be started (errno \(status))") }
    return child
  }

  private func limit(_ limits: Limits) {
    for (resource, value) in [
      (CLINUX_RLIMIT_DATA, limits.memory), (CLINUX_RLIMIT_CPU, limits.processor), (CLINUX_RLIMIT_FSIZE, limits.file),
    ] {
      var bound = rlimit()
      // What an administrator bounded more tightly stays so.
      guard unsafe prlimit(process, resource, nil, &bound) == 0 else { continue }
      bound.rlim_max = min(bound.rlim_max, rlim_t(value))
      bound.rlim_cur = min(bound.rlim_cur, bound.rlim_max)
      _ = unsafe prlimit(process, resource, &bound, nil)
    }
  }

  /// Sends bytes that fit into the socket's buffer. False when the child has ended.
  func send(_ text: String) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let sent = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard sent >= 0 || errno == EINTR else { return false }
      rest = rest.dropFirst(max(0, sent))
    }
    return true
  }

  enum Arrival { case bytes, end, timeout }

  /// Waits for more bytes and adds them to ``received``.
  func receive(until deadline: ContinuousClock.Instant) -> Arrival {
    while true {
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero else { return .timeout }
      let (seconds, fraction) = left.components
      let wait = Int32(min(seconds, 3600)) * 1000 + Int32(fraction / 1_000_000_000_000_000) + 1
      var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
      let ready = unsafe poll(&waiting, 1, wait)
      if ready == 0 || ready < 0 && errno == EINTR { continue }
      var chunk = [UInt8](repeating: 0, count: 64 << 10)
      let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(socket, $0.baseAddress, $0.count, 0) }
      if count < 0, errno == EINTR { continue }
      // A child that ended with our bytes unread resets the connection: an end like any other.
      guard count > 0 else { return .end }
      received.append(contentsOf: chunk[..<count])
      return .bytes
    }
  }

  /// Drops what was taken from the front of ``received``.
  func take(_ count: Int) { received.removeFirst(count) }

  /// Tells the child that nothing more comes.
  func endInput() { _ = Glibc.shutdown(socket, Int32(SHUT_WR)) }

  /// How a child ended.
  enum Ending: Equatable {
    case status(Int32)
    case signal(Int32)
    /// Somebody else has taken its status.
    case unknown
  }

  /// Ends the child, whatever it is doing, and takes its status; how it ended, where it had by itself.
  @discardableResult
  func stop(killing: Bool = true) -> Ending {
    guard process > 0 else { return .unknown }
    defer { process = 0 }
    if killing { kill(process, SIGKILL) }
    var status: Int32 = 0
    while true {
      let waited = unsafe waitpid(process, &status, 0)
      if waited == process { return status & 0x7F == 0 ? .status(status >> 8 & 0xFF) : .signal(status & 0x7F) }
      guard waited < 0, errno == EINTR else { return .unknown }
    }
  }
}
