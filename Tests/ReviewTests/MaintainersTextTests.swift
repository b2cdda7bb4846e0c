import Foundation
import OpenPGP
import Review
import Support
import Testing

/// Where a new entry comes to stand, and that nothing else moves.
@Suite struct MaintainersTextTests {
  static let bob = Team("ann", "bob", "cat")["bob"].fingerprint.hex
  static let handed = Handed()
  static let person = "[people.dan]\nname = \"Dan\"\n"
  static let key = """
    [keys.dan.card]
    id = "\(handed.certificate.primary.fingerprint)"
    algorithm = "ED25519"
    devices = "YubiKey 5"

    """

  /// The list after dan's entry was added.
  private func add(_ list: String, _ request: KeyRequest = handed.request) throws -> String {
    let handed = Self.handed.changed {
      $0.files["MAINTAINERS"] = Array(list.utf8)
      $0.request = request
    }
    return try #require(try handed.plan().text("MAINTAINERS"))
  }

  @Test func `after the last person and after the last key, as StageX orders them`() throws {
    let (people, keys) = (
      "# Who\n[people]\n\n[people.bob] # the first\nname = \"Bob\"\n",
      "\n[keys]\n\n[keys.bob.card]\nid = \"\(Self.bob)\"\n"
    )
    let machines = "\n[machines]\n\n[machines.bob.one]\nghz = 2.2\n"
    #expect(try add(people + keys + machines) == people + "\n" + Self.person + keys + "\n" + Self.key + machines)
  }

  @Test func `beside each other where people and keys are mixed`() throws {
    let list = """
      [people.bob]
      [keys.bob.card]
      id = "\(Self.bob)"
      [people.eve]
      [keys.eve.card]
      id = "\(String(repeating: "A", count: 40))"

      """
    let keys = "[keys.eve.card]\nid = \"\(String(repeating: "A", count: 40))\"\n"
    let expected =
      "[people.bob]\n[keys.bob.card]\nid = \"\(Self.bob)\"\n[people.eve]\n\n" + Self.person + "\n" + keys + "\n"
      + Self.key
    #expect(try add(list) == expected)
  }

  @Test func `a person's next key stands after that person's other keys`() throws {
    let list = "[people.bob]\n\n[people.eve]\n\n[keys.bob.card]\nid = \"\(Self.bob)\"\n"
    let rest = "\n[keys.eve.card]\nid = \"\(String(repeating: "A", count: 40))\"\n"
    let text = try add(list + rest, KeyRequest(person: "bob", label: "card-2"))
    #expect(
      text == list
        + "\n[keys.bob.card-2]\nid = \"\(Self.handed.certificate.primary.fingerprint)\"\nalgorithm = \"ED25519\"\n"
        + rest)
  }

  @Test func `a comment stays with what it speaks of`() throws {
    let people = "[people.bob]\nname = \"Bob\"\n"
    let keys = "[keys.bob.card]\nid = \"\(Self.bob)\"\n"
    #expect(
      try add(people + "# of bob\n\n" + keys) == people + "# of bob\n\n" + Self.person + "\n" + keys + "\n" + Self.key)
    #expect(
      try add(people + "# of the keys\n" + keys) == people + "\n" + Self.person + "\n# of the keys\n" + keys + "\n"
        + Self.key)
    #expect(
      try add(people + "\n# of the keys\n" + keys) == people + "\n" + Self.person + "\n# of the keys\n" + keys + "\n"
        + Self.key)
  }

  @Test func `values over several lines, and what looks like a header in them, are not split`() throws {
    let people = "[people.bob]\nmatrix = [\n  \"[people.eve]\", # x\n\n]\n"
    let keys = "[keys.bob.card]\nid = \"\(Self.bob)\"\nname = \"[keys]\"\n"
    #expect(try add(people + keys) == people + "\n" + Self.person + "\n" + keys + "\n" + Self.key)
  }

  @Test func `line ends of another system, and a last line without one`() throws {
    let list = "[people.bob]\r\n\r\n[keys.bob.card]\r\nid = \"\(Self.bob)\""
    let text = try add(list)
    #expect(
      Array(text.utf8)
        == Array(
          ("[people.bob]\r\n\r\n" + Self.person.replacing("\n", with: "\r\n")
            + "\r\n[keys.bob.card]\r\nid = \"\(Self.bob)\"\r\n\r\n"
            + Self.key.replacing("\n", with: "\r\n")).utf8))
  }

  /// StageX's own list, where it is at hand: every line that was there is there, in the same order.
  @Test(.enabled(if: Shared.path("data/stagex/MAINTAINERS") != nil)) func `the real list`() throws {
    let list = try String(contentsOfFile: try #require(Shared.path("data/stagex/MAINTAINERS")), encoding: .utf8)
    let text = try add(list)
    #expect(text.count == list.count + 2 + Self.person.count + Self.key.count)
    #expect(text.replacing("\n" + Self.person, with: "").replacing("\n" + Self.key, with: "") == list)
  }
}
