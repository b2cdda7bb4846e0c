internal import OpenPGP
package import Review

/// The machine-readable report: schema `stagex-maint/image-signatures/1`.
extension QuorumReport {
  /// As docs/images.md describes it.
  package var json: JSONValue {
    .object([
      "schema": .string("stagex-maint/image-signatures/1"), "verdict": .string(outcome.rawValue),
      "threshold": .integer(Int64(threshold)), "digests": .integer(Int64(images.count)),
      "lacking": .integer(Int64(images.count(where: lacks))),
      "strays": .array(strays.map { .string($0) }),
      "images": .array(images.map { $0.json(lacks: lacks($0), threshold: threshold) }),
    ])
  }
}

extension ImageReport {
  fileprivate func json(lacks: Bool, threshold: Int) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("image", .string(entry.image.repository)), .init("digest", .string("sha256:\(entry.image.digest)")),
      .init("list", .string(entry.list)),
    ]
    if let tag { members.append(.init("tag", .string(tag))) }
    members += [
      .init("verdict", .string(lacks || !blocking.isEmpty ? "refused" : unjudged ? "undecided" : "accepted")),
      .init("signers", .array(signers.map(\.json))),
      .init("missing", .integer(Int64(max(0, threshold - signers.count)))),
      .init("findings", .array(files.filter { $0.objection != nil }.map(\.json))),
    ]
    return .object(members)
  }
}

extension Signer {
  fileprivate var json: JSONValue {
    .object(["person": .string(person), "key": .string(key.hex), "subkey": .string(subkey.hex), "time": .integer(time)])
  }
}

extension JudgedImageFile {
  fileprivate var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("file", .string(String(validating: name, as: UTF8.self) ?? printable(name, limit: .max))),
      .init("code", .string(code)), .init("message", .string(objection ?? "")),
    ]
    if let person { members.append(.init("person", .string(person))) }
    return .object(members)
  }

  /// Whom the file names as its signer, if it is somebody registered.
  package var person: String? {
    switch signature {
    case .good(_, let signer): signer.person
    case .notGood(_, _, let person, _): person
    case .bad(_, let person, _): person
    default: nil
    }
  }

  /// One stable word for what is wrong with the file.
  package var code: String {
    switch standing {
    case .counts: "good"
    case .duplicate: "duplicate"
    case .wrongImage: "wrong-image"
    case .hidden: "hidden"
    case .misnamed: "misnamed"
    case .worthless:
      switch signature {
      case .good: "good"
      case .unregistered: "unregistered"
      case .notGood(_, let code, _, _): code.rawValue
      case .bad: "bad-signature"
      case .oldForm: "old-form"
      case .unreadable: "unreadable"
      case .empty: "empty"
      case .oversize: "oversize"
      case .notAFile: "not-a-file"
      case .unjudged: "unjudged"
      }
    }
  }
}
