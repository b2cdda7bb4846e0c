import OpenPGP

/// Maintainers with keys in this process, and the image signatures they make.
package struct ImageTeam: Sendable {
  package struct Maintainer: Sendable {
    package let name: String
    package let primary: Fingerprint
    /// Armored.
    package let certificate: String
    /// The subkey that signs.
    package let key: TestKey
  }

  package let members: [Maintainer]

  /// - Parameter names: One maintainer each; the place in the list is the seed of the keys.
  package init(_ names: [String] = ["alice", "bob", "carol"], created: Int64 = TestKey.defaultCreation) {
    members = names.enumerated().map { seed, name in
      let (certificate, key) = TestCertificate.usual(seed: 100 + seed, created: created)
      return Maintainer(
        name: name, primary: certificate.primary.fingerprint,
        certificate: String(decoding: certificate.armored, as: UTF8.self), key: key)
    }
  }

  package subscript(name: String) -> Maintainer { members.first { $0.name == name }! }

  /// The registry's files. `also` lists a second key of the first person.
  package func registry(without absent: [String] = [], secondKeyOf pair: (String, String)? = nil) -> [String: String] {
    let listed = members.filter { !absent.contains($0.name) }
    var text = ""
    for member in listed where member.name != pair?.1 { text += "[people.\(member.name)]\nname = \"\(member.name)\"\n" }
    for member in listed {
      let owner = member.name == pair?.1 ? pair!.0 : member.name
      text += "[keys.\(owner).\(member.name)]\nid = \"\(member.primary)\"\ndevices = \"card\"\n"
    }
    var files = ["MAINTAINERS": text]
    for member in listed { files["keys/\(member.primary).asc"] = member.certificate }
    return files
  }
}

extension ImageTeam.Maintainer {
  /// A signed message over an image's statement.
  package func sign(_ payload: [UInt8], change: (inout TestSignature) -> Void = { _ in }) -> [UInt8] {
    ImageMessage(payload: payload, by: key, change: change).bytes
  }

  package func sign(_ reference: String, _ digest: String) -> [UInt8] { sign(ImageMessage.payload(reference, digest)) }
}

/// A signed message in its parts, each of them open to being wrong on purpose.
package struct ImageMessage {
  package var onePass: [UInt8]
  package var literal: [UInt8]
  package var signature: [UInt8]

  package init(payload: [UInt8], by key: TestKey, change: (inout TestSignature) -> Void = { _ in }) {
    let made = TestSignature(by: key).with(change)
    onePass = OpenPGPEncoding.packet(
      4,
      [3, 0, made.hash.rawValue, key.algorithm.rawValue]
        + OpenPGPEncoding.number(Int(bitPattern: UInt(key.fingerprint.keyID.value)), octets: 8) + [1])
    literal = OpenPGPEncoding.packet(11, [UInt8(ascii: "b"), 0, 0, 0, 0, 0] + payload)
    signature = made.packet(over: payload)
  }

  package var bytes: [UInt8] { onePass + literal + signature }

  /// StageX's payload, written down here once more, apart from the code under test.
  package static func payload(_ reference: String, _ digest: String) -> [UInt8] {
    Array(
      #"{"critical":{"identity":{"docker-reference":"\#(reference)"},"image":{"docker-manifest-digest":"sha256:\#(digest)"},"type":"atomic container signature"},"optional":{}}"#
        .utf8)
  }

  /// A digest for tests: 64 times one digit.
  package static func digest(_ digit: Character) -> String { String(repeating: digit, count: 64) }
}
