internal import GitBridge
internal import Review

/// Where a forge shows one commit.
struct CommitLink: Sendable {
  private let before: String
  private let after: String

  /// - Parameter option: What `--link` says: an address to which the id is appended, or that has `{}` in its place.
  init(option: String) throws {
    guard option.hasPrefix("https://") || option.hasPrefix("http://"),
      option.utf8.allSatisfy({
        $0 > 0x20 && $0 < 0x7F && ![UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">")].contains($0)
      })
    else {
      throw Failure.usage(
        "--link takes an address that begins with https://", next: "--link https://codeberg.org/OWNER/NAME/commit/{}")
    }
    if let place = option.firstRange(of: "{}") {
      before = String(option[..<place.lowerBound])
      after = String(option[place.upperBound...])
    } else {
      before = option.hasSuffix("/") ? option : option + "/"
      after = ""
    }
  }

  /// Finds the forge behind the remote that the settings name, or origin; nil for what is no forge that is known.
  init?(remoteOf repository: Repository) {
    let remote = repository.config("maint.remote") ?? "origin"
    guard let address = repository.config("remote.\(remote).url"), let link = CommitLink(remote: address) else {
      return nil
    }
    self = link
  }

  /// `https://HOST/PATH`, `ssh://git@HOST/PATH` or `git@HOST:PATH`. User names, passwords and ports are left out: a
  /// page is passed on.
  init?(remote address: String) {
    var rest = address[...]
    var isShort = false
    if let scheme = rest.firstRange(of: "://") {
      guard ["https", "http", "ssh", "git"].contains(String(rest[..<scheme.lowerBound])) else { return nil }
      rest = rest[scheme.upperBound...]
    } else {
      isShort = true
    }
    guard let end = rest.firstIndex(of: isShort ? ":" : "/") else { return nil }
    var host = rest[..<end]
    var path = rest[rest.index(after: end)...]
    if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
    if let port = host.firstIndex(of: ":") { host = host[..<port] }
    while path.hasPrefix("/") { path.removeFirst() }
    while path.hasSuffix("/") { path.removeLast() }
    if path.hasSuffix(".git") { path.removeLast(4) }
    func isPlain(_ text: Substring, _ more: String) -> Bool {
      !text.isEmpty
        && text.utf8.allSatisfy { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
          default: more.utf8.contains(byte)
          }
        }
    }
    // A word of one letter is a drive, and without a dot it is a name of somebody's own network or a folder.
    guard isPlain(host, ".-"), host.contains("."), isPlain(path, "._-/~"), path.contains("/"),
      !path.split(separator: "/").contains(where: { $0.hasPrefix(".") })
    else { return nil }
    let isGitLab =
      host.contains("gitlab") || ["salsa.debian.org", "invent.kde.org", "framagit.org"].contains(String(host))
    before = "https://\(host)/\(path)\(isGitLab ? "/-" : "")/commit/"
    after = ""
  }

  func address(of commit: ObjectID) -> String { before + commit.hex + after }
}

extension HTML {
  /// A commit's id, as a link where it is known where.
  ///
  /// - Parameter isBrief: For long lists: without a link the whole id is left out.
  static func commit(_ id: ObjectID, _ link: CommitLink?, isBrief: Bool = false) -> HTML {
    guard let link else { return isBrief ? "<code>\(id.short)</code>" : "<code title=\"\(id.hex)\">\(id.short)</code>" }
    return "<a href=\"\(link.address(of: id))\" rel=\"noopener noreferrer\"><code>\(id.short)</code></a>"
  }
}
