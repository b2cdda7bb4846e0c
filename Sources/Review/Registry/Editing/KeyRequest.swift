package import OpenPGP

/// What somebody asks for who adds a key to the registry.
package struct KeyRequest: Sendable {
  /// Nil: whoever the key is listed for already.
  package var person: String?
  package var label: String?
  /// Of a new person.
  package var name: String?
  /// Of a new key.
  package var devices: [String]
  /// The primary key that is meant, of a file with several certificates.
  package var key: Fingerprint?
  /// Whether the certificate of a listed key is wanted even if it has expired or was revoked: what it signed before is
  /// judged by it, and with it everybody sees why it no longer counts.
  package var takesUnfit: Bool

  package init(
    person: String? = nil, label: String? = nil, name: String? = nil, devices: [String] = [], key: Fingerprint? = nil,
    takesUnfit: Bool = false
  ) {
    self.key = key
    self.takesUnfit = takesUnfit
    self.person = person
    self.label = label
    self.name = name
    self.devices = devices
  }

  /// Refuses ids that would not read in `MAINTAINERS` as what they are. Those that stand there already may be any text.
  func checkIDs() throws(KeyRefusal) {
    for (option, value) in [("--person", person), ("--label", label)] {
      guard let value else { continue }
      guard !value.isEmpty, value.utf8.count <= 40, value.utf8.allSatisfy(TOMLReader.isBare) else {
        throw KeyRefusal(.badText, "\(option) \(shellWord(value)): 1 to 40 letters, digits, - and _ are needed", next: .advice("choose another \(option)"))
      }
    }
  }

  /// Refuses words that would not read in `MAINTAINERS` as what they are.
  func check() throws(KeyRefusal) {
    for (option, value) in [("--name", name)] + devices.map({ ("--device", $0) }) {
      guard let value else { continue }
      // Attack: an entry that reads as another one on a reviewer's screen.
      guard value.unicodeScalars.allSatisfy(isHarmless), value.contains(where: { $0 != " " && $0 != "," }), value.count <= 200 else {
        throw KeyRefusal(.badText, "\(option) \(shellWord(value)): up to 200 characters that can be seen are needed", next: .advice("choose another \(option)"))
      }
    }
  }
}

/// Why a key is not taken into the registry.
package struct KeyRefusal: Error, Equatable, Sendable {
  package enum Code: String, Sendable, CaseIterable {
    /// There is a private key where a certificate should be.
    case secretKey = "secret-key"
    case severalCertificates = "several-certificates"
    /// Not a certificate that is understood.
    case unreadable
    case noSigningKey = "no-signing-key"
    /// Nothing vouches for the signing key in a way that counts.
    case notBound = "not-bound"
    case weakKey = "weak-key"
    case unsupportedKey = "unsupported-key"
    case expired
    case revoked
    /// It is, or has a key that is, another person's.
    case taken
    /// The person has another key of that label.
    case labelExists = "label-exists"
    /// The key is listed under another label.
    case listedOtherwise = "listed-otherwise"
    /// A new person's id can be taken for another's.
    case lookalike
    /// An option that is missing, or cannot be followed.
    case usage
    case badText = "bad-text"
    /// The registry cannot be read as it is.
    case registryInvalid = "registry-invalid"
    /// The registry could not be read afterwards.
    case wouldBreak = "would-break-registry"
  }

  package let code: Code
  package let message: String
  package let next: [NextStep]

  init(_ code: Code, _ message: String, next: NextStep...) {
    self.init(code, message, steps: next)
  }

  init(_ code: Code, _ message: String, steps: [NextStep]) {
    self.code = code
    self.message = message
    next = steps
  }
}
