import Glibc

/// Runs programs for tests: no shell, no terminal, an environment that is given whole, output as bytes.
package enum Tool {
  package struct Result: Sendable {
    /// Exit status; 128 and the signal's number when a signal ended it.
    package let status: Int32
    package let output: [UInt8]
    package let errors: [UInt8]

    package var text: String { String(decoding: output, as: UTF8.self) }
    package var errorText: String { String(decoding: errors, as: UTF8.self) }
    /// Output without the line end behind it.
    package var line: String { String(text.trimmingSuffix { $0.isNewline }) }
  }

  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  /// The environment that tests start from: nothing of the user's git or GnuPG configuration can be reached from it.
  package static let bareEnvironment = [
    "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "Test",
    "GIT_AUTHOR_EMAIL": "test@example.org",
    "GIT_COMMITTER_NAME": "Test",
    "GIT_COMMITTER_EMAIL": "test@example.org",
  ]

  /// Runs a program and waits for its end. A status other than 0 is a result, not an error.
  ///
  /// Output goes through files, so that a program that starts a daemon (which keeps a pipe open) does not hold us.
  /// - Parameter seconds: after so long the program is killed and `Failure` thrown.
  package static func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], input: [UInt8] = [],
    folder: String? = nil, seconds: Int = 60
  ) throws -> Result {
    let files = try (input: File(holding: input), output: File(), errors: File())
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (descriptor, file) in [(0, files.input), (1, files.output), (2, files.errors)] {
      posix_spawn_file_actions_adddup2(&actions, file.descriptor, Int32(descriptor))
    }

    let merged = bareEnvironment.merging(environment) { $1 }
    let command = (folder.map { ["env", "-C", $0] } ?? []) + [program] + arguments
    let argv = command.map { strdup($0) } + [nil]
    let envp = merged.map { strdup("\($0)=\($1)") } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    // A thread of the test's may have signals blocked, and its child would too: a tmux that hears of no SIGTERM stays
    // for ever.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var pid: pid_t = 0
    let failed = posix_spawnp(&pid, command[0], &actions, &attributes, argv, envp)
    guard failed == 0 else { throw Failure(description: "\(program): \(String(cString: strerror(failed)))") }
    let status = try wait(pid, seconds: seconds, naming: program)
    return Result(status: status, output: files.output.contents(), errors: files.errors.contents())
  }

  /// As `run`, but a status other than 0 is an error that tells what the program said.
  @discardableResult
  package static func succeed(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], input: [UInt8] = [],
    folder: String? = nil, seconds: Int = 60
  ) throws -> Result {
    let result = try run(
      program, arguments, environment: environment, input: input, folder: folder, seconds: seconds)
    guard result.status == 0 else {
      let command = ([program] + arguments).joined(separator: " ")
      throw Failure(description: "\(command): status \(result.status)\n\(result.errorText)\(result.text)")
    }
    return result
  }

  /// Where a program lies, or nil when this machine does not have it.
  package static func find(_ program: String) -> String? {
    bareEnvironment["PATH"]!.split(separator: ":").map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
  }

  /// The folder of this package.
  package static let packageFolder: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/")
  }()

  private static func wait(_ pid: pid_t, seconds: Int, naming program: String) throws -> Int32 {
    var status: Int32 = 0
    var left = seconds * 1000
    while waitpid(pid, &status, WNOHANG) == 0 {
      guard left > 0 else {
        kill(pid, SIGKILL)
        waitpid(pid, &status, 0)
        throw Failure(description: "\(program): still running after \(seconds) s")
      }
      usleep(1000)
      left -= 1
    }
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }
}

/// A temporary file without a name.
private final class File {
  let descriptor: Int32

  init(holding bytes: [UInt8] = []) throws {
    var path = Array("/tmp/tool.XXXXXX".utf8CString)
    descriptor = mkstemp(&path)
    guard descriptor >= 0 else { throw Tool.Failure(description: "no temporary file: errno \(errno)") }
    unlink(path)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard written > 0 else { throw Tool.Failure(description: "write failed") }
      rest = rest.dropFirst(written)
    }
    lseek(descriptor, 0, SEEK_SET)
  }

  func contents() -> [UInt8] {
    let size = lseek(descriptor, 0, SEEK_END)
    return [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
      count = max(0, pread(descriptor, buffer.baseAddress, buffer.count, 0))
    }
  }

  deinit { close(descriptor) }
}

extension StringProtocol {
  package func trimmingSuffix(while matches: (Character) -> Bool) -> SubSequence {
    var end = endIndex
    while end > startIndex, matches(self[index(before: end)]) { end = index(before: end) }
    return self[..<end]
  }
}
