package import OpenPGP

/// What a maintainer states who has seen another one's card: which keys it holds, what it is, when it asks for a touch.
package struct WitnessStatement: Sendable, Equatable {
  /// What the statement says that it is.
  package static let type = "stagex key witness"

  /// The primary key that the registry lists.
  package let key: Fingerprint
  /// The keys of its certificate that the card holds for signing; sorted, each once.
  package let signingKeys: [Fingerprint]
  /// What the card is, for instance `Nitrokey 3`.
  package let device: String
  /// As it is printed on the card.
  package let serial: String
  /// Whether the card asks for a touch.
  package let touch: CardTouch
  /// The program that made it; nobody goes by it.
  package let creator: String?
  /// When the statement was made, in seconds since 1970; for people: the signature's own time decides.
  package let timestamp: Int64?

  static let limit = 8192
  /// More keys on one card there are not.
  package static let mostKeys = 16
  private static let longestName = 100

  /// - Throws: `JSONDefect` when it is none that ``read(_:)`` would take.
  package init(
    key: Fingerprint, signingKeys: [Fingerprint], device: String, serial: String, touch: CardTouch, creator: String?,
    timestamp: Int64?
  ) throws(JSONDefect) {
    guard !signingKeys.isEmpty, signingKeys.count <= Self.mostKeys,
      zip(signingKeys, signingKeys.dropFirst()).allSatisfy({ $0 < $1 })
    else {
      throw JSONDefect(message: "signing-keys is not a sorted list of 1 to \(Self.mostKeys) fingerprints")
    }
    // Two witnesses must agree on it to the byte, and people must be able to see that they do.
    for (name, text) in [("device", device), ("serial", serial)] {
      guard !text.isEmpty, text.utf8.count <= Self.longestName, text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }),
        text.utf8.first != UInt8(ascii: " "), text.utf8.last != UInt8(ascii: " ")
      else {
        throw JSONDefect(
          message: "\(name) is not 1 to \(Self.longestName) ASCII letters, digits, marks and inner blanks")
      }
    }
    self.key = key
    self.signingKeys = signingKeys
    self.device = device
    self.serial = serial
    self.touch = touch
    self.creator = creator
    self.timestamp = timestamp
  }

  /// The one way to write this statement: members sorted by name, no white space.
  package var bytes: [UInt8] {
    var optional: [JSONValue.Member] = []
    if let creator { optional.append(.init("creator", .string(creator))) }
    if let timestamp { optional.append(.init("timestamp", .integer(timestamp))) }
    return JSONValue.object([
      "critical": .object([
        "device": .string(device), "key": .string(key.hex), "serial": .string(serial),
        "signing-keys": .strings(signingKeys.map(\.hex)), "touch": .string(touch.rawValue), "type": .string(Self.type),
      ]),
      "optional": .object(optional),
    ]).bytes
  }

  /// Reads a statement.
  ///
  /// Only the canonical form is read: what two readers could take for two statements is none.
  /// - Throws: `JSONDefect` in words for a person.
  package static func read(_ bytes: [UInt8]) throws(JSONDefect) -> WitnessStatement {
    let parts = try StatementParts(
      JSONValue.read(bytes, limit: limit), type: type,
      names: ["device", "key", "serial", "signing-keys", "touch", "type"])
    guard let key = Fingerprint(hex: try parts.text("key")) else {
      throw JSONDefect(message: "key is not a full fingerprint")
    }
    guard case .array(let values)? = parts.critical["signing-keys"] else {
      throw JSONDefect(message: "signing-keys is not a list")
    }
    let keys = values.compactMap { $0.string.flatMap(Fingerprint.init(hex:)) }
    guard keys.count == values.count else {
      throw JSONDefect(message: "signing-keys holds something else than full fingerprints")
    }
    guard let touch = CardTouch(rawValue: try parts.text("touch")) else {
      throw JSONDefect(message: "touch is not understood")
    }
    let statement = try WitnessStatement(
      key: key, signingKeys: keys, device: try parts.text("device"), serial: try parts.text("serial"), touch: touch,
      creator: parts.optional["creator"]?.string, timestamp: parts.optional["timestamp"]?.integer)
    guard statement.bytes == bytes else { throw JSONDefect(message: "not in canonical form") }
    return statement
  }
}
