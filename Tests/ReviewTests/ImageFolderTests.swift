import OpenPGP
import Support
import Testing

@testable import Review

/// What the files of one image's folder are worth: each attack beside the file that counts.
@Suite struct ImageFolderTests {
  let team = ImageTeam()
  let image = ImageName(repository: "stagex/core-acl", digest: ImageMessage.digest("a"))!
  let now = TestKey.defaultCreation + 5000

  func judge(without: [String] = [], secondKeyOf pair: (String, String)? = nil) throws -> ImageJudge {
    let folder = try TemporaryFolder()
    for (name, text) in team.registry(without: without, secondKeyOf: pair) { try folder.write(name, text) }
    let registry = try #require(try Registry.readIfPresent(folder: folder.path))
    return ImageJudge(registry: registry, evidence: .declared, engines: .native, clock: now)
  }

  func file(_ number: Int, _ bytes: [UInt8]) -> ImageFile {
    ImageFile(name: Array("signature-\(number)".utf8), content: .bytes(bytes))
  }

  func good(_ name: String, tag: String = "2.3.2", package: String = "core-acl", digest: Character = "a") -> [UInt8] {
    team[name].sign("stagex/\(package):\(tag)", ImageMessage.digest(digest))
  }

  func standings(_ files: [ImageFile], _ judge: ImageJudge) -> [JudgedImageFile.Standing] {
    judge.judge(files, of: image).map(\.standing)
  }

  @Test func `Two maintainers count`() throws {
    let files = try judge().judge([file(1, good("alice")), file(2, good("bob"))], of: image)
    #expect(files.map(\.standing) == [.counts, .counts])
    #expect(files.map { $0.signature.signer?.person } == ["alice", "bob"])
  }

  @Test func `A copy from another package or of another digest does not count`() throws {
    let judge = try judge()
    #expect(
      standings([file(1, good("alice", package: "core-attr"))], judge) == [
        .wrongImage("stagex/core-attr:2.3.2@sha256:" + ImageMessage.digest("a"))
      ])
    #expect(
      standings([file(1, good("alice", digest: "b"))], judge) == [
        .wrongImage("stagex/core-acl:2.3.2@sha256:" + ImageMessage.digest("b"))
      ])
    #expect(standings([file(1, good("alice"))], judge) == [.counts])
  }

  @Test func `A gap hides what comes after it`() throws {
    let judge = try judge()
    #expect(standings([file(1, good("alice")), file(3, good("bob"))], judge) == [.counts, .hidden(behind: 2)])
    #expect(standings([file(2, good("bob"))], judge) == [.hidden(behind: 1)])
    #expect(standings([file(1, good("alice")), file(2, good("bob"))], judge) == [.counts, .counts])
  }

  @Test func `The same maintainer counts once, by whichever key`() throws {
    #expect(standings([file(1, good("alice")), file(2, good("alice"))], try judge()) == [.counts, .duplicate(of: 1)])
    let oneWithTwoKeys = try judge(secondKeyOf: ("alice", "bob"))
    #expect(standings([file(1, good("alice")), file(2, good("bob"))], oneWithTwoKeys) == [.counts, .duplicate(of: 1)])
    #expect(standings([file(1, good("alice")), file(2, good("bob"))], try judge()) == [.counts, .counts])
  }

  @Test func `A planted claim does not count`() throws {
    let payload = ImageMessage.payload("stagex/core-acl:2.3.2", ImageMessage.digest("a"))
    let forged = team["alice"].sign(payload) {
      $0.numbers = TestSignature(by: self.team["bob"].key).packetNumbers(over: payload)
    }
    let files = try judge().judge([file(1, forged), file(2, good("alice"))], of: image)
    #expect(files[0].standing == .worthless)
    guard case .bad(_, "alice", _) = files[0].signature else { return #expect(Bool(false), "\(files[0].signature)") }
    #expect(files[1].standing == .counts)
  }

  @Test func `Nobody registered, and expired keys, do not count`() throws {
    let files = try judge(without: ["carol"]).judge([file(1, good("carol")), file(2, good("alice"))], of: image)
    #expect(files.map(\.standing) == [.worthless, .counts])
    guard case .unregistered = files[0].signature else { return #expect(Bool(false)) }
  }

  @Test func `Empty, oversize, links and misnamed files do not count`() throws {
    let judge = try judge()
    let files = [
      file(1, []), file(2, [UInt8](repeating: 0x41, count: ImageSignature.limit + 1)),
      ImageFile(name: Array("signature-3".utf8), content: .notAFile), file(4, good("alice")),
      ImageFile(name: Array("signature-5.bak".utf8), content: .bytes(good("bob"))),
    ]
    let judged = judge.judge(files, of: image)
    #expect(judged.map(\.signature)[..<3] == [.empty, .oversize, .notAFile])
    #expect(judged.map(\.standing) == [.worthless, .worthless, .worthless, .counts, .misnamed])
  }

  static let messages: [(String, @Sendable (ImageMessage, ImageMessage) -> [UInt8])] = [
    ("two signatures", { a, b in b.onePass + a.onePass + a.literal + a.signature + b.signature }),
    ("two messages", { a, b in a.bytes + b.bytes }),
    ("no signature", { a, _ in a.onePass + a.literal }),
    ("a detached signature", { a, _ in a.signature }),
    ("armor", { a, _ in OpenPGPEncoding.armor(a.bytes, label: "PGP MESSAGE") }),
    ("something behind", { a, _ in a.bytes + [0] }),
    ("cut off", { a, _ in a.bytes.dropLast() }),
    ("no one-pass packet", { a, _ in a.literal + a.signature }),
    ("a marker packet before", { a, _ in OpenPGPEncoding.packet(10, Array("PGP".utf8)) + a.bytes }),
  ]

  @Test(arguments: messages.indices) func `Not one signed message`(_ index: Int) throws {
    let payload = ImageMessage.payload("stagex/core-acl:2.3.2", ImageMessage.digest("a"))
    let (a, b) = (
      ImageMessage(payload: payload, by: team["alice"].key), ImageMessage(payload: payload, by: team["bob"].key)
    )
    let (name, make) = Self.messages[index]
    let judge = try judge()
    guard case .unreadable = judge.judge(make(a, b)) else { return #expect(Bool(false), "\(name)") }
    guard case .good = judge.judge(a.bytes) else { return #expect(Bool(false)) }
  }

  @Test func `The one-pass packet must announce the signature that follows`() throws {
    let payload = ImageMessage.payload("stagex/core-acl:2.3.2", ImageMessage.digest("a"))
    let (a, b) = (
      ImageMessage(payload: payload, by: team["alice"].key), ImageMessage(payload: payload, by: team["bob"].key)
    )
    let judge = try judge()
    let answer = judge.judge(b.onePass + a.literal + a.signature)
    if case .good = answer { #expect(Bool(false), "a message whose announcement names somebody else") }
    guard case .good = judge.judge(a.bytes) else { return #expect(Bool(false)) }
  }
}

extension TestSignature {
  /// The numbers of a good signature by this key, to be put where they do not belong.
  fileprivate func packetNumbers(over data: [UInt8]) -> [UInt8] {
    // Ed25519: two numbers of at most 34 octets each at the end.
    let whole = body(over: data)
    let empty = with { $0.numbers = [] }.body(over: data)
    return Array(whole.dropFirst(empty.count))
  }
}
