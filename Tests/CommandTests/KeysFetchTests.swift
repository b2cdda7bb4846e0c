import Foundation
import OpenPGP
import Support
import Testing

/// `keys fetch` as a maintainer types it, against servers that know, do not know, fail and lie.
@Suite(.enabled(if: KeyServer.isPossible, "needs curl and python3-cryptography"))
struct KeysFetchTests {
  static let alice = FetchScene.alice
  static let fingerprint = alice.primary.fingerprint.hex

  @Test func `a certificate comes from a server, and only its own signatures are kept`() async throws {
    let scene = try FetchScene()
    var flooded = Self.alice
    flooded.insert(packet: FetchScene.stranger.packets[2], at: 3)
    for (place, name) in [(scene.server.url, "vks"), (scene.server.url.replacing("http:", with: "hkp:"), "hkp")] {
      try scene.server.put("\(name)/\(Self.fingerprint)", flooded.armored)
      let dry = try await scene.fetch("--from", place, "--dry-run")
      #expect(dry.status == 0 && dry.output.contains("would write  keys/\(Self.fingerprint).asc"), "\(dry)")
      #expect(try scene.kept(Self.alice) == nil)
      let fetched = try await scene.fetch("--from", place)
      #expect(fetched.status == 0, "\(fetched)")
      for words in [
        "alice card  \(Self.fingerprint)  fetched", "the certificate, which was missing", "from      http://127.0.0.1:",
        "1 of 1 key has a certificate", " add keys",
      ] {
        #expect(fetched.output.contains(words), "\(words): \(fetched)")
      }
      #expect(try scene.kept(Self.alice)?.published == (try Self.alice.read().published))
      let again = try await scene.fetch("--from", place)
      #expect(
        again.status == 0 && again.output.contains("nothing new") && !again.output.contains("written"), "\(again)")
      try FileManager.default.removeItem(atPath: scene.folder.path + "/keys")
    }
    let log = try scene.server.log()
    #expect(log.contains("- GET /vks/v1/by-fingerprint/\(Self.fingerprint) HTTP/1.1"), "\(log)")
    #expect(log.contains("- GET /pks/lookup?op=get&options=mr&search=0x\(Self.fingerprint) HTTP/1.1"), "\(log)")
  }

  @Test func `what changes is shown: a later end, a new subkey, a revocation`() async throws {
    let primary = TestKey.ed25519(seed: 910_010)
    let (first, second) = (TestKey.ed25519(seed: 910_011), TestKey.ed25519(seed: 910_012))
    var old = TestCertificate(primary: primary)
    old.addUser("Alice <alice@example.org>", flags: 0x01)
    old.addSubkey(first, lifetime: 4 * FetchScene.year)
    let scene = try FetchScene(people: [("alice", old)])
    try scene.keep(old)
    var new = old
    new.bind(first, lifetime: 40 * FetchScene.year) { $0.created = 1_740_000_000 }
    new.addSubkey(second)
    try scene.server.put("vks/\(primary.fingerprint)", new.armored)
    let extended = try await scene.fetch("--from", scene.server.url)
    #expect(extended.status == 0, "\(extended)")
    #expect(extended.output.contains("expires 2027-11-14 before, expires 2063-11-14 now"), "\(extended)")
    #expect(extended.output.contains("new subkey \(second.fingerprint)"), "\(extended)")
    new.revokeSubkey(second, reason: 2, at: 1_750_000_000)
    try scene.server.put("vks/\(primary.fingerprint)", new.armored)
    let revoked = try await scene.fetch("--from", scene.server.url, "--format", "json")
    #expect(
      revoked.status == 0 && revoked.output.contains("\(second.fingerprint): revoked on 2025-06-15, for all time"),
      "\(revoked)")
    // A server that keeps back what it once told takes nothing away.
    let kept = try scene.files()
    try scene.server.put("vks/\(primary.fingerprint)", old.armored)
    let stale = try await scene.fetch("--from", scene.server.url)
    #expect(stale.status == 0 && stale.output.contains("nothing new"), "\(stale)")
    #expect(try scene.files() == kept)
  }

  /// A key whose owner has confirmed no address has no user id there, and often nothing else that says what it is for.
  @Test func `several places are merged: one has the user id, the other one the revocation`() async throws {
    let primary = TestKey.ed25519(seed: 910_020)
    let subkey = TestKey.ed25519(seed: 910_021)
    var whole = TestCertificate(primary: primary)
    whole.addUser("Alice <alice@example.org>", flags: 0x01)
    whole.addSubkey(subkey)
    var bare = TestCertificate(primary: primary)
    bare.addSubkey(subkey)
    bare.revokeSubkey(subkey, reason: 3, at: 1_760_000_000)
    let scene = try FetchScene(people: [("alice", whole)])
    try scene.server.put("vks/\(primary.fingerprint)", bare.armored)
    try scene.server.put("hkp/\(primary.fingerprint)", whole.armored)
    let both = try await scene.fetch(
      "--from", scene.server.url, "--from", scene.server.url.replacing("http:", with: "hkp:"))
    #expect(both.status == 0, "\(both)")
    let kept = try #require(try scene.kept(whole))
    #expect(kept.userIDs.count == 1)
    #expect(kept.keys[1].revocation?.time == 1_760_000_000)
  }

  /// The advanced method first; the direct one only where that host does not exist.
  @Test func `web key directories, through a proxy`() async throws {
    // joe.doe's name in the draft's own example; with capitals, as addresses may be written.
    let hash = "iy9q119eutrkn8s1mk4r39qejnbu3n5q"
    let advanced = try FetchScene(hosts: ["openpgpkey.example.org", "example.org"], address: "Joe.Doe@Example.ORG")
    try advanced.server.put("wkd/openpgpkey.example.org/\(hash)", FetchScene.stranger.bytes + Self.alice.bytes)
    let first = try await advanced.fetch("--from", "wkd", "--proxy", advanced.server.proxy)
    #expect(first.status == 0 && first.output.contains("from      web key directory of example.org"), "\(first)")
    #expect(try advanced.kept(Self.alice) != nil)
    let log = try advanced.server.log()
    #expect(
      log == [
        "proxy CONNECT openpgpkey.example.org:443",
        "openpgpkey.example.org GET /.well-known/openpgpkey/example.org/hu/\(hash)?l=Joe.Doe HTTP/1.1",
      ], "\(log)")

    let direct = try FetchScene(hosts: ["example.org"], address: "Joe.Doe@Example.ORG")
    try direct.server.put("wkd/example.org/\(hash)", Self.alice.bytes)
    for proxy in [direct.server.proxy, direct.server.socks] {
      let second = try await direct.fetch("--from", "wkd", "--proxy", proxy)
      #expect(second.status == 0, "\(second)")
      let log = try direct.server.log()
      #expect(log.last == "example.org GET /.well-known/openpgpkey/hu/\(hash)?l=Joe.Doe HTTP/1.1", "\(log)")
    }
    // The environment's proxy is heeded too.
    let third = try await direct.fetch("--from", "wkd", extra: ["https_proxy": direct.server.proxy])
    #expect(third.status == 0 && third.output.contains("nothing new"), "\(third)")

    // The advanced host exists and does not know the key: the direct one is not asked.
    try advanced.server.remove("wkd/openpgpkey.example.org/\(hash)")
    try advanced.server.put("wkd/example.org/\(hash)", Self.alice.bytes)
    try FileManager.default.removeItem(atPath: advanced.folder.path + "/keys")
    let none = try await advanced.fetch("--from", "wkd", "--proxy", advanced.server.proxy)
    #expect(none.status == 1 && none.output.contains("not found"), "\(none)")

    let pattern = try FetchScene(address: "*@example.org")
    let unasked = try await pattern.fetch("--from", "wkd", "--proxy", pattern.server.proxy)
    #expect(
      unasked.status == 1 && unasked.output.contains("*@example.org is no address that can be asked for"), "\(unasked)")
    #expect(try pattern.server.log() == [])
  }

  @Test func `the list's own servers, and a hidden service through a proxy`() async throws {
    let scene = try FetchScene(
      hosts: ["keys.example.org", "keys.openpgp.org", "abc.onion"],
      servers: "keys.example.org, https://127.0.0.1:1, https://127.1, 2130706433, 0x7f.1")
    try scene.server.put("hkp/\(Self.fingerprint)", Self.alice.armored)
    let listed = try await scene.fetch("--proxy", scene.server.socks)
    #expect(listed.status == 0, "\(listed)")
    #expect(listed.output.contains("from      https://keys.example.org"), "\(listed)")
    for server in ["https://127.0.0.1:1", "https://127.1", "2130706433", "0x7f.1"] {
      #expect(listed.output.contains("the server \(server) is this machine or a bare address"), "\(listed)")
    }
    #expect(listed.output.contains("https://keys.openpgp.org: does not know it"), "\(listed)")
    #expect(try scene.server.log().first == "socks keys.example.org:443")
    try FileManager.default.removeItem(atPath: scene.folder.path + "/keys")
    let onion = try await scene.fetch("--from", "hkp://abc.onion:80", "--proxy", scene.server.socks)
    #expect(onion.status == 0, "\(onion)")
    let open = try await scene.fetch("--from", "hkp://abc.onion:80")
    #expect(open.output.contains("plain HTTP"), "\(open)")
  }

  @Test func `a keyring, a folder and gpg`() async throws {
    let scene = try FetchScene(people: [("alice", Self.alice), ("bob", FetchScene.bob)])
    let keyring = "\(scene.sandbox.path)/ring.gpg"
    try Data(FetchScene.stranger.bytes + Self.alice.bytes).write(to: URL(filePath: keyring))
    let one = try await scene.fetch("--from", keyring)
    #expect(one.status == 1 && one.output.contains("1 of 2 keys have a certificate"), "\(one)")
    #expect(try scene.kept(Self.alice) != nil && (try scene.kept(FetchScene.bob)) == nil)
    let folder = try TemporaryFolder()
    try folder.write("readme.txt", "not a certificate\n")
    try folder.write(
      "all.asc",
      "comment\n\n" + String(decoding: FetchScene.stranger.armored, as: UTF8.self) + "\n"
        + String(decoding: FetchScene.bob.armored, as: UTF8.self))
    let two = try await scene.fetch("--from", folder.path, "bob")
    #expect(two.status == 0 && two.output.contains("bob card") && !two.output.contains("alice"), "\(two)")
    try FileManager.default.removeItem(atPath: scene.folder.path + "/keys")
    let home = try TemporaryFolder()
    try folder.write("alice.asc", String(decoding: Self.alice.armored, as: UTF8.self))
    try await scene.sandbox.must([
      "gpg", "--homedir", home.path, "--batch", "--quiet", "--import", "\(folder.path)/alice.asc",
    ])
    let three = try await scene.fetch("--from", "gpg", "alice", extra: ["GNUPGHOME": home.path])
    #expect(three.status == 0 && three.output.contains("from      gpg"), "\(three)")
    let none = try await scene.fetch("--from", "gpg", "bob", extra: ["GNUPGHOME": home.path])
    #expect(none.status == 1 && none.output.contains("gpg: does not know it"), "\(none)")
  }

  @Test func `an expired certificate is taken, for what was signed before, and said so`() async throws {
    let primary = TestKey.ed25519(seed: 910_030)
    var certificate = TestCertificate(primary: primary)
    certificate.addUser("Alice", flags: 0x03, lifetime: FetchScene.year)
    let scene = try FetchScene(people: [("alice", certificate)])
    try scene.server.put("vks/\(primary.fingerprint)", certificate.armored)
    let fetched = try await scene.fetch("--from", scene.server.url)
    #expect(
      fetched.status == 0
        && fetched.output.contains("the key does not count: the signing key \(primary.fingerprint) expired"),
      "\(fetched)")
  }

  @Test func `keys audit says what servers know and the registry does not`() async throws {
    let scene = try FetchScene()
    try scene.keep(Self.alice)
    func audit() async throws -> Finished {
      try await scene.sandbox.run([
        ServerProgram.command, "keys", "audit", "--registry", scene.folder.path, "--refresh", "--from",
        scene.server.url, "--format", "json",
      ])
    }
    try scene.server.put("vks/\(Self.fingerprint)", Self.alice.armored)
    let same = try await audit()
    #expect(same.output.contains("the servers know nothing that the registry does not"), "\(same)")
    var revoked = Self.alice
    revoked.revoke(reason: 2, at: 1_750_000_000)
    try scene.server.put("vks/\(Self.fingerprint)", revoked.armored)
    let before = try scene.files()
    let news = try await audit()
    #expect(
      news.output.contains("primary key \(Self.fingerprint): revoked on 2025-06-15")
        && news.output.contains("next: stagex-maint keys fetch alice"), "\(news)")
    #expect(try scene.files() == before)
  }

  @Test func `nobody counts is said once, with the reason`() async throws {
    let scene = try FetchScene(people: [("alice", Self.alice), ("bob", FetchScene.bob)])
    try await scene.sandbox.must(["git", "init", "--quiet", scene.folder.path])
    try await scene.sandbox.must(["git", "-C", scene.folder.path, "add", "."])
    try await scene.sandbox.must(["git", "-C", scene.folder.path, "commit", "--quiet", "--message", "Start"])
    let list = try await scene.sandbox.run([ServerProgram.command, "-C", scene.folder.path, "keys", "list"])
    #expect(
      list.output.contains(
        "nobody counts: 2 people are listed, none has a certificate under keys/\nnext: stagex-maint keys fetch\n"),
      "\(list)")
    try scene.keep(Self.alice)
    let one = try await scene.sandbox.run([
      ServerProgram.command, "-C", scene.folder.path, "keys", "list", "--registry", scene.folder.path,
    ])
    #expect(!one.output.contains("nobody counts"), "\(one)")
  }

  @Test func `wrong usage is said before anybody is asked`() async throws {
    let scene = try FetchScene()
    for (words, said) in [
      (["--from", "ftp://x.example"], "names no server"), (["--from", "nosuchfile"], "no file or folder"),
      (["--from", "http://keys.example.org"], "plain HTTP"),
      (["--from", "https://user@keys.example.org"], "names no server"),
      (["--from", "https://keys.example.org/path"], "names no server"),
      (["--proxy", "socks5://127.0.0.1:9050"], "name service"), (["--proxy", "file:///etc"], "no proxy"),
      (["--timeout", "0"], "1 to 600"), (["nobody"], "nobody"),
    ] {
      let result = try await scene.sandbox.run(
        [ServerProgram.command, "keys", "fetch", "--registry", scene.folder.path] + words)
      #expect(result.status == 64 && result.error.contains(said), "\(words): \(result)")
    }
    let empty = try TemporaryFolder()
    let none = try await scene.sandbox.run([ServerProgram.command, "keys", "fetch", "--registry", empty.path])
    #expect(none.status == 2 && none.error.contains("next: stagex-maint init"), "\(none)")
  }
}
