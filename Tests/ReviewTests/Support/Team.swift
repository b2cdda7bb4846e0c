import OpenPGP
import Support
import Synchronization

/// The people of a scripted project and their keys, as its registry will list them.
struct Team {
  /// One key as the registry lists it, with the private half.
  struct Key {
    var person: String
    var label = "card"
    var certificate: TestCertificate
    /// The key that signs.
    var subkey: TestKey
    /// Further lines of the registry's entry.
    var lines = ["devices = \"YubiKey 5\""]
    /// Whether the certificate lies in `keys/`.
    var isPublished = true
    /// What stands in the certificate's file instead of the certificate.
    var file: [UInt8]?

    var fingerprint: Fingerprint { certificate.primary.fingerprint }

    init(_ person: String, label: String = "card") {
      self.person = person
      self.label = label
      (certificate, subkey) = Team.usual(person + "/" + label)
    }

    /// A key whose certificate is put together by hand.
    init(_ person: String, label: String = "card", primary: TestKey, subkey: TestKey, certificate: TestCertificate) {
      self.person = person
      self.label = label
      self.subkey = subkey
      self.certificate = certificate
    }
  }

  /// Further lines of each person's entry, in the order of the ids.
  var people: [(id: String, lines: [String])]
  var keys: [Key]
  /// Further lines at the end of `MAINTAINERS`.
  var rest: [String] = []

  init(_ ids: String...) {
    people = ids.map { ($0, []) }
    keys = ids.map { Key($0) }
  }

  /// The first key of a person.
  subscript(person: String) -> Key {
    get { keys[keys.firstIndex { $0.person == person }!] }
    set { keys[keys.firstIndex { $0.person == person }!] = newValue }
  }

  /// The registry's files.
  var files: Files {
    var lines: [String] = []
    for person in people { lines += ["[people.\(person.id)]"] + person.lines }
    for key in keys { lines += ["[keys.\(key.person).\(key.label)]", "id = \"\(key.fingerprint.hex)\""] + key.lines }
    var files: [String: ScriptedFile] = ["MAINTAINERS": .file((lines + rest).joined(separator: "\n") + "\n")]
    for key in keys where key.isPublished {
      files["keys/\(key.fingerprint.hex).asc"] = ScriptedFile(content: key.file ?? key.certificate.armored)
    }
    return Files(files)
  }

  private static let made = Mutex<[String: (certificate: TestCertificate, subkey: TestKey)]>([:])

  /// The same key for the same name in every run, made once.
  private static func usual(_ name: String) -> (certificate: TestCertificate, subkey: TestKey) {
    if let known = made.withLock({ $0[name] }) { return known }
    let key = TestCertificate.usual(seed: seed(name))
    made.withLock { $0[name] = key }
    return key
  }

  private static func seed(_ name: String) -> Int {
    name.utf8.reduce(5381) { ($0 * 33 + Int($1)) % 1_000_000_007 }
  }
}
