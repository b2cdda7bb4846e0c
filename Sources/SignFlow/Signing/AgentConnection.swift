internal import Cgpgme
internal import Glibc

/// A conversation with gpg-agent, over its socket (Assuan's manual, "Server responses"). For one thread.
///
/// Spoken here and not through GPGME: its version 1.18 crashes in its own debugging when the agent goes away in the
/// middle.
final class AgentConnection {
  private let path: String
  private var socket: Int32 = -1
  private var buffered: [UInt8] = []

  enum Answer {
    case success(lines: [(keyword: String, arguments: String)], data: [UInt8])
    case failure(GPGMEFailure)

    var lines: [(keyword: String, arguments: String)] { if case .success(let lines, _) = self { lines } else { [] } }
    var data: [UInt8] { if case .success(_, let data) = self { data } else { [] } }
  }

  /// Does not start the agent; the first question connects.
  init(_ home: GnuPGHome) throws(SigningError) { path = try GPGMEContext.agentSocket(home) }

  deinit { if socket >= 0 { close(socket) } }

  /// - Parameter watch: For a command at which a person has to do something: looked at while the answer takes its time.
  func ask(_ command: String, watch: SigningWatch? = nil) -> Answer {
    if socket < 0 {
      guard let connected = Self.connect(to: path) else { return .failure(.connectFailed) }
      socket = connected
      // It speaks first.
      if case .failure(let failure) = answer(watch: nil) { return end(failure) }
    }
    watch?.begin()
    guard send(command) else { return end(.agentGone) }
    let answer = answer(watch: watch)
    if case .failure(let failure) = answer, failure.code == GPG_ERR_EOF { return end(failure) }
    return answer
  }

  /// Whether the agent that was asked first is still there; asks one where none was asked yet.
  var isThere: Bool { if case .success = ask("NOP") { true } else { false } }

  /// What follows would be an answer to something else.
  private func end(_ failure: GPGMEFailure) -> Answer {
    close(socket)
    socket = -1
    buffered = []
    return .failure(failure)
  }

  private func answer(watch: SigningWatch?) -> Answer {
    var lines: [(keyword: String, arguments: String)] = []
    var data: [UInt8] = []
    while true {
      guard let line = nextLine(watch) else { return .failure(.agentGone) }
      let text = String(decoding: line, as: UTF8.self)
      let words = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      let rest = words.count > 1 ? String(words[1]) : ""
      switch words.first {
      case "OK": return .success(lines: lines, data: data)
      case "ERR":
        let number = rest.split(separator: " ").first.flatMap { UInt32($0) } ?? 1
        return .failure(GPGMEFailure(number) ?? .agentGone)
      case "D": data += Self.plain(line.dropFirst(2))
      case "S":
        let parts = rest.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        lines.append((parts.first.map(String.init) ?? "", parts.count > 1 ? String(parts[1]) : ""))
      case "INQUIRE":
        // The one that tells something; there is none that we answer with more than "that is all".
        if rest.hasPrefix("PINENTRY_LAUNCHED ") {
          watch?.prompt =
            rest.dropFirst("PINENTRY_LAUNCHED ".count).split(separator: " ").first.flatMap { pid_t($0) } ?? 0
        }
        guard send("END") else { return .failure(.agentGone) }
      default: break  // a comment
      }
      guard data.count <= 1 << 20, lines.count <= 10_000 else { return .failure(.agentGone) }
    }
  }

  private func send(_ command: String) -> Bool {
    var rest = Array("\(command)\n".utf8)[...]
    while !rest.isEmpty {
      // Without a signal that would end us where the agent is gone.
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// Nil where the agent is gone, or says more on one line than Assuan allows.
  private func nextLine(_ watch: SigningWatch?) -> [UInt8]? {
    while true {
      if let end = buffered.firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffered.removeSubrange(...end) }
        return Array(buffered[..<end])
      }
      guard buffered.count <= 65_536 else { return nil }
      if let watch {
        var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        let ready = unsafe poll(&waiting, 1, 2)
        if ready == 0 || (ready < 0 && errno == EINTR) {
          watch.look()
          continue
        }
      }
      var chunk = [UInt8](repeating: 0, count: 4096)
      let count = unsafe read(socket, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return nil }
      buffered += chunk[..<count]
    }
  }

  /// Data without Assuan's `%XX`.
  private static func plain(_ escaped: ArraySlice<UInt8>) -> [UInt8] {
    var plain: [UInt8] = []
    var rest = escaped
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        plain.append(value)
        rest = rest.dropFirst(2)
      } else {
        plain.append(byte)
      }
    }
    return plain
  }

  private static func connect(to path: String) -> Int32? {
    guard let descriptor = try? LocalSocket.connect(to: redirected(path) ?? path) else { return nil }
    return descriptor
  }

  /// Where the socket's place holds a file that names another (gpg-agent(1), --use-standard-socket; libassuan's
  /// redirection).
  private static func redirected(_ path: String) -> String? {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")),
      let folder = try? OpenFolder.open(path: String(path[..<slash])),
      let bytes = try? folder.file(String(path[path.index(after: slash)...]), limit: 4096)
    else { return nil }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    guard lines.first == "%Assuan%", let line = lines.first(where: { $0.hasPrefix("socket=") }) else { return nil }
    return String(line.dropFirst("socket=".count))
  }
}

extension GPGMEFailure {
  /// Nobody listens at the agent's socket.
  static let connectFailed = GPGMEFailure(code: GPG_ERR_ASS_CONNECT_FAILED)
  /// The agent ended in the middle of a conversation.
  static let agentGone = GPGMEFailure(code: GPG_ERR_EOF)

  private init(code: gpg_err_code_t) {
    self.code = code
    source = GPG_ERR_SOURCE_GPGAGENT
  }

  /// Whether gpg-agent was not there, or no longer, be it gpg or we who spoke to it.
  var meansNoAgent: Bool {
    [
      GPG_ERR_EOF, GPG_ERR_NO_AGENT, GPG_ERR_ASS_CONNECT_FAILED, GPG_ERR_ASS_READ_ERROR, GPG_ERR_ASS_WRITE_ERROR,
      GPG_ERR_ASS_GENERAL, GPG_ERR_EPIPE, GPG_ERR_ECONNRESET, GPG_ERR_ECONNREFUSED, GPG_ERR_AGENT,
    ].contains(code)
  }
}
