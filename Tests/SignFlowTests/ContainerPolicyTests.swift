import OpenPGP
import Review
import SignFlow
import Support
import Testing

/// What podman and skopeo are told. Whether they understand it is tried with skopeo itself, in ImageFlowTests.
@Suite struct ContainerPolicyTests {
  let team = ImageTeam()

  /// The files for a registry in which the first person's key of the second label is changed by `edit`.
  func files(
    namespace: String = "stagex", scope: String? = nil, edit: (String) -> String = { $0 }
  ) throws -> (texts: [String: String], registry: Registry) {
    var registry = team.registry(secondKeyOf: ("alice", "bob"))
    registry["MAINTAINERS"] = edit(registry["MAINTAINERS"]!)
    let folder = try TemporaryFolder()
    for (name, text) in registry { try folder.write(name, text) }
    let read = try #require(try Registry.readIfPresent(folder: folder.path))
    let policy = ContainerPolicy(
      scope: scope ?? "docker.io/\(namespace)", namespace: namespace, lookaside: "file:///signatures", folder: "/etc/x",
      acceptsOthers: false)
    let report = try QuorumReport.make([], store: nil, judge: try ImageBench.judge(team), threshold: 2, threads: 1)
    let written = policy.files(registry: read, evidence: .declared, report: report)
    return (Dictionary(uniqueKeysWithValues: written.map { ($0.name, text($0.bytes)) }), read)
  }

  /// One character a byte, so that binary files can be searched.
  func text(_ bytes: [UInt8]) -> String { String(String.UnicodeScalarView(bytes.map { UnicodeScalar($0) })) }

  @Test(arguments: [("devices = \"card\"", false), ("devices = \"card\"\nmachine = true", true), ("", true)])
  func `A key that does not count is in no keyring`(_ entry: String, _ isLeftOut: Bool) throws {
    let (files, registry) = try files { text in
      guard let place = text.range(of: "[keys.alice.bob]") else { return text }
      let (head, tail) = (text[..<place.lowerBound], text[place.lowerBound...])
      guard let devices = tail.range(of: "devices = \"card\"") else { return text }
      return head + tail.replacingCharacters(in: devices, with: entry)
    }
    for name in ["keys/maintainer-alice.gpg", "keys/all-maintainers.gpg"] {
      let keyring = try #require(files[name])
      func holds(_ member: String) throws -> Bool {
        let packets = try #require(registry.certificates[team[member].primary]?.packets { _ in true })
        return keyring.contains(text(packets))
      }
      #expect(try holds("alice"))
      #expect(try holds("bob") == !isLeftOut, "\(name)")
    }
  }

  @Test func `The signed names are those of the namespace`() throws {
    #expect(try files().texts["policy.json"]?.contains("matchRepoDigestOrExact") == true)
    #expect(try files(namespace: "other").texts["policy.json"]?.contains("matchRepoDigestOrExact") == true)
    let mirror = try files(namespace: "other", scope: "mirror.example.org/o").texts["policy.json"] ?? ""
    #expect(mirror.contains(#""signedPrefix":"docker.io/other""#), "\(mirror)")
  }
}
