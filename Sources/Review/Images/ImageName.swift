internal import Basics
/// An image: the repository it is published in, and the SHA-256 digest of its manifest.
///
/// `stagex/core-acl` with the digest's 64 lower-case hexadecimal digits. The same pair names the folder
/// that holds the image's signatures: containers-registries.d(5), "lookaside".
package struct ImageName: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Registry and path, without tag and digest.
  package let repository: String
  /// Without `sha256:`.
  package let digest: String

  /// Nil unless both parts are in the one form that every reader takes for the same.
  package init?(repository: String, digest: String) {
    guard Self.isRepository(repository.utf8), Self.isDigest(digest.utf8) else { return nil }
    self.repository = repository
    self.digest = digest
  }

  /// Reads a folder's path, `stagex/core-acl@sha256=…`.
  package init?(folder path: some Collection<UInt8>) {
    let parts = path.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    let prefix = Array("sha256=".utf8)
    guard parts.count == 2, parts[1].starts(with: prefix) else { return nil }
    self.init(
      repository: String(decoding: parts[0], as: UTF8.self),
      digest: String(decoding: parts[1].dropFirst(prefix.count), as: UTF8.self))
  }

  /// The folder's path below the lookaside's root.
  package var folder: String { "\(repository)@sha256=\(digest)" }
  /// The last part of the repository, for people: `core-acl`.
  package var package: Substring { repository.split(separator: "/").last ?? Substring(repository) }
  package var description: String { "\(repository)@sha256:\(digest)" }

  package static func < (a: ImageName, b: ImageName) -> Bool {
    a.repository == b.repository ? a.digest < b.digest : a.repository < b.repository
  }

  /// The grammar of names of the distribution project, with at least two parts: `stagex/NAME`. Nothing in it
  /// can leave a folder (`..`), hide (`.git`) or differ in case only.
  static func isRepository(_ text: some Collection<UInt8>) -> Bool {
    let parts = Array(text).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return text.count <= 255 && parts.count >= 2 && parts.allSatisfy { isComponent($0) }
  }

  /// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
  private static func isComponent(_ text: ArraySlice<UInt8>) -> Bool {
    var separator: [UInt8] = []
    var last: UInt8?
    for byte in text {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        separator = []
      case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
        guard last != nil else { return false }
        separator.append(byte)
        let known = separator == [UInt8(ascii: ".")] || separator == Array("_".utf8) || separator == Array("__".utf8)
        guard known || separator.allSatisfy({ $0 == UInt8(ascii: "-") }) else { return false }
      default: return false
      }
      last = byte
    }
    return last != nil && separator.isEmpty
  }

  /// Exactly one spelling: 64 lower-case hexadecimal digits.
  package static func isDigest(_ text: some Collection<UInt8>) -> Bool {
    text.count == 64 && areLowerHexadecimal(text)
  }

  /// A tag: `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`.
  package static func isTag(_ text: some Collection<UInt8>) -> Bool {
    func word(_ byte: UInt8) -> Bool {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || byte == UInt8(ascii: "_")
    }
    guard let first = text.first, text.count <= 128, word(first) else { return false }
    return text.allSatisfy { word($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
  }
}
