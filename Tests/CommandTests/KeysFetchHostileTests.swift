import Foundation
import OpenPGP
import Support
import Testing

/// A key server that lies or fails: each time a clear answer, and nothing written.
@Suite(.enabled(if: KeyServer.isPossible, "needs curl and python3-cryptography"))
struct KeysFetchHostileTests {
  struct Lie: Sendable {
    let name: String
    let behaviour: String
    let status: Int32
    let said: String
    var file: [UInt8]?
    var options: [String] = []
  }

  static let alice = FetchScene.alice
  static let fingerprint = alice.primary.fingerprint.hex
  static let subkey = TestKey.ed25519(seed: 2 * 910_001 + 1)

  /// What the server sends whatever it was asked for.
  static func gives(_ name: String, _ bytes: [UInt8], _ said: String) -> Lie {
    Lie(name: name, behaviour: "gives lie", status: 1, said: said, file: bytes)
  }

  static var lies: [Lie] {
    let stranger = FetchScene.stranger
    var theft = stranger
    theft.addSubkey(subkey, back: .missing)
    let secret = OpenPGPEncoding.armor(OpenPGPEncoding.packet(5, alice.primary.body), label: "PGP PRIVATE KEY BLOCK")
    let armored = String(decoding: alice.armored, as: UTF8.self)
    return [
      Lie(name: "it does not know the key", behaviour: "status 404", status: 1, said: "does not know it"),
      Lie(name: "gone", behaviour: "status 410", status: 1, said: "does not know it"),
      Lie(
        name: "a redirect to another server", behaviour: "status 301|Location: https://evil.example/key", status: 1,
        said: "sends us on to https://evil.example/key"),
      Lie(
        name: "a redirect to a file", behaviour: "status 302|Location: file:///etc/passwd", status: 1,
        said: "sends us on"),
      Lie(name: "a redirect to itself", behaviour: "status 307|Location: /", status: 1, said: "sends us on"),
      Lie(
        name: "a redirect with escapes", behaviour: "status 308|Location: https://e.example/\u{1B}[2J", status: 1,
        said: "sends us on"),
      Lie(name: "broken", behaviour: "status 500", status: 75, said: "broken (HTTP 500)"),
      Lie(name: "busy for an hour", behaviour: "status 429|Retry-After: 3600", status: 75, said: "busy for 3600 s"),
      Lie(name: "busy, and busy again", behaviour: "status 503|Retry-After: 0", status: 75, said: "busy"),
      Lie(
        name: "it asks for a password", behaviour: "status 401|WWW-Authenticate: Basic realm=x", status: 1,
        said: "does not let us ask (HTTP 401)"),
      Lie(name: "forbidden", behaviour: "status 403", status: 1, said: "does not let us ask (HTTP 403)"),
      Lie(name: "no content", behaviour: "status 204", status: 1, said: "HTTP 204"),
      Lie(name: "a part", behaviour: "status 206", status: 1, said: "HTTP 206"),
      Lie(name: "no such status", behaviour: "status 999", status: 1, said: "makes no sense"),
      Lie(name: "it closes without a word", behaviour: "closes", status: 1, said: "breaks off"),
      Lie(
        name: "it says nothing", behaviour: "silent", status: 75, said: "did not answer in time",
        options: ["--timeout", "1"]),
      Lie(
        name: "a byte at a time", behaviour: "drips", status: 75, said: "did not answer in time",
        options: ["--timeout", "1"]),
      Lie(name: "an answer without end", behaviour: "endless", status: 1, said: "too large"),
      Lie(name: "headers without end", behaviour: "headers", status: 1, said: "makes no sense"),
      Lie(name: "a terabyte announced", behaviour: "huge", status: 1, said: "too large"),
      Lie(name: "fewer octets than announced", behaviour: "short", status: 1, said: "breaks off"),
      Lie(name: "two thirds of a certificate", behaviour: "cut", status: 1, said: "no certificate"),
      Lie(name: "HTTP/0.9", behaviour: "old", status: 1, said: "no HTTP"),
      Lie(name: "noise", behaviour: "noise", status: 1, said: "makes no sense"),
      Lie(name: "an encoding nobody asked for", behaviour: "coded", status: 1, said: "no certificate"),
      Lie(name: "a chunk longer than all memory", behaviour: "chunks", status: 1, said: "makes no sense"),
      gives("nothing", [], "it is empty"),
      gives(
        "a page for a browser", Array("<!DOCTYPE html><html>Sign in to the hotel's network".utf8),
        "page for a browser"),
      gives("JSON", Array("{\"error\": \"no\"}".utf8), "there is no certificate in it"),
      gives("an escape sequence", Array("\u{1B}]0;owned\u{7}".utf8), "there is no certificate in it"),
      gives("another key", stranger.armored, "another key, \(stranger.primary.fingerprint)"),
      gives("several other keys", stranger.bytes + FetchScene.bob.bytes, "another key"),
      gives("another key that claims her subkey", theft.armored, "another key"),
      gives("another key with her user id", TestCertificate.usual(seed: 910_040).certificate.armored, "another key"),
      gives("her private key", secret, "PRIVATE KEY"),
      gives("her private key in octets", OpenPGPEncoding.packet(5, alice.primary.body), "PRIVATE KEY"),
      gives("a private key behind her certificate", alice.bytes + OpenPGPEncoding.packet(7, [4]), "PRIVATE KEY"),
      gives("an armor without an end", Array(armored.split(separator: "-----END")[0].utf8), "an armor without an end"),
      gives(
        "an armor with a wrong checksum", Array(armored.replacing(#/\n=..../#, with: "\n=AAAA").utf8),
        "wrong checksum"),
      gives("only her primary key", OpenPGPEncoding.packet(6, alice.primary.body), "(no-signing-key)"),
      gives(
        "her primary key with a stranger's subkey",
        TestCertificate(primary: alice.primary).bytes + stranger.packets.dropFirst().flatMap { $0 },
        "(no-signing-key)"),
      gives("octets behind her certificate", alice.bytes + [0x00, 0x01], "no packet begins"),
      gives("a packet of a foreign kind", alice.bytes + OpenPGPEncoding.packet(11, [1, 2, 3]), "a packet of type 11"),
      gives("a trust packet", alice.bytes + OpenPGPEncoding.packet(12, [1]), "trust packet"),
      gives(
        "more than a mebibyte of strangers' signatures", alice.bytes + (0..<9000).flatMap { _ in stranger.packets[2] },
        "longer than a mebibyte"),
      gives(
        "a version 3 key", OpenPGPEncoding.packet(6, [3, 0, 0, 0, 0, 0, 0, 1]), "of a version that is not understood"),
    ]
  }

  @Test func `every lie and failure has its answer, and nothing is written`() async throws {
    let scene = try FetchScene()
    try scene.server.put("vks/\(Self.fingerprint)", Self.alice.armored)
    let before = try scene.files()
    #expect(Self.lies.count >= 40)
    for lie in Self.lies {
      if let file = lie.file { try scene.server.put("lie", file) }
      try scene.server.behave(lie.behaviour)
      let result = try await scene.fetch(["--from", scene.server.url] + lie.options)
      #expect(result.status == lie.status, "\(lie.name): \(result)")
      #expect(result.output.contains(lie.said), "\(lie.name): \(result)")
      #expect(!(result.output + result.error).contains("\u{1B}"), "\(lie.name): \(result)")
      #expect(result.output.contains("next: "), "\(lie.name): \(result)")
      #expect(try scene.files() == before, "\(lie.name)")
    }
    // The twin: the same server, honest.
    try scene.server.behave("")
    let honest = try await scene.fetch("--from", scene.server.url)
    #expect(honest.status == 0, "\(honest)")
    #expect(try scene.kept(Self.alice) != nil)
  }

  /// Attack: what only looks like the key's own word about itself. The copy that is there gains nothing and loses
  /// nothing.
  @Test func `forged signatures change nothing of the copy that is there`() async throws {
    let scene = try FetchScene()
    try scene.keep(Self.alice)
    let before = try scene.files()
    let stranger = FetchScene.stranger.primary
    func forged(_ signature: inout TestSignature) {
      signature.key = stranger
      signature.created = 1_740_000_000
    }
    var expiry = Self.alice
    expiry.bind(Self.subkey, lifetime: 1) { forged(&$0) }
    var user = Self.alice
    user.insert(packet: OpenPGPEncoding.packet(13, Array("Mallory <mallory@example.org>".utf8)), at: 3)
    var subkey = Self.alice
    subkey.addSubkey(TestKey.ed25519(seed: 910_050)) { forged(&$0) }
    var revoked = Self.alice
    revoked.revoke(reason: 2, at: 1_750_000_000) { forged(&$0) }
    var revokedSubkey = Self.alice
    revokedSubkey.revokeSubkey(Self.subkey, reason: 2, at: 1_750_000_000) { forged(&$0) }
    for (name, lie) in [
      ("an end", expiry), ("a user id", user), ("a subkey", subkey), ("a revocation", revoked),
      ("a subkey's revocation", revokedSubkey),
    ] {
      try scene.server.put("vks/\(Self.fingerprint)", lie.armored)
      let result = try await scene.fetch("--from", scene.server.url)
      #expect(result.status == 0 && result.output.contains("nothing new"), "\(name): \(result)")
      #expect(try scene.files() == before, "\(name)")
    }
    // The twin: the key's own revocation.
    var own = Self.alice
    own.revokeSubkey(Self.subkey, reason: 2, at: 1_750_000_000)
    try scene.server.put("vks/\(Self.fingerprint)", own.armored)
    let result = try await scene.fetch("--from", scene.server.url)
    #expect(result.status == 0 && result.output.contains("revoked on 2025-06-15"), "\(result)")
  }

  /// Attack: alice puts bob's signing subkey into her own certificate, so that his signature counts as hers.
  @Test func `another maintainer's subkey in a certificate is refused`() async throws {
    let scene = try FetchScene(people: [("alice", Self.alice), ("bob", FetchScene.bob)])
    var greedy = Self.alice
    greedy.addSubkey(TestKey.ed25519(seed: 2 * 910_002 + 1), back: .missing)
    try scene.keep(FetchScene.bob)
    try scene.server.put("vks/\(Self.fingerprint)", greedy.armored)
    let before = try scene.files()
    let result = try await scene.fetch("--from", scene.server.url, "alice")
    #expect(result.status == 1 && result.output.contains("(taken)"), "\(result)")
    #expect(try scene.files() == before)
  }

  @Test func `a server whose certificate nobody vouches for, or that is not there, is not believed`() async throws {
    let scene = try FetchScene()
    try scene.server.put("vks/\(Self.fingerprint)", Self.alice.armored)
    let before = try scene.files()
    for (server, extra, said) in [
      (scene.server.tls, ["CURL_CA_BUNDLE": "/etc/ssl/certs/ca-certificates.crt"], "cannot be reached"),
      (scene.server.tls, [:], "cannot be reached"),
      (scene.server.url.replacing("http:", with: "https:"), [:], "did not answer in time"),
      ("http://127.0.0.1:1", [:], "cannot be reached"),
    ] {
      let result = try await scene.fetch("--from", server, "--timeout", "1", extra: extra)
      #expect(
        result.status == 75 && result.output.contains(said)
          && result.output.contains("next: stagex-maint keys fetch, again"), "\(server): \(result)")
      #expect(try scene.files() == before)
    }
  }

  @Test func `one liar among the places does not keep an honest one's certificate away`() async throws {
    let scene = try FetchScene()
    try scene.server.put("vks/\(Self.fingerprint)", FetchScene.stranger.armored)
    try scene.server.put("hkp/\(Self.fingerprint)", Self.alice.armored)
    let result = try await scene.fetch(
      "--from", scene.server.url, "--from", scene.server.url.replacing("http:", with: "hkp:"))
    #expect(
      result.status == 0 && result.output.contains("warning   \(scene.server.url): it gives another key"), "\(result)")
    #expect(try scene.kept(Self.alice) != nil)
  }

  /// Attack: a branch in which the folder of keys is a link to a place outside of the work tree.
  @Test func `nothing is written through a link`() async throws {
    let scene = try FetchScene()
    try scene.server.put("vks/\(Self.fingerprint)", Self.alice.armored)
    let elsewhere = try TemporaryFolder()
    try FileManager.default.createSymbolicLink(atPath: scene.folder.path + "/keys", withDestinationPath: elsewhere.path)
    let refused = try await scene.fetch("--from", scene.server.url)
    #expect(refused.status == 2 && refused.error.contains("symbolic link"), "\(refused)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere.path) == [])
    try FileManager.default.removeItem(atPath: scene.folder.path + "/keys")
    #expect(try await scene.fetch("--from", scene.server.url).status == 0)
  }
}
