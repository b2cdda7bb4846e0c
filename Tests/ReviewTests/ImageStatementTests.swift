import Support
import Testing

@testable import Review

/// What is read as the content of an image's signature. Each refused form stands beside the form that is read.
@Suite struct ImageStatementTests {
  static let digest = ImageMessage.digest("a")
  static let good = String(decoding: ImageMessage.payload("stagex/core-acl:2.3.2", digest), as: UTF8.self)

  @Test func `The payload is StageX's, to the byte, in both directions`() throws {
    let image = try #require(ImageName(repository: "stagex/core-acl", digest: Self.digest))
    let statement = try #require(ImageStatement(image: image, tag: "2.3.2"))
    #expect(statement.bytes == Array(Self.good.utf8))
    #expect(try ImageStatement.read(Array(Self.good.utf8)) == statement)
  }

  @Test func `What skopeo puts under optional does no harm`() throws {
    let text = Self.good.replacing(
      #""optional":{}"#, with: #""optional":{"creator":"containers/image 5.2","timestamp":1700000000}"#)
    #expect(try ImageStatement.read(Array(text.utf8)).tag == "2.3.2")
  }

  static let oddities: [(String, String, String)] = [
    ("a member of critical twice", #""type":"atomic"#, #""type":"x","type":"atomic"#),
    ("critical twice", #"{"critical":"#, #"{"critical":{},"critical":"#),
    ("an unknown member of critical", #""type":"#, #""more":1,"type":"#),
    ("an unknown member of identity", #"{"docker-reference":"#, #"{"a":"b","docker-reference":"#),
    ("an unknown member of image", #"{"docker-manifest-digest":"#, #"{"a":"b","docker-manifest-digest":"#),
    ("an unknown member beside critical", #","optional":{}"#, #","optional":{},"third":{}"#),
    ("no optional", #","optional":{}"#, ""),
    ("optional that is no object", #""optional":{}"#, #""optional":null"#),
    ("another type", "atomic container signature", "atomic container signaturE"),
    ("an escape where none is needed", "stagex/core", #"stagex\/core"#),
    ("a letter written as an escape", "core-acl", #"core-\u0061cl"#),
    ("white space", #""optional":{}"#, #""optional": {}"#),
    ("a line end behind", "{}}", "{}}\n"),
    ("members in another order", #"{"identity":{"docker-reference":"stagex/core-acl:2.3.2"},"image""#, #"{"image""#),
    ("a number too big", #""optional":{}"#, #""optional":{"timestamp":99999999999999999999}"#),
    ("a number with a fraction", #""optional":{}"#, #""optional":{"timestamp":1.5}"#),
    (
      "depth", #""optional":{}"#,
      #""optional":{"a":"# + String(repeating: "[", count: 40) + String(repeating: "]", count: 40) + "}"
    ),
    ("a digest of another algorithm", "sha256:" + digest, "sha512:" + digest + digest),
    ("a digest in capitals", "sha256:" + digest, "sha256:" + digest.uppercased()),
    ("a digest too short", "sha256:" + digest, "sha256:" + digest.dropLast()),
    ("a name with ..", "stagex/core-acl", "stagex/../core-acl"),
    ("a name in capitals", "stagex/core-acl", "stagex/Core-acl"),
    ("a name of one part", "stagex/core-acl", "core-acl"),
    ("no tag", "core-acl:2.3.2", "core-acl"),
    ("a tag with a slash", ":2.3.2", ":2/3"),
  ]

  @Test(arguments: oddities) func `Refused`(_ name: String, _ from: String, _ to: String) {
    let odd = Self.good.replacing(from, with: to)
    #expect(odd != Self.good, "\(name): the oddity was not put in")
    #expect(throws: ImageStatement.Defect.self, "\(name)") { try ImageStatement.read(Array(odd.utf8)) }
  }

  @Test func `Invalid UTF-8 and oversize are refused`() {
    var bytes = Array(Self.good.utf8)
    bytes.insert(0xFF, at: bytes.count - 2)
    #expect(throws: ImageStatement.Defect.self) { try ImageStatement.read(bytes) }
    let long = Self.good.replacing(
      #""optional":{}"#, with: #""optional":{"a":""# + String(repeating: "x", count: 5000) + "\"}")
    #expect(throws: ImageStatement.Defect.self) { try ImageStatement.read(Array(long.utf8)) }
  }

  @Test func `The older form is recognised, and is no statement`() {
    let old =
      #"[{"critical":{"identity":{"docker-reference":"stagex/core-acl"},"image":{"docker-manifest-digest":"\#(Self.digest)"},"type":"pgp container image signature"},"optional":null}]"#
    #expect(throws: ImageStatement.Defect.oldForm) { try ImageStatement.read(Array(old.utf8)) }
  }

  static let names: [(String, Bool)] = [
    ("stagex/core-acl", true), ("stagex/user-gtk+", false), ("stagex/a.b_c__d---e", true), ("stagex/a..b", false),
    ("stagex/.git", false),
    ("stagex/-a", false), ("stagex/a-", false), ("stagex//a", false), ("a/b/c", true), ("", false),
    ("stagex/a___b", false),
  ]

  @Test(arguments: names) func `Names`(_ name: String, _ isOne: Bool) {
    #expect((ImageName(repository: name, digest: Self.digest) != nil) == isOne)
    #expect((ImageName(folder: Array("\(name)@sha256=\(Self.digest)".utf8)) != nil) == isOne)
  }

  @Test(arguments: [
    ("signature-1", 1), ("signature-10", 10), ("signature-01", nil), ("signature-0", nil), ("signature-", nil),
    ("signature-1.asc", nil),
    ("Signature-1", nil), ("signature-1000000", nil), ("signature-+1", nil), ("signature-١", nil),
  ]) func `Numbers`(_ name: String, _ number: Int?) { #expect(ImageFile.number(of: Array(name.utf8)) == number) }
}
