internal import Basics
package import GitBridge

/// What a maintainer states with a co-signature: that everything between a base and a head of one
/// repository, bound for one ref, has been reviewed, down to the last byte of the head's tree.
package struct CoSignatureStatement: Sendable, Equatable {
  /// What the statement says that it is.
  package static let type = "stagex source co-signature"

  /// The repository's identity, as its policy names it.
  package let repository: String
  /// The full name of the ref that the change is bound for.
  package let target: String
  /// The commit below what is endorsed.
  package let base: ObjectID
  /// The newest commit that is endorsed.
  package let head: ObjectID
  /// SHA-512 over the whole tree of the head: see `Repository.treeDigestSHA512`.
  package let treeDigest: [UInt8]
  /// When the statement was made, in seconds since 1970; for people, it decides nothing.
  package let created: Int64?
  /// The program that made it; nobody goes by it.
  package let creator: String?
  /// For people to read; nobody goes by it.
  package let pullRequest: String?

  package init(
    repository: String, target: String, base: ObjectID, head: ObjectID, treeDigest: [UInt8], created: Int64?,
    creator: String?, pullRequest: String?
  ) {
    self.repository = repository
    self.target = target
    self.base = base
    self.head = head
    self.treeDigest = treeDigest
    self.created = created
    self.creator = creator
    self.pullRequest = pullRequest
  }

  /// The one way to write this statement: members sorted by name, no white space.
  package var bytes: [UInt8] {
    var optional: [JSONValue.Member] = []
    if let created { optional.append(.init("created", .integer(created))) }
    if let creator { optional.append(.init("creator", .string(creator))) }
    if let pullRequest { optional.append(.init("pull-request", .string(pullRequest))) }
    return JSONValue.object([
      "critical": .object([
        "base": .string(base.hex), "head": .string(head.hex), "repository": .string(repository),
        "target": .string(target), "tree-sha512": .string(hexadecimal(treeDigest)), "type": .string(Self.type),
      ]),
      "optional": .object(optional),
    ]).bytes
  }

  /// Reads a statement.
  ///
  /// Only the canonical form is read: what two readers could take for two statements is none.
  /// - Throws: `JSONDefect` in words for a person.
  package static func read(_ bytes: [UInt8]) throws(JSONDefect) -> CoSignatureStatement {
    let parts = try StatementParts(
      JSONValue.read(bytes), type: type, names: ["base", "head", "repository", "target", "tree-sha512", "type"])
    guard let base = ObjectID(hexString: try parts.text("base")),
      let head = ObjectID(hexString: try parts.text("head"))
    else {
      throw JSONDefect(message: "base or head is not a full commit id")
    }
    guard let digest = bytesOfHex(try parts.text("tree-sha512")), digest.count == 64 else {
      throw JSONDefect(message: "tree-sha512 is not a SHA-512 digest")
    }
    let statement = CoSignatureStatement(
      repository: try parts.text("repository"), target: try parts.text("target"), base: base, head: head,
      treeDigest: digest, created: parts.optional["created"]?.integer, creator: parts.optional["creator"]?.string,
      pullRequest: parts.optional["pull-request"]?.string)
    guard statement.bytes == bytes else { throw JSONDefect(message: "not in canonical form") }
    return statement
  }
}
