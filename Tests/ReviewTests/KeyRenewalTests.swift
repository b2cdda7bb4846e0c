import OpenPGP
import Review
import Support
import Testing

/// `keys add` of a key that is listed: what is newer comes, and nothing that the key has said goes.
@Suite struct KeyRenewalTests {
  /// Bob's certificate with a signing key that ends at some time, said at some other.
  static func bob(_ build: (inout TestCertificate, TestKey) -> Void) -> Handed {
    var handed = Handed(of: "bob")
    let (primary, subkey) = (handed.certificate.primary, handed.subkey)
    handed.certificate = TestCertificate(primary: primary)
    handed.certificate.addUser("Bob", flags: 0x01)
    build(&handed.certificate, subkey)
    return handed
  }

  static let soon = bob { $0.addSubkey($1, lifetime: Int(Handed.now - $1.created) + 1000) }
  static let late = bob { $0.addSubkey($1, lifetime: 10 * Handed.year) { $0.created! += 1000 } }
  static let revoked = bob {
    $0.addSubkey($1); $0.revokeSubkey($1, reason: 1, at: Handed.now - 1000)
  }

  /// `new` handed in where the registry has `old`.
  static func renewal(_ new: Handed, over old: Handed) -> Handed {
    new.changed { $0.team["bob"].certificate = old.certificate }
  }

  @Test func `an extended expiry arrives, and is told`() throws {
    let handed = Self.renewal(Self.late, over: Self.soon)
    let addition = try handed.plan()
    #expect(addition.kind == .renewed)
    #expect(addition.files.map(\.path) == ["keys/\(handed.certificate.primary.fingerprint).asc"])
    #expect(
      addition.changes == ["subkey \(handed.subkey.fingerprint): expires 2026-01-01 before, expires 2033-11-11 now"])
    #expect(addition.lines == [] && addition.notes == [])
  }

  /// Attack, or a slip: an older export, which would shorten the key's life or bring a revoked key back.
  @Test func `an older copy takes nothing back`() throws {
    let addition = try Self.renewal(Self.soon, over: Self.late).plan()
    #expect(
      addition.certificate.listing(at: Handed.now).signingKeys.map(\.expires) == [
        Self.late.subkey.created + 10 * Int64(Handed.year)
      ])
    #expect(addition.notes == ["kept: what the registry's copy has and the file has not"])
    #expect(Self.renewal(Self.late, over: Self.revoked).refusal == .revoked)
    #expect(Self.renewal(Self.late, over: Self.soon).refusal == nil)
  }

  /// A revocation must reach the registry, for that is where it takes effect; a key that was dead before may not come.
  @Test func `a revocation arrives, and a key that was revoked elsewhere does not`() throws {
    let addition = try Self.renewal(Self.revoked, over: Self.late).plan()
    #expect(addition.kind == .renewed)
    #expect(addition.changes.first == "subkey \(Self.late.subkey.fingerprint): revoked on 2025-12-31")
    #expect(addition.notes.contains { $0.hasPrefix("from now on the key does not count: ") })
    let stranger = Self.revoked.changed {
      $0.team = Team("ann", "cat", "eve")
      $0.request = KeyRequest(person: "bob", label: "card")
    }
    #expect(stranger.refusal == .revoked)
  }

  @Test func `the same again changes nothing, whatever others have added to it`() throws {
    let first = try Handed(of: "bob").plan()
    // GnuPG's armor and ours may differ; after that there is nothing left to change.
    let settled = Handed(of: "bob").changed { handed in
      handed.files = Dictionary(uniqueKeysWithValues: [
        ("keys/\(handed.certificate.primary.fingerprint).asc", first.certificate.published)
      ])
    }
    #expect(try settled.plan().kind == .unchanged)
    let flooded = settled.changed { handed in
      let stranger = TestKey.ed25519(seed: 77)
      handed.certificate = TestCertificate(primary: handed.certificate.primary)
      handed.certificate.addUser("Maintainer", flags: 0x01)
      for number in 0..<50 {
        handed.certificate.certifyUser("Maintainer") {
          $0 = TestSignature(by: stranger, at: 1_700_000_000 + Int64(number)).with { $0.type = 0x10 }
        }
      }
      handed.certificate.addSubkey(handed.subkey)
    }
    let addition = try flooded.plan()
    #expect(addition.notes.contains { $0.hasPrefix("left out: 50 packets ") }, "\(addition.notes)")
    #expect(addition.certificate.published.count < 2 * first.certificate.published.count)
  }

  @Test func `a copy that cannot be used is replaced`() throws {
    let handed = Handed(of: "bob").changed { $0.team["bob"].file = Array("hello\n".utf8) }
    let addition = try handed.plan()
    #expect(addition.changes == ["the certificate, which was missing"])
    #expect(addition.notes.first?.hasPrefix("the certificate that was there could not be used") == true)
    let missing = Handed(of: "bob").changed { $0.team["bob"].isPublished = false }
    #expect(try missing.plan().notes == [])
  }

  @Test func `the owner may be named, but not another`() throws {
    func with(_ request: KeyRequest) -> KeyRefusal.Code? {
      Self.renewal(Self.late, over: Self.soon).changed { $0.request = request }.refusal
    }
    #expect(with(KeyRequest(person: "bob", label: "card")) == nil)
    #expect(with(KeyRequest(person: "ann", label: "card")) == .taken)
    #expect(with(KeyRequest(person: "bob", label: "two")) == .listedOtherwise)
    #expect(with(KeyRequest(devices: ["YubiKey 5"])) == .usage)
  }

  /// What `keys audit` tells to type must do: ids that are listed already may be any text.
  @Test(arguments: ["ann", "ann.x", "Ann Example", "ännchen"])
  func `whoever is listed can renew, whatever the id`(id: String) throws {
    var handed = Handed(of: "ann")
    let list = String(decoding: try #require(handed.team.files.entries["MAINTAINERS"]?.content), as: UTF8.self)
    handed.files["MAINTAINERS"] = Array(
      list.replacing("people.ann]", with: "people.\"\(id)\"]").replacing("keys.ann.", with: "keys.\"\(id)\".").utf8)
    handed.request = KeyRequest(person: id, label: "card")
    handed.certificate.bind(handed.subkey) { $0.created! += 1 }
    #expect(try handed.plan().kind == .renewed)
    handed.request.person = id + " "
    #expect(handed.refusal == .taken)
  }
}
