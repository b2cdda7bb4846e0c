import Foundation
import Review
import Support
import Testing

@Suite struct MaintainersFileTests {
  static let a = String(repeating: "A", count: 40)
  static let b = String(repeating: "b", count: 40)
  static let least = "[people.ann]\n[keys.ann.card]\nid = \"\(a)\"\n"

  private func read(_ text: String) throws -> MaintainersFile { try MaintainersFile.read(Array(text.utf8)) }

  @Test func `people and keys are read as StageX writes them`() throws {
    let file = try read(
      """
      [people]
      [people.ann]
      name = "Ann"
      email = "ann@example.org"
      matrix = ["@ann:example.org"]
      [people.bob]
      bot = true
      [keys]
      [keys.ann.personal]
      id = "\(Self.a)"
      algorithm = "RSA4096"
      servers = "openpgp.org"
      devices = "Yubikey 4 Nano, Yubikey 5c"
      offline-ca = true
      [keys.ann.old]
      id = "\(String(repeating: "0", count: 64))"
      machine = true
      [keys.bob.main]
      id = "\(Self.b)"
      shared = true
      devices = ["A", "B"]
      [machines.ann.local]
      owner = "Ann"
      cores = 32
      ghz = 4.83
      since = 2020-01-01
      [project]
      anything = [1, 2.5, { x = "y" }]
      """)
    #expect(file.people.map(\.id) == ["ann", "bob"])
    #expect(file.people.map(\.name) == ["Ann", nil])
    #expect(file.people.map(\.isBot) == [false, true])
    #expect(file.keys.map(\.label) == ["old", "personal", "main"])
    #expect(file.keys.map(\.fingerprint.hex) == [String(repeating: "0", count: 64), Self.a, Self.b.uppercased()])
    #expect(file.keys.map(\.isMachine) == [true, false, false])
    #expect(file.keys.map(\.isShared) == [false, false, true])
    #expect(file.keys.map(\.devices) == ["", "Yubikey 4 Nano, Yubikey 5c", "A, B"])
  }

  @Test(arguments: [
    ("", "nobody"), ("[people]", "nobody"), ("people = 1", "people"), ("[people]\nann = 1", "people.ann"),
    ("[[people]]", "people"),
    ("[people.ann]\nname = 5\n", "name"), ("[people.ann]\nbot = 1\n", "bot"), ("[people.ann]", "no key"),
    (least + "[people.bob]", "bob"), (least + "[keys.bob.card]\nid = \"\(b)\"", "no such person"),
    (least + "[keys.ann.two]\nid = \"\(a)\"", "already"),
    (least + "[people.bob]\n[keys.bob.card]\nid = \"\(a.lowercased())\"", "already"),
    (least + "[keys.ann.two]", "id"), (least + "[keys.ann.two]\nid = 5", "id"),
    (least + "[keys.ann.two]\nid = \"\(a)A\"", "id"),
    (least + "[keys.ann.two]\nid = \" \(b)\"", "id"), (least + "[keys.ann.two]\nid = \"0x\(b.dropFirst(2))\"", "id"),
    (least + "[keys.ann.two]\nid = \"\(b.dropLast())g\"", "id"), (least + "[keys.ann.two]\nid = \"\"", "id"),
    (least + "[keys.ann.two]\nid = \"\(b.dropLast())b\u{301}\"", "id"),
    ("[people.ann]\n[keys.ann.card]\nid = \"\(a)\"\nmachine = \"false\"", "machine"),
    ("[people.ann]\n[keys.ann.card]\nid = \"\(a)\"\nshared = 0", "shared"),
    ("[people.ann]\n[keys.ann.card]\nid = \"\(a)\"\ndevices = true", "devices"),
    ("[people.ann]\n[keys.ann.card]\nid = \"\(a)\"\ndevices = [1]", "devices"),
    ("[people.ann]\n[keys]\nann = 5", "keys.ann"), ("[people.ann]\n[keys.ann]\ncard = \"\(a)\"", "keys.ann.card"),
    ("keys = 1\n[people.ann]", "keys"),
    // A key that a machine's entry names is a machine's, listed for a person or not.
    (least + "[machines.ann.box]\nid = \"\(a)\"", "machines.ann.box"), ("machines = 1\n" + least, "machines"),
    (least + "[machines]\nann = 1", "machines.ann"),
    (least + "[people.\"x\\u0000y\"]", "NUL"), ("[people.ann", "line 1"),
  ])
  func `a list that leaves open whose a key is, is an error`(_ text: String, _ named: String) {
    do {
      _ = try read(text)
      Issue.record("it was read")
    } catch {
      let message = (error as? FileDefect)?.message ?? "another error"
      #expect(message.hasPrefix("MAINTAINERS"))
      #expect(message.contains(named), "\(message)")
    }
  }

  @Test func `the least list`() throws {
    #expect(try read(Self.least).keys.map(\.person) == ["ann"])
    #expect(
      try read(Self.least + "[machines.ann.box]\nid = \"\(Self.b)\"\n[machines.bob.box]\nowner = \"Bob\"\n").keys.count
        == 1)
  }

  @Test(.enabled(if: Shared.path("data/stagex/MAINTAINERS") != nil))
  func `StageX's own list`() throws {
    let path = try #require(Shared.path("data/stagex/MAINTAINERS"))
    let file = try MaintainersFile.read([UInt8](Data(contentsOf: URL(fileURLWithPath: path))))
    #expect(file.people.count == 8)
    #expect(file.keys.count == 8)
    #expect(file.keys.filter(\.devices.isEmpty).map(\.person).sorted() == ["panekj", "zoe"])
    #expect(!file.keys.contains { $0.isMachine || $0.isShared })
    #expect(file.people.filter(\.isBot).isEmpty)
    #expect(file.keys.first { $0.person == "lancevick" }?.fingerprint.hex == "6B61ECD76088748C70590D55E90A401336C8AAA9")
    #expect(file.people.first { $0.id == "zoe" }?.name == "Zo\u{EB} Finja Emilia Kron")
  }
}
