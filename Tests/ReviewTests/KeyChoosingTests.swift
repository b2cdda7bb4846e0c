import OpenPGP
import Review
import Support
import Testing

/// `keys add` of a file with several certificates, and of a certificate with several signing keys: what is taken, and
/// that it is said.
@Suite struct KeyChoosingTests {
  static let made = Handed()
  static let fingerprint = made.certificate.primary.fingerprint

  static func several(_ parts: (Handed) -> [UInt8], key: Fingerprint? = fingerprint) -> Handed {
    Handed().changed {
      $0.bytes = parts($0)
      $0.request.key = key
    }
  }

  @Test func `the one that was named is taken, and the others are told`() throws {
    let other = Handed().team["bob"].fingerprint
    for parts: (Handed) -> [UInt8] in [
      { $0.team["bob"].certificate.bytes + $0.certificate.bytes },
      { $0.certificate.armored + $0.team["bob"].certificate.armored },
      { OpenPGPEncoding.armor($0.team["bob"].certificate.bytes + $0.certificate.bytes, label: "PGP PUBLIC KEY BLOCK") },
    ] {
      let handed = Self.several(parts)
      let addition = try handed.plan()
      #expect(addition.certificate.primary == Self.fingerprint && addition.kind == .newPerson)
      #expect(addition.notes == ["the file holds 2 certificates; taken is \(Self.fingerprint), left out: \(other)"])
      // As if it had been handed in alone.
      #expect(addition.files.map(\.bytes) == (try Handed().plan().files.map(\.bytes)))
    }
  }

  @Test func `whoever is listed is taken for a renewal`() throws {
    var handed = Handed(of: "bob")
    handed.bytes = Handed().certificate.bytes + handed.certificate.bytes
    #expect(try handed.plan().certificate.primary == handed.certificate.primary.fingerprint)
    // Two who are listed: nobody can say who is meant, unless it is said.
    handed.bytes = handed.team["ann"].certificate.bytes + handed.certificate.bytes
    #expect(handed.refusal == .severalCertificates)
    handed.request.person = "bob"
    #expect(try handed.plan().certificate.primary == handed.certificate.primary.fingerprint)
  }

  @Test func `the refusal names them, and what to type`() {
    let handed = Self.several({ $0.team["bob"].certificate.bytes + $0.certificate.bytes }, key: nil)
    let refusal = #expect(throws: KeyRefusal.self) { try handed.plan() }
    #expect(
      refusal?.message.contains(Self.fingerprint.hex) == true
        && refusal?.message.contains(handed.team["bob"].fingerprint.hex) == true)
    #expect(refusal?.next.first?.text.contains("--key") == true)
  }

  /// One that is cut off behind the one that is meant, and a certificate in two parts.
  @Test func `parts of one key are one`() throws {
    let handed = Self.several({ handed in
      handed.certificate.packets[..<3].flatMap(\.self) + handed.certificate.packets[0]
        + handed.certificate.packets[3...].flatMap(\.self)
    })
    #expect(try handed.plan().certificate.keys.count == 2)
  }

  @Test func `a signing key that has expired beside a good one is told`() throws {
    let (old, new) = (TestKey.ed25519(seed: 4900), TestKey.ed25519(seed: 4901))
    let handed = Handed().changed {
      $0.certificate = KeyAdditionTests.certifier {
        $0.addSubkey(old, lifetime: 1000)
        $0.addSubkey(new)
      }
    }
    #expect(
      try handed.plan().notes == [
        "the signing key \(old.fingerprint) expired on 2023-11-14; what counts is \(new.fingerprint)"
      ])
    #expect(try Handed().plan().notes == [])
  }
}
