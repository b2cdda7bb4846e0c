internal import Basics
internal import Glibc
internal import Review
internal import Synchronization

/// Carries requests by running curl, one process each.
///
/// curl and not a library: it is on every machine that has git over HTTPS, is kept up to date by the distribution, uses
/// the machine's certificates and proxies, and its code is not part of the program that judges signatures.
///
/// Everything goes to it on standard input as a configuration file (curl(1), `-K -`): arguments can be read by every
/// user of the machine. It follows no redirect, speaks only the scheme that was asked for, reads no `.curlrc` and no
/// `.netrc`.
package struct CurlTransport: Transport {
  /// The largest answer that is read, in bytes.
  package static let largestAnswer = 4 << 20
  /// Environment variables that curl may see: proxies and certificates.
  private static let passedVariables: Set<String> = [
    "PATH", "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
    "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR",
  ]

  private let environment: [String: String]
  private let temporaryFolder: String
  private let seconds: Int
  /// What the person named, instead of what the environment says.
  private let proxy: String?
  private let patience: Patience

  /// How long all questions of one command may take together, in seconds. A forge that dribbles its answers must not
  /// keep anybody from what git alone can tell.
  package static let secondsForQuestions = 7

  /// The time that questions have taken so far.
  private final class Patience: Sendable {
    private let spent = Mutex(Duration.zero)
    private let most: Double

    init(seconds: Int) { most = Double(seconds) }

    var left: Int { spent.withLock { max(0, Int((most - $0 / .seconds(1)).rounded(.up))) } }
    func spend(since start: ContinuousClock.Instant) { spent.withLock { $0 += ContinuousClock.now - start } }
  }

  /// - Parameters:
  ///   - environment: the process's; only what is needed is passed on.
  ///   - seconds: after so long a request is given up.
  ///   - proxy: a URL as curl takes it; nil for the environment's.
  ///   - secondsForQuestions: after so long no question is asked any more.
  package init(
    environment: [String: String], seconds: Int = CurlTransport.secondsForQuestions, proxy: String? = nil,
    secondsForQuestions: Int = CurlTransport.secondsForQuestions
  ) {
    self.proxy = proxy
    patience = Patience(seconds: secondsForQuestions)
    self.environment = environment.filter { Self.passedVariables.contains($0.key) }
    temporaryFolder = environment["TMPDIR"] ?? "/tmp"
    self.seconds = seconds
  }

  package func send(_ request: HTTPRequest) async throws(ForgeError) -> HTTPResponse {
    guard request.origin.isSecure || proxy != nil && request.origin.isOnion else {
      throw .insecure(origin: request.origin.description)
    }
    // The body is no secret and may be too long for a line of the configuration, so it goes by a file.
    let isQuestion = request.method == .get
    let most = isQuestion ? min(seconds, patience.left) : seconds
    guard most > 0 else { throw .timedOut(origin: request.origin.description) }
    let start = ContinuousClock.now
    defer { if isQuestion { patience.spend(since: start) } }
    let body = try request.body.map { bytes throws(ForgeError) in try BodyFile(bytes, in: temporaryFolder) }
    let result = try await ForgeProgram.run(
      "curl", ["-q", "-K", "-"], environment: environment,
      input: configuration(for: request, body: body?.path, seconds: most),
      outputLimit: Self.largestAnswer)
    _ = consume body
    if result.isTooLong { throw .tooLarge(origin: request.origin.description) }
    guard result.status == 0 else { throw failure(result, at: request.origin) }
    return try response(result, from: request.origin)
  }

  private func configuration(for request: HTTPRequest, body: String?, seconds: Int) -> String {
    var settings = CurlConfiguration()
    settings.set("url", "\(request.origin)\(request.path)")
    settings.set("request", request.method.rawValue)
    settings.set("proto", "=\(request.origin.scheme)")
    settings.set("tlsv1.2")
    settings.set("globoff")
    settings.set("path-as-is")
    settings.set("silent")
    settings.set("show-error")
    settings.set("connect-timeout", "5")
    settings.set("max-time", String(seconds))
    settings.set("max-filesize", String(Self.largestAnswer))
    // In clear only to this machine itself, so not through a proxy either; or to a hidden service, and only through
    // one.
    if request.origin.scheme == .http, !request.origin.isOnion {
      settings.set("noproxy", "*")
    } else if let proxy {
      settings.set("proxy", proxy)
      settings.set("noproxy", "")
    }
    for header in request.headers + request.secretHeaders { settings.set("header", header) }
    if let body { settings.set("data-binary", "@\(body)") }
    settings.set("write-out", "%{stderr}\(Self.marker)%{http_code}\\n%header{retry-after}\\n%{redirect_url}\\n")
    return settings.text
  }

  /// Stands before what curl writes about the answer, behind any complaint of its own.
  private static let marker = "answer: "

  private func response(_ result: ForgeProgram.Result, from origin: WebOrigin) throws(ForgeError) -> HTTPResponse {
    let text = String(decoding: result.errors, as: UTF8.self)
    let facts = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = facts.firstIndex(where: { $0.hasPrefix(Self.marker) }), facts.count >= first + 3,
      let status = Int(facts[first].dropFirst(Self.marker.count)), (100...599).contains(status)
    else { throw .malformed(origin: origin.description, reason: "no HTTP status") }
    let wait = facts[first + 1].utf8.count <= 6 ? Int(facts[first + 1]).flatMap { $0 >= 0 ? $0 : nil } : nil
    return HTTPResponse(
      status: status, body: result.output, retryAfter: wait, location: Untrusted(String(facts[first + 2])))
  }

  /// curl(1), "EXIT CODES".
  private func failure(_ result: ForgeProgram.Result, at origin: WebOrigin) -> ForgeError {
    let name = origin.description
    switch result.status {
    case 28: return .timedOut(origin: name)
    case 63: return .tooLarge(origin: name)
    case 1: return .malformed(origin: name, reason: "it is no HTTP")
    case 2, 3, 26, 27: return .local("curl fails (status \(result.status))")
    case 8, 16, 18, 52, 61, 92: return .malformed(origin: name, reason: "the answer breaks off")
    // With 56 curl also says that a proxy did not let us through.
    case 56 where !String(decoding: result.errors, as: UTF8.self).contains("CONNECT"):
      return .malformed(origin: name, reason: "the answer breaks off")
    default:
      let lines = String(decoding: result.errors, as: UTF8.self).split(separator: "\n")
      let complaint = lines.first { $0.hasPrefix("curl: ") } ?? "curl: status \(result.status)"
      return .unreachable(origin: name, reason: Untrusted(String(complaint.dropFirst("curl: ".count))))
    }
  }
}

/// curl's configuration file, written so that no value can end its line or begin another setting.
private struct CurlConfiguration {
  private(set) var text = ""

  mutating func set(_ name: String) { text += "\(name)\n" }

  /// A value in quotes: backslash and quote escaped; line ends cannot come (headers and URLs are checked before) and
  /// are dropped all the same.
  mutating func set(_ name: String, _ value: String) {
    var quoted = ""
    for scalar in value.unicodeScalars where scalar != "\n" && scalar != "\r" && scalar != "\0" {
      if scalar == "\"" || scalar == "\\" && name != "write-out" { quoted.unicodeScalars.append("\\") }
      quoted.unicodeScalars.append(scalar)
    }
    text += "\(name) = \"\(quoted)\"\n"
  }
}

/// A request's body in a temporary file that nobody else can read; deleted with the value.
private final class BodyFile: Sendable {
  let path: String

  init(_ bytes: [UInt8], in folder: String) throws(ForgeError) {
    var template = Array("\(folder)/stagex-maint.XXXXXX".utf8CString)
    let descriptor = unsafe mkstemp(&template)
    guard descriptor >= 0 else { throw .local("no temporary file can be made in \(printable(folder))") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let isWhole = (try? FileWriting.write(bytes, to: descriptor)) != nil
    close(descriptor)
    guard isWhole else {
      unsafe unlink(path)
      throw .local("no room for a temporary file in \(printable(folder))")
    }
  }

  deinit { unsafe unlink(path) }
}
