internal import Glibc
internal import Review

/// A place that may know a certificate.
package enum CertificateSource: Hashable, Sendable {
  /// The web key directories of the person's mail addresses.
  case webKeyDirectory
  /// A server that speaks VKS, the interface of keys.openpgp.org (hagrid).
  case verifyingServer(WebOrigin)
  /// A server that speaks HKP (draft-gallagher-openpgp-hkp).
  case keyServer(WebOrigin)
  case file(String)
  case folder(String)
  /// What the person's own gpg holds.
  case gnupg

  /// The verifying server that most people use.
  package static let keysOpenPGP = CertificateSource.verifyingServer(
    WebOrigin(scheme: .https, host: "keys.openpgp.org")!)

  /// Why a text names no source.
  package struct Defect: Error, Sendable, Equatable {
    /// One sentence, safe to print.
    package let message: String
  }

  /// What somebody typed: `wkd`, `gpg`, a server, a file or a folder.
  package init(typed text: String) throws(Defect) {
    switch text {
    case "wkd": self = .webKeyDirectory
    case "gpg": self = .gnupg
    default:
      var status = stat()
      if !text.contains("://"), unsafe stat(text, &status) == 0 {
        self = status.st_mode & S_IFMT == S_IFDIR ? .folder(text) : .file(text)
        return
      }
      guard text.contains("://") || text.contains(".") && !text.contains("/") else {
        throw Defect(message: "there is no file or folder \(printable(text))")
      }
      self = try Self.server(text)
    }
  }

  /// A server that the list of maintainers names. Whoever may propose a change of the list may have written it.
  package init(listed text: String) throws(Defect) {
    self = try Self.server(text)
    // Attack: a branch whose list makes the maintainer's laptop ask its own services. What curl reads as an address has
    // many forms: 127.1, 2130706433, 0x7f.1.
    switch self {
    case .verifyingServer(let origin) where !origin.isPublicName, .keyServer(let origin) where !origin.isPublicName:
      throw Defect(
        message: "the server \(printable(text)) is this machine or a bare address; name it with --from if you mean it")
    default: break
    }
  }

  /// `https://HOST` speaks VKS, `hkps://HOST` and a bare host HKP; `http` and `hkp` only where nobody sits between.
  private static func server(_ text: String) throws(Defect) -> CertificateSource {
    var (scheme, rest) = ("", text[...])
    if let colon = text.firstRange(of: "://") {
      (scheme, rest) = (text[..<colon.lowerBound].lowercased(), text[colon.upperBound...])
    }
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    // StageX's own list says "openpgp.org".
    if ["", "https", "hkps"].contains(scheme),
      ["openpgp.org", "keys.openpgp.org", "www.openpgp.org"].contains(rest.lowercased())
    {
      return keysOpenPGP
    }
    let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
    var port = parts.count == 2 ? Int(parts[1]) : nil
    let isPlain = scheme == "http" || scheme == "hkp"
    guard ["", "https", "hkps", "http", "hkp"].contains(scheme), parts.count == 1 || parts.count == 2 && port != nil,
      let host = parts.first
    else { throw Defect(message: "\(printable(text)) names no server: https://HOST (VKS) or hkps://HOST (HKP)") }
    if scheme == "hkp", port == nil { port = 11371 }
    guard let origin = WebOrigin(scheme: isPlain ? .http : .https, host: host, port: port) else {
      throw Defect(message: "\(printable(text)) names no server: https://HOST (VKS) or hkps://HOST (HKP)")
    }
    guard origin.isSecure || origin.isOnion else {
      throw Defect(
        message:
          """
          \(printable(text)) is plain HTTP: anybody on the way could keep a revocation from you; use https:// or hkps://
          """)
    }
    return scheme == "https" || scheme == "http" ? .verifyingServer(origin) : .keyServer(origin)
  }
}

extension WebOrigin {
  /// Whether it is a name that a name service has, and neither an address in any form nor one of this network's own.
  var isPublicName: Bool {
    let labels = host.split(separator: ".", omittingEmptySubsequences: false)
    return labels.count >= 2 && labels[labels.count - 1].utf8.first?.isLetter ?? false && !isLoopback
      && !host.hasSuffix(".localhost")
  }
}
