/// What can be made out of a signature that cannot be read to its end: of which kind it is, and whom it names.
struct UnreadableSignature {
  private let version: UInt8?
  private let type: UInt8?
  private let issuers: [KeyID]

  init(_ body: ArraySlice<UInt8>) {
    let body = Array(body)
    version = body.first
    switch version {
    // Version, 5, type, time (4), key id (8) (RFC 9580, section 5.2.2). Version 2 has the same form.
    case 2, 3:
      type = body.count > 2 ? body[2] : nil
      issuers = body.count > 14 ? [KeyID(Self.number(body[7..<15]))] : []
    case 4:
      type = body.count > 1 ? body[1] : nil
      issuers = Self.issuers(versionFour: body)
    default:
      type = nil
      issuers = []
    }
  }

  /// Whether the key with this fingerprint has certainly not made it, or nothing that matters.
  func isBySomebodyElse(than key: Fingerprint) -> Bool {
    // A version 4 key makes signatures of version 4, and has made those of version 3.
    guard let version, 2...4 ~= version else { return version != nil }
    if issuers.contains(key.keyID) { return false }
    guard let type else { return false }
    return !issuers.isEmpty || !SignatureType.revocations.contains(type)
  }

  /// All that the two areas name, up to the first subpacket that is broken.
  private static func issuers(versionFour body: [UInt8]) -> [KeyID] {
    var issuers: [KeyID] = []
    var reader = ByteReader(body)
    _ = try? reader.take(4)
    for _ in 0..<2 {
      guard let length = try? reader.number16() else { break }
      let area = (try? reader.take(min(length, reader.remaining))) ?? 0..<0
      var inner = ByteReader(body, in: area)
      while !inner.isAtEnd, let length = try? Subpackets.length(&inner), length > 0, let tag = try? inner.octet(),
        let content = try? inner.take(length - 1)
      {
        switch tag & 0x7F {
        case 16 where content.count == 8: issuers.append(KeyID(number(body[content])))
        case 33:
          if let fingerprint = Fingerprint(bytes: body[content].dropFirst()) { issuers.append(fingerprint.keyID) }
        default: break
        }
      }
    }
    return issuers
  }

  private static func number(_ octets: ArraySlice<UInt8>) -> UInt64 { octets.reduce(0) { $0 << 8 | UInt64($1) } }
}
