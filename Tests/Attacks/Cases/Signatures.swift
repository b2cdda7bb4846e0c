import GitBridge
import OpenPGP
import Review
import Support

/// One of the two signatures on a request is not what it should be.
private func signature(
  _ name: String, _ code: String, _ sentence: Int, _ tries: String, _ twin: String = "an ordinary signature",
  _ sign: @escaping @Sendable (Scene, [UInt8]) -> [UInt8]
) -> Attack {
  Attack("signatures/" + name, code, sentence, tries: tries, twin: twin) { scene, isTwin in
    let base = try scene.commit(scene.root)
    let head = try scene.adopt(base, by: "ann", sign: isTwin ? nil : { sign(scene, $0) })
    return .init("main", try scene.merge([scene.root, head], by: "bob"))
  }
}

private func changed(
  _ name: String, _ code: String, _ sentence: Int, _ tries: String, _ twin: String = "an ordinary signature",
  _ change: @escaping @Sendable (inout TestSignature) -> Void
) -> Attack {
  signature(name, code, sentence, tries, twin) { scene, payload in
    TestSignature(by: scene["ann"].subkey, at: Scene.now - 60).with(change).armored(over: payload)
  }
}

/// Dan's certificate is not what it should be, and dan is one of the two.
private func certificate(
  _ name: String, _ code: String, _ sentence: Int, _ tries: String, _ twin: String,
  _ make: @escaping @Sendable (Scene.Person) -> TestCertificate
) -> Attack {
  Attack(
    "signatures/" + name, code, sentence, tries: tries, twin: twin,
    scene: {
      try Scene {
        var dan = Scene.Person("dan")
        dan.certificate = make(dan)
        $0.append(dan)
      }
    }
  ) { scene, isTwin in .init("main", try scene.work(on: "main", by: (isTwin ? "cat" : "dan", "bob"))) }
}

private func begin(_ person: Scene.Person) -> TestCertificate {
  var certificate = TestCertificate(primary: person.certificate.primary)
  certificate.addUser("dan <dan@example.org>", flags: 0x01)
  return certificate
}

let signatureAttacks: [Attack] = [
  signature("over-other-bytes", "bad-signature", 78, "a good signature of another commit is put on this one") {
    scene, payload in scene.signature("ann")(payload + [10])
  },
  changed("mathematics-fails", "bad-signature", 78, "the numbers are another signature's") {
    $0.numbers = TestKey.ed25519(seed: 1).sign([1], hash: .sha512).numbers
  },
  changed("sha-1", "weak-signature", 71, "a signature over a SHA-1 digest") { $0.hash = .sha1 },
  changed("of-a-text", "malformed-signature", 71, "a signature of type 0x01, whose line ends are not what they seem") {
    $0.type = 1
  },
  changed("standalone", "malformed-signature", 71, "a signature of type 0x02, over nothing") { $0.type = 2 },
  signature("ssh", "too-few-endorsers", 71, "an SSH signature") { _, _ in
    Array("-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQ==\n-----END SSH SIGNATURE-----\n".utf8)
  },
  signature("stranger", "too-few-endorsers", 79, "somebody nobody lists signs") { _, payload in
    Scene.Person("mallory").subkey.sign(payload, at: Scene.now - 60)
  },
  signature("stranger-named-ann", "bad-signature", 78, "a stranger's signature names ann's key") { scene, payload in
    TestSignature(by: Scene.Person("mallory").subkey, at: Scene.now - 60).with {
      $0.issuerFingerprint = scene["ann"].subkey.fingerprint
      $0.issuerKeyID = scene["ann"].subkey.fingerprint.keyID
    }.armored(over: payload)
  },
  signature("two-packets", "too-few-endorsers", 71, "two signatures in one armor, the first a stranger's") {
    scene, payload in
    OpenPGPEncoding.armor(
      TestSignature(by: Scene.Person("mallory").subkey, at: Scene.now - 60).packet(over: payload)
        + TestSignature(by: scene["ann"].subkey, at: Scene.now - 60).packet(over: payload))
  },
  signature("text-after-armor", "too-few-endorsers", 71, "two armored signatures one after another") { scene, payload in
    Scene.Person("mallory").subkey.sign(payload, at: Scene.now - 60) + scene.signature("ann")(payload)
  },
  signature("binary", "too-few-endorsers", 71, "a signature without armor") { scene, payload in
    TestSignature(by: scene["ann"].subkey, at: Scene.now - 60).packet(over: payload)
  },
  Attack(
    "signatures/mergetag", "too-few-endorsers", 92, tries: "a maintainer's signed tag rides along in a mergetag header",
    twin: "the maintainer signs the adoption"
  ) { scene, twin in
    let base = try scene.commit(scene.root)
    let tag = "object \(base)\ntype commit\ntag v1\ntagger A <a@a> \(Scene.now) +0000\n\nok\n"
    let signed = tag + String(decoding: scene.signature("ann")(Array(tag.utf8)), as: UTF8.self)
    let head = try scene.adopt(base, by: twin ? "ann" : nil)
    return .init(
      "main",
      try scene.write(
        scene.files(head), [scene.root, head], by: "bob", message: "Merge\n", headers: [("mergetag", signed)]))
  },
  Attack(
    "signatures/trailers", "too-few-endorsers", 92, tries: "Reviewed-by and Signed-off-by name two maintainers",
    twin: "the second signs too"
  ) { scene, twin in
    let head = try scene.commit(
      scene.root, by: twin ? "cat" : nil,
      message: "change\n\nReviewed-by: cat <cat@example.org>\nSigned-off-by: ann <ann@example.org>\n")
    return .init("main", try scene.merge([scene.root, head], by: "bob"))
  },
  Attack(
    "signatures/adopt-with-a-change", "too-few-endorsers", 84, tries: "a commit that says Adopt brings a change along",
    twin: "it brings none"
  ) { scene, twin in
    let base = try scene.commit(scene.root)
    let head = try scene.commit(base, by: "ann", twin ? [:] : ["evil": "evil\n"], message: "Adopt\n")
    return .init("main", try scene.merge([scene.root, head], by: "bob"))
  },
  Attack(
    "signatures/adoptee", "too-few-endorsers", 84, tries: "an empty commit that says Adopted counts as an adoption",
    twin: "it says Adopt"
  ) { scene, twin in
    let head = try scene.adopt(try scene.commit(scene.root), by: "ann", message: twin ? "Adopt: this\n" : "Adopted\n")
    return .init("main", try scene.merge([scene.root, head], by: "bob"))
  },
  Attack(
    "signatures/false-base", "too-few-endorsers", 88,
    tries: "an adoption whose maker was shown less, as its Reviewed-Base says, is taken for all below it",
    twin: "its base is the branch's own"
  ) {
    scene, twin in
    let evil = try scene.commit(scene.root)
    let good = try scene.commit(evil)
    let head = try scene.adopt(good, by: "ann", message: "Adopt\n\nReviewed-Base: \(twin ? scene.root : evil)\n")
    return .init("main", try scene.merge([scene.root, head], by: "bob"))
  },
  Attack(
    "signatures/other-target", "too-few-endorsers", 89, tries: "an adoption for a release branch is used on main",
    twin: "it is for main"
  ) { scene, twin in
    let head = try scene.adopt(
      try scene.commit(scene.root), by: "ann",
      message: "Adopt\n\nReviewed-Target: refs/heads/\(twin ? "main" : "release/1")\n")
    return .init("main", try scene.merge([scene.root, head], by: "bob"))
  },
  Attack(
    "signatures/other-repository", "too-few-endorsers", 90, tries: "an adoption for another repository is used here",
    twin: "it is for this one",
    scene: { try Scene(policy: "version = 1\nrepository = \"forge.example/x\"\n") }
  ) { scene, twin in
    let head = try scene.adopt(
      try scene.commit(scene.root), by: "ann",
      message: "Adopt\n\nReviewed-Repository: forge.example/\(twin ? "x" : "y")\n")
    return .init("main", try scene.merge([scene.root, head], by: "bob"))
  },
  Attack(
    "signatures/adoption-beyond-the-branch", "too-few-endorsers", 85,
    tries: "an adoption inside a request on top of another's is taken for the other's work too",
    twin: "both are signed for"
  ) { scene, twin in
    let evil = try scene.commit(scene.root)
    let head = try scene.adopt(try scene.commit(evil), by: "ann")
    let inner = try scene.merge([evil, head], by: "bob")
    let top = twin ? try scene.adopt(inner, by: "cat") : inner
    return .init("main", try scene.merge([scene.root, top], by: "bob"))
  },
  certificate("no-back-signature", "unusable-key", 70, "the subkey never agreed to be dan's", "it did") {
    var made = begin($0)
    made.addSubkey($0.subkey, back: .missing)
    return made
  },
  certificate("strangers-back-signature", "unusable-key", 70, "another key agreed in its place", "it agreed itself") {
    var made = begin($0)
    made.addSubkey($0.subkey, back: .by(TestKey.ed25519(seed: 99)))
    return made
  },
  certificate("subkey-for-encryption", "unusable-key", 72, "the subkey may encrypt, not sign", "it may sign") {
    var made = begin($0)
    made.addSubkey($0.subkey, flags: 0x0C)
    return made
  },
  certificate("subkey-revoked", "revoked-key", 34, "the subkey was revoked as compromised", "it was not") {
    var made = $0.certificate
    made.revokeSubkey($0.subkey, reason: 2, at: Scene.now - Scene.day)
    return made
  },
  certificate(
    "revocation-reason-unhashed", "revoked-key", 34,
    "the reason that softens a revocation stands where anybody may write it", "there is no revocation"
  ) {
    var made = $0.certificate
    made.revoke(reason: nil, at: Scene.now - 1000) { $0.unhashed = OpenPGPEncoding.subpacket(29, [3]) }
    return made
  },
  certificate(
    "binding-with-sha-1", "unusable-key", 75, "the binding was made with SHA-1 after February 2023", "with SHA-512"
  ) {
    var made = begin($0)
    made.addSubkey($0.subkey) {
      $0.hash = .sha1; $0.created = 1_700_000_000
    }
    return made
  },
]
