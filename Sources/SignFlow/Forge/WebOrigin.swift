/// Scheme, host and port of a forge: what a token may be sent to.
package struct WebOrigin: Hashable, Sendable, CustomStringConvertible {
  /// What is spoken; `http` only with this machine and hidden services.
  package enum Scheme: String, Sendable { case https, http }

  /// What is spoken.
  package let scheme: Scheme
  /// Lower case ASCII.
  package let host: String
  /// nil is the scheme's own.
  package let port: Int?

  /// Refuses a host that is not letters, digits, dots and hyphens: it goes into URLs and into git's credential
  /// protocol.
  package init?(scheme: Scheme, host: some StringProtocol, port: Int? = nil) {
    let bytes = Array(host.utf8)
    let isName = bytes.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    guard !bytes.isEmpty, bytes.count <= 253, isName, bytes[0].isLetterOrDigit, bytes[bytes.count - 1].isLetterOrDigit
    else { return nil }
    if let port, !(1...65_535).contains(port) { return nil }
    self.scheme = scheme
    self.host = host.lowercased()
    self.port = port
  }

  package var description: String { "\(scheme)://\(authority)" }

  /// Host, and port where it is not the scheme's own.
  package var authority: String { host + (port.map { ":\($0)" } ?? "") }

  /// Whether it is this very machine, by name or address: nobody sits between.
  package var isLoopback: Bool {
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return host == "localhost" || numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
  }

  /// Whether secrets may be sent there and answers believed to come from there.
  package var isSecure: Bool { scheme == .https || isLoopback }

  /// A hidden service: its name is its key, so plain HTTP is safe there, through a proxy that knows the way.
  var isOnion: Bool { host.hasSuffix(".onion") }
}

extension UInt8 {
  var isLetter: Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
  }
  var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
  var isLetterOrDigit: Bool { isLetter || isDigit }
}
