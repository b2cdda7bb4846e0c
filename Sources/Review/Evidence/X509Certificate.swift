internal import SwiftASN1

/// One certificate of version 3 (RFC 5280, section 4.1), read strictly from its DER: what an attestation is judged by.
///
/// Read with swift-asn1, which is in the program already. swift-certificates brings six hundred protocol conformances
/// along, and Swift looks through all of them whenever it starts: measured, 2.5 million instructions more at each start
/// of the debug program, for files that no hook reads unless its policy asks for them. It makes the certificates of the
/// tests.
struct X509Certificate {
  struct Extension {
    let oid: ASN1ObjectIdentifier
    let isCritical: Bool
    /// The DER inside the octet string.
    let value: ArraySlice<UInt8>
  }

  /// What the signature covers, as it stands in the certificate.
  let signedBytes: ArraySlice<UInt8>
  /// The algorithm of the signature, as DER.
  let algorithm: ArraySlice<UInt8>
  let signature: ArraySlice<UInt8>
  /// Names as DER: compared as bytes, for no two readers disagree about those.
  let issuer: ArraySlice<UInt8>
  let subject: ArraySlice<UInt8>
  /// The subject's one common name; nil when it has none, several, or one in an alphabet of its own.
  let commonName: String?
  /// `SubjectPublicKeyInfo`, as DER.
  let publicKey: ArraySlice<UInt8>
  let extensions: [Extension]

  private static let mostExtensions = 32

  init(der: [UInt8]) throws {
    let whole = try DER.sequence(try DER.parse(der), identifier: .sequence) { nodes in
      let body = try Self.next(&nodes, .sequence)
      let algorithm = try Self.next(&nodes, .sequence).encodedBytes
      let bits = try ASN1BitString(derEncoded: &nodes)
      guard bits.paddingBits == 0 else { throw Unreadable("a signature that is no whole number of octets") }
      return (body: body, algorithm: algorithm, signature: bits.bytes)
    }
    signedBytes = whole.body.encodedBytes
    algorithm = whole.algorithm
    signature = whole.signature
    let body = try DER.sequence(whole.body, identifier: .sequence) { nodes in
      let version = try DER.explicitlyTagged(&nodes, tagNumber: 0, tagClass: .contextSpecific) {
        try Int(derEncoded: $0)
      }
      guard version == 2 else { throw Unreadable("a version that is not 3") }
      // The serial number. Nothing here goes by it.
      _ = try Self.next(&nodes, .integer)
      // Outside of what is signed, an algorithm could be changed by anybody.
      guard try Self.next(&nodes, .sequence).encodedBytes == whole.algorithm else {
        throw Unreadable("two signature algorithms")
      }
      let issuer = try Self.next(&nodes, .sequence)
      // The dates: see ``AttestationChain``.
      _ = try Self.next(&nodes, .sequence)
      let subject = try Self.next(&nodes, .sequence)
      let publicKey = try Self.next(&nodes, .sequence)
      // Unique identifiers, tags 1 and 2, nobody has used for decades: what comes here must be the extensions.
      let extensions = try DER.optionalExplicitlyTagged(&nodes, tagNumber: 3, tagClass: .contextSpecific) {
        try Self.readExtensions($0)
      }
      return (
        issuer: issuer.encodedBytes, subject: subject, publicKey: publicKey.encodedBytes, extensions: extensions ?? []
      )
    }
    issuer = body.issuer
    subject = body.subject.encodedBytes
    commonName = try Self.readCommonName(body.subject)
    publicKey = body.publicKey
    extensions = body.extensions
  }

  struct Unreadable: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  private static func next(_ nodes: inout ASN1NodeCollection.Iterator, _ kind: ASN1Identifier) throws -> ASN1Node {
    guard let node = nodes.next(), node.identifier == kind else {
      throw Unreadable("something else than its place asks for")
    }
    return node
  }

  private static func readExtensions(_ node: ASN1Node) throws -> [Extension] {
    try DER.sequence(node, identifier: .sequence) { nodes in
      var extensions: [Extension] = []
      while let node = nodes.next() {
        let one = try DER.sequence(node, identifier: .sequence) { nodes in
          let oid = try ASN1ObjectIdentifier(derEncoded: &nodes)
          let isCritical: Bool = try DER.decodeDefault(&nodes, defaultValue: false)
          return Extension(oid: oid, isCritical: isCritical, value: try ASN1OctetString(derEncoded: &nodes).bytes)
        }
        // One reader would take the first, another one the last.
        guard !extensions.contains(where: { $0.oid == one.oid }) else { throw Unreadable("an extension twice") }
        guard extensions.count < mostExtensions else { throw Unreadable("more than \(mostExtensions) extensions") }
        extensions.append(one)
      }
      return extensions
    }
  }

  private static func readCommonName(_ name: ASN1Node) throws -> String? {
    var found: [String?] = []
    try DER.sequence(name, identifier: .sequence) { parts in
      while let part = parts.next() {
        try DER.set(part, identifier: .set) { attributes in
          while let attribute = attributes.next() {
            try DER.sequence(attribute, identifier: .sequence) { nodes in
              let type = try ASN1ObjectIdentifier(derEncoded: &nodes)
              guard let value = nodes.next() else { throw Unreadable("a name without a value") }
              if type == .NameAttributes.commonName { found.append(text(value)) }
            }
          }
        }
      }
    }
    return found.count == 1 ? found[0] : nil
  }

  private static func text(_ node: ASN1Node) -> String? {
    guard node.identifier == .utf8String || node.identifier == .printableString,
      case .primitive(let bytes) = node.content
    else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  // MARK: What the extensions say

  private func value(_ oid: ASN1ObjectIdentifier) -> ArraySlice<UInt8>? { extensions.first { $0.oid == oid }?.value }

  /// Whether it is a certificate authority, and how many issuers may stand below it (section 4.2.1.9); nil for any
  /// number.
  func authority() throws -> (isOne: Bool, pathLength: Int?) {
    guard let value = value(.basicConstraints) else { return (false, nil) }
    return try DER.sequence(try DER.parse(value), identifier: .sequence) { nodes in
      let isOne: Bool = try DER.decodeDefault(&nodes, defaultValue: false)
      let length: Int? = try DER.optionalImplicitlyTagged(&nodes)
      // Only authorities have one, and it is no debt.
      guard length.map({ isOne && $0 >= 0 }) ?? true else { throw Unreadable("a path length that means nothing") }
      return (isOne, length)
    }
  }

  /// Whether its key may sign certificates (section 4.2.1.3); nil where it does not say.
  func maySignCertificates() throws -> Bool? {
    guard let value = value(.keyUsage) else { return nil }
    let bits = try ASN1BitString(derEncoded: value)
    // Bit 5, counted from the highest.
    return bits.bytes.first.map { $0 & 0x04 != 0 } ?? false
  }
}

extension ASN1ObjectIdentifier {
  static let basicConstraints: ASN1ObjectIdentifier = [2, 5, 29, 19]
  static let keyUsage: ASN1ObjectIdentifier = [2, 5, 29, 15]
}
