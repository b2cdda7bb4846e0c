import OpenPGP
import Review
import Support
import Testing

/// One thing that is wrong with the registry, or nearly.
extension RegistryAuditTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let expected: Set<String>
    let change: @Sendable (inout Scene) -> Void

    /// A key of bob's that does not count.
    static func dead(_ name: String, _ code: String, _ change: @escaping @Sendable (inout Scene) -> Void) -> Case {
      Case(testDescription: name, expected: withoutBob.union(["error \(code) bob"]), change: change)
    }

    /// Something about bob's key, which counts.
    static func alive(_ name: String, _ findings: String..., change: @escaping @Sendable (inout Scene) -> Void) -> Case
    {
      Case(testDescription: name, expected: usual.union(findings), change: change)
    }
  }

  static let old: Int64 = 1_600_000_000
  static let oldPrimary = TestKey.ed25519(seed: 7000, created: old)
  static let oldSubkey = TestKey.ed25519(seed: 7001, created: old)
  static let spare = TestKey.ed25519(seed: 7002)

  static let cases: [Case] = [
    .dead("no certificate", "no-certificate") { $0.team["bob"].isPublished = false },
    .dead("a certificate that cannot be read", "no-certificate") { $0.team["bob"].file = Array("hello\n".utf8) },
    .dead("expired", "expired") { $0.rebuild { $0.addSubkey($1, lifetime: Int(now - $1.created)) } },
    .alive("a second before that", "warning expires-soon bob") {
      $0.rebuild { $0.addSubkey($1, lifetime: Int(now - $1.created) + 1) }
    },
    .alive("90 days before that", "warning expires-soon bob") {
      $0.rebuild { $0.addSubkey($1, lifetime: Int(now + 90 * day - $1.created)) }
    },
    .alive("91 days before that") { $0.rebuild { $0.addSubkey($1, lifetime: Int(now + 91 * day - $1.created)) } },
    .dead("a primary key that expired", "expired") { scene in
      scene.rebuild(primary: scene.team["bob"].certificate.primary, lifetime: Handed.year) { $0.addSubkey($1) }
    },
    .dead("revoked as a whole", "revoked") { $0.team["bob"].certificate.revoke(reason: 2, at: now - day) },
    .dead("a subkey that was revoked", "revoked") {
      $0.rebuild {
        $0.addSubkey($1); $0.revokeSubkey($1, reason: 1, at: now - day)
      }
    },
    .alive("beside a subkey that was revoked", "note revoked bob") {
      $0.rebuild {
        $0.addSubkey(spare); $0.revokeSubkey(spare, reason: 1, at: now - day); $0.addSubkey($1)
      }
    },
    .alive("beside a subkey that expired", "note expired bob") {
      $0.rebuild {
        $0.addSubkey($1); $0.addSubkey(spare, lifetime: Handed.year)
      }
    },
    .alive("beside a subkey for encryption") {
      $0.rebuild {
        $0.addSubkey($1); $0.addSubkey(spare, flags: 0x0C)
      }
    },
    .dead("no subkey", "no-signing-key") { $0.rebuild { _, _ in } },
    .dead("only for encryption", "encryption-only") { $0.rebuild { $0.addSubkey($1, flags: 0x0C) } },
    .dead("RSA of 1024 bits", "weak-key") { $0.rebuild { certificate, _ in certificate.addSubkey(.rsa(bits: 1024)) } },
    .alive("RSA of 2048 bits", "note small-rsa bob") {
      $0.rebuild { certificate, _ in certificate.addSubkey(.rsa(bits: 2048)) }
    },
    .alive("RSA of 3072 bits") { $0.rebuild { certificate, _ in certificate.addSubkey(.rsa(bits: 3072)) } },
    .dead("Ed448", "unsupported-key") {
      $0.rebuild { certificate, _ in
        certificate.addSubkey(.opaque(.ed448, material: [UInt8](repeating: 1, count: 57)), back: .missing)
      }
    },
    .dead("a subkey that has not signed back", "not-bound") { $0.rebuild { $0.addSubkey($1, back: .missing) } },
    .dead("a key from the future", "future-key") { scene in
      scene.rebuild { certificate, _ in
        certificate.addSubkey(.ed25519(seed: 7003, created: now + day)) { $0.created = now + day }
      }
    },
    .alive("SHA-1 from before 2023-02-01", "warning sha1 bob") {
      $0.rebuild(primary: oldPrimary) { certificate, _ in
        certificate.addSubkey(oldSubkey) {
          $0.hash = .sha1; $0.created = SHA1.last
        }
      }
    },
    .dead("SHA-1 from after that", "sha1") {
      $0.rebuild(primary: oldPrimary) { certificate, _ in
        certificate.addSubkey(oldSubkey) {
          $0.hash = .sha1; $0.created = SHA1.last + 1
        }
      }
    },
    .alive("SHA-1 that was replaced") {
      $0.rebuild(primary: oldPrimary) { certificate, _ in
        certificate.addSubkey(oldSubkey) {
          $0.hash = .sha1; $0.created = SHA1.last
        }
        certificate.bind(oldSubkey) { $0.created = SHA1.last + 1 }
      }
    },
    .alive("SHA-1 in a user id", "warning sha1 bob") { scene in
      let subkey = scene.team["bob"].subkey
      scene.team["bob"].certificate = TestCertificate(primary: oldPrimary)
      scene.team["bob"].certificate.addUser("Bob", flags: 0x01) {
        $0.hash = .sha1; $0.created = SHA1.last
      }
      scene.team["bob"].certificate.addSubkey(subkey)
    },
    .alive("SHA-1 in a back signature", "warning sha1 bob") {
      $0.rebuild(primary: oldPrimary) { certificate, _ in
        certificate.addSubkey(
          oldSubkey,
          back: .changed {
            $0.hash = .sha1; $0.created = SHA1.last
          }
        ) { $0.created = SHA1.last }
      }
    },
    .alive("a primary key that signs", "note primary-signs bob") { scene in
      scene.rebuild(primary: scene.team["bob"].certificate.primary, flags: 0x03) { _, _ in }
    },
    .alive("a subkey that may certify", "note subkey-certifies bob") { $0.rebuild { $0.addSubkey($1, flags: 0x03) } },
    .dead("no device", "no-device") { $0.team["bob"].lines = [] },
    .alive("no device where none is asked for", "note no-device bob") {
      $0.team["bob"].lines = []; $0.policy.evidence = .off
    },
    .dead("a machine's key", "no-key-counts") {
      $0.team["bob"].lines.append("machine = true"); $0.team["bob"].label = "ci"
    },
    Case(
      testDescription: "several cards",
      expected: usual.subtracting(["warning no-spare bob"]).union(["note one-key bob"])
    ) {
      $0.team["bob"].lines = ["devices = \"YubiKey 5, Nitrokey 3\""]
    },
    Case(
      testDescription: "a bot",
      expected: ["warning no-spare ann", "warning no-spare cat", "note bot bob", "warning nobody-to-spare all"]
    ) {
      $0.team.people[1].lines = ["bot = true"]
    },
    .alive("as many as are needed", "warning nobody-to-spare all") { $0.policy.threshold = 3 },
    .alive("fewer than are needed", "error too-few-maintainers all") { $0.policy.threshold = 4 },
    .alive("evidence off") { $0.policy.evidence = .off },
  ]

  enum SHA1 {
    /// The last second of January 2023.
    static let last: Int64 = 1_675_209_599
  }
}
