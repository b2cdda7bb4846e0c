import OpenPGP
import Review
import Support

/// A certificate that is handed in for a registry: somebody new, whom everything speaks for unless a test changes it.
struct Handed {
  /// When these tests take place: 2026-01-01.
  static let now: Int64 = 1_767_225_600
  static let year = 365 * 86_400

  var team = Team("ann", "bob", "cat")
  var certificate: TestCertificate
  var subkey: TestKey
  var request = KeyRequest(person: "dan", label: "card", name: "Dan", devices: ["YubiKey 5"])
  /// What is handed in instead of the certificate.
  var bytes: [UInt8]?
  /// The registry's files that differ from the team's.
  var files: [String: [UInt8]] = [:]

  init(seed: Int = 900) { (certificate, subkey) = TestCertificate.usual(seed: seed) }

  /// Somebody whom the registry lists already.
  init(of person: String) {
    self.init()
    certificate = team[person].certificate
    subkey = team[person].subkey
    request = KeyRequest()
  }

  var source: RegistrySource {
    RegistrySource(files: team.files.entries.mapValues(\.content).merging(files) { $1 })
  }

  func plan() throws -> KeyAddition {
    try KeyAddition.plan(bytes ?? certificate.armored, request, in: source, now: Self.now)
  }

  /// The code of the refusal; nil when it is accepted.
  var refusal: KeyRefusal.Code? {
    do {
      _ = try plan()
      return nil
    } catch {
      return (error as? KeyRefusal)?.code
    }
  }

  /// The registry with what was planned.
  func registry(after addition: KeyAddition) throws -> Registry? {
    try Registry.readIfPresent(source.replacing(addition.files))
  }

  func changed(_ change: (inout Handed) -> Void) -> Handed {
    var copy = self
    change(&copy)
    return copy
  }
}

extension KeyAddition {
  func text(_ path: String) -> String? {
    files.first { $0.path == path }.map { String(decoding: $0.bytes, as: UTF8.self) }
  }
}
