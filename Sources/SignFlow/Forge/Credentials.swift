internal import Glibc
internal import Review
internal import Subprocess

/// Finds the token for a forge, each bound to its host: the variable `MAINT_TOKEN_<HOST>`, the token file, the bare
/// `MAINT_TOKEN` for the forge of the project's own remote only, else git's credential helper.
///
/// Attack: a pasted link picks among the remotes, and the token of the project's forge goes to a contributor's machine.
package struct Credentials: Sendable {
  private let environment: [String: String]
  private let repository: String
  private let home: WebOrigin?
  private let known: [WebOrigin]
  private let file: String?

  /// - Parameters:
  ///   - environment: the process's.
  ///   - repository: folder in which git is asked; its configuration may name a helper.
  ///   - home: the forge of the project's own remote, the only one that a bare `MAINT_TOKEN` is for.
  ///   - known: the forges of all remotes.
  ///   - file: lines `HOST TOKEN`; readable by its owner alone.
  package init(
    environment: [String: String], repository: String, home: WebOrigin?, known: [WebOrigin] = [], file: String? = nil
  ) {
    self.environment = environment
    self.repository = repository
    self.home = home
    self.known = known
    self.file = file
  }

  /// The token for an origin, or nil when there is none. Never asks the person: a helper answers or it does not.
  package func token(for origin: WebOrigin) async throws(ForgeError) -> Token? {
    // A token that was meant for the forge must not leave in clear, whatever the remote's address says.
    guard origin.isSecure else { throw .insecure(origin: origin.description) }
    if let (name, given) = try variable(for: origin) {
      guard let token = Token(given) else { throw .local("\(name) is no token: it holds blanks or other signs") }
      return token
    }
    if let token = try fromFile(origin) { return token }
    return try await fromHelper(origin)
  }

  /// The variable that is for this origin. A bare MAINT_TOKEN says nothing of where it may go, so it goes home and
  /// nowhere else.
  private func variable(for origin: WebOrigin) throws(ForgeError) -> (String, String)? {
    for name in Self.variables(for: origin) {
      guard let value = environment[name], !value.isEmpty else { continue }
      // `a-b.org` and `a.b.org` have the same variable: where both are at hand it is neither's.
      let hosts = Set(
        ([home].compactMap(\.self) + known + [origin]).filter { Self.variables(for: $0).contains(name) }.map(\.host))
      guard hosts.count == 1 else {
        throw .local("\(name) could be for each of \(hosts.sorted().joined(separator: ", ")): use maint.tokenFile")
      }
      return (name, value)
    }
    guard let value = environment["MAINT_TOKEN"], !value.isEmpty, origin == home else { return nil }
    return ("MAINT_TOKEN", value)
  }

  /// `MAINT_TOKEN_CODEBERG_ORG`; where the origin has a port, first the one with the port behind.
  static func variables(for origin: WebOrigin) -> [String] {
    let host = "MAINT_TOKEN_" + origin.host.uppercased().map { $0 == "." || $0 == "-" ? "_" : String($0) }.joined()
    return origin.port.map { ["\(host)_\($0)", host] } ?? [host]
  }

  private func fromFile(_ origin: WebOrigin) throws(ForgeError) -> Token? {
    guard let file else { return nil }
    let name = printable(file)
    let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .local("maint.tokenFile \(name) cannot be read") }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
      status.st_mode & 0o077 == 0
    else { throw .local("maint.tokenFile \(name) must be a file of yours that nobody else may read: chmod 600") }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe read(descriptor, &bytes, bytes.count)
    guard count >= 0, count < bytes.count else {
      throw .local("maint.tokenFile \(name) cannot be read, or is too long")
    }
    for line in bytes.prefix(count).split(separator: UInt8(ascii: "\n")) where line.first != UInt8(ascii: "#") {
      let words = line.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == 0x09 }).map {
        String(decoding: $0, as: UTF8.self)
      }
      guard words.count == 2 else { throw .local("maint.tokenFile \(name) has a line that is not HOST TOKEN") }
      guard [origin.authority, origin.port == nil ? origin.host : ""].contains(words[0].lowercased()) else { continue }
      guard let token = Token(words[1]) else {
        throw .local("maint.tokenFile \(name) holds no token for \(origin.authority)")
      }
      return token
    }
    return nil
  }

  private func fromHelper(_ origin: WebOrigin) async throws(ForgeError) -> Token? {
    let question = "protocol=\(origin.scheme)\nhost=\(origin.authority)\n\n"
    // No terminal and no window: only helpers may answer.
    let quiet = ChildEnvironment.forGit(environment, mayPrompt: false)
      .filter { !["GIT_ASKPASS", "SSH_ASKPASS", "DISPLAY"].contains($0.key) }
      .merging(GitSwitches.variables(GitSwitches.fixed)) { $1 }
    let arguments = ["-C", repository, "-c", "core.askPass=", "credential", "fill"]
    let result = try await ForgeProgram.run("git", arguments, environment: quiet, input: question, outputLimit: 65_536)
    guard result.status == 0 else { return nil }
    let fields = result.output.split(separator: UInt8(ascii: "\n")).reduce(into: [String: String]()) { fields, line in
      let parts = line.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 {
        fields[String(decoding: parts[0], as: UTF8.self)] = String(decoding: parts[1], as: UTF8.self)
      }
    }
    guard let user = fields["username"], let password = fields["password"] else { return nil }
    return Token(password, kind: .password(user: user))
  }
}
