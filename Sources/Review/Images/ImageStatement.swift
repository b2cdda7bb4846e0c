/// What a maintainer states with an image's signature: that this manifest is the image of this name and tag.
///
/// An "atomic container signature": containers-signature(5).
package struct ImageStatement: Hashable, Sendable {
  /// What the statement says that it is.
  package static let type = "atomic container signature"
  /// How StageX marked its signatures until 2025. No program accepts them.
  static let oldType = "pgp container image signature"

  /// Repository and digest.
  package let image: ImageName
  /// The name under which people find it.
  package let tag: String

  /// Nil when the tag is none.
  package init?(image: ImageName, tag: String) {
    guard ImageName.isTag(tag.utf8) else { return nil }
    self.image = image
    self.tag = tag
  }

  /// `stagex/core-acl:2.3.2`
  package var reference: String { "\(image.repository):\(tag)" }

  /// The payload, to the byte as StageX's own script prints it.
  package var bytes: [UInt8] {
    JSONValue.object([
      "critical": .object([
        "identity": .object(["docker-reference": .string(reference)]),
        "image": .object(["docker-manifest-digest": .string("sha256:\(image.digest)")]),
        "type": .string(Self.type),
      ]),
      "optional": .object([JSONValue.Member]()),
    ]).bytes
  }

  /// Why a payload is no statement.
  package enum Defect: Error, Equatable, Sendable {
    /// StageX's form until 2025: an array, with the digest of another object. Recognised, never counted.
    case oldForm
    case malformed(String)
  }

  /// The most bytes that a statement may have.
  static let limit = 4096

  /// Reads a payload.
  ///
  /// Only one spelling of each statement is read: no white space, no needless escapes, the members of `critical`
  /// in their order. `optional` may hold what its signer likes: it decides nothing. So no two programs can take
  /// one payload for two statements.
  package static func read(_ bytes: [UInt8]) throws(Defect) -> ImageStatement {
    let document: JSONValue
    do throws(JSONDefect) {
      document = try JSONValue.read(bytes, limit: limit)
    } catch {
      throw .malformed("its content is not JSON that is read here: \(printable(error.message))")
    }
    if isOldForm(document) { throw .oldForm }
    guard names(document) == ["critical", "optional"], case .object? = document["optional"] else {
      throw .malformed("its content is not an object of \"critical\" and \"optional\"")
    }
    guard let critical = document["critical"], names(critical) == ["identity", "image", "type"],
      let identity = critical["identity"], names(identity) == ["docker-reference"],
      let manifest = critical["image"], names(manifest) == ["docker-manifest-digest"]
    else { throw .malformed("\"critical\" has missing or unknown members") }
    guard critical["type"]?.string == type else { throw .malformed("it is not of type \"\(type)\"") }
    guard document.bytes == bytes else { throw .malformed("its content is not in canonical form") }
    guard let reference = identity["docker-reference"]?.string, let digest = manifest["docker-manifest-digest"]?.string
    else {
      throw .malformed("name or digest is not a string")
    }
    // Another algorithm would name the same manifest in a way that nobody compares.
    guard digest.hasPrefix("sha256:"), ImageName.isDigest(digest.utf8.dropFirst(7)) else {
      throw .malformed("the digest is not a SHA-256 digest in lower case")
    }
    guard let colon = reference.utf8.lastIndex(of: UInt8(ascii: ":")),
      let image = ImageName(repository: String(reference[..<colon]), digest: String(digest.dropFirst(7))),
      let statement = ImageStatement(image: image, tag: String(reference[reference.index(after: colon)...]))
    else { throw .malformed("the name is not REPOSITORY/PACKAGE:TAG") }
    return statement
  }

  private static func names(_ value: JSONValue) -> [String] {
    guard case .object(let members) = value else { return [] }
    return members.map(\.name)
  }

  private static func isOldForm(_ document: JSONValue) -> Bool {
    guard case .array(let values) = document, values.count == 1 else { return false }
    return values[0]["critical"]?["type"]?.string == oldType
  }
}
