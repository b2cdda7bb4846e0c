internal import Crypto

/// A mail address as a web key directory is asked about it (draft-koch-openpgp-webkey-service, section 3.1).
struct WebKeyAddress: Hashable, Sendable {
  private let local: String
  private let domain: WebOrigin

  /// Nil for what is no plain address: a pattern such as `*@example.org`, a quoted local part, no domain.
  init?(_ text: String) {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, parts[0].utf8.count <= 64,
      // RFC 5322, atext; and the dot. An asterisk is allowed in an address, and is a pattern in a list of people.
      parts[0].utf8.allSatisfy({ $0.isLetterOrDigit || "!#$%&'+-/=?^_`{|}~.".utf8.contains($0) }),
      let domain = WebOrigin(scheme: .https, host: parts[1]), domain.isPublicName
    else { return nil }
    local = String(parts[0])
    self.domain = domain
  }

  var host: String { domain.host }

  /// On a host of its own.
  var advanced: (origin: WebOrigin, path: String)? {
    WebOrigin(scheme: .https, host: "openpgpkey.\(host)").map {
      ($0, encodedPath([".well-known", "openpgpkey", host, "hu", name], query: [("l", local)]))
    }
  }

  /// On the domain's own host.
  var direct: (origin: WebOrigin, path: String) {
    (domain, encodedPath([".well-known", "openpgpkey", "hu", name], query: [("l", local)]))
  }

  /// The local part's name in the directory. Only ASCII letters are mapped to lower case.
  private var name: String {
    let lowered = local.utf8.map { $0.isLetter ? $0 | 0x20 : $0 }
    return zBase32(Array(Insecure.SHA1.hash(data: lowered)))
  }
}

/// RFC 6189, section 5.1.6: five bits a letter.
func zBase32(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ybndrfg8ejkmcpqxot1uwisza345h769".utf8)
  var letters: [UInt8] = []
  var (bits, held) = (0, 0)
  for byte in bytes {
    bits = bits << 8 | Int(byte)
    held += 8
    while held >= 5 {
      held -= 5
      letters.append(alphabet[bits >> held & 31])
    }
    bits &= (1 << held) - 1
  }
  if held > 0 { letters.append(alphabet[bits << (5 - held) & 31]) }
  return String(decoding: letters, as: UTF8.self)
}
