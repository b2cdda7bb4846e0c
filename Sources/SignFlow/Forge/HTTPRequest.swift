/// One request to a forge's interface.
package struct HTTPRequest: Sendable {
  /// RFC 9110, section 9.
  package enum Method: String, Sendable { case get = "GET", post = "POST", patch = "PATCH", put = "PUT" }

  /// What is asked.
  package let method: Method
  /// The server.
  package let origin: WebOrigin
  /// Beginning with a slash, percent-encoded, with the query.
  package let path: String
  /// Whole lines, without secrets.
  package let headers: [String]
  /// Headers that hold secrets: a transport keeps them out of argument lists, files and logs.
  package let secretHeaders: [String]
  /// JSON.
  package let body: [UInt8]?
}

/// What a server has answered: from outside in all its parts.
package struct HTTPResponse: Sendable {
  /// From 100 to 599.
  package let status: Int
  /// At most as long as the transport allows.
  package let body: [UInt8]
  /// Seconds, from Retry-After; dates are not read.
  package let retryAfter: Int?
  /// Where a redirect leads.
  package let location: Untrusted

  package init(status: Int, body: [UInt8], retryAfter: Int? = nil, location: Untrusted = Untrusted("")) {
    self.status = status
    self.body = body
    self.retryAfter = retryAfter
    self.location = location
  }
}

/// A path and query for a request, each part percent-encoded: nothing that a forge or a person named can leave its
/// place.
package func encodedPath(_ parts: [String], query: [(String, String)] = []) -> String {
  let path = parts.map { "/" + percentEncoded($0) }.joined()
  let pairs = query.map { "\(percentEncoded($0.0))=\(percentEncoded($0.1))" }
  return path + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
}

private func percentEncoded(_ text: String) -> String {
  let unreserved = Array("-._~".utf8)  // and letters and digits: RFC 3986 section 2.3
  let digits = Array("0123456789ABCDEF".utf8)
  var result: [UInt8] = []
  for byte in text.utf8 {
    if byte.isLetterOrDigit || unreserved.contains(byte) {
      result.append(byte)
    } else {
      result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
  return String(decoding: result, as: UTF8.self)
}
