internal import Crypto
internal import SwiftASN1

/// Whom an X.509 signature names: its signer's serial number and issuer (CMS, RFC 5652, section 5.3), and the identity
/// in that certificate where it comes along.
enum X509Claim {
  static func read(_ message: [UInt8]) -> SignatureClaim {
    guard let signed = try? SignedData(message), let signer = signed.signer else {
      return SignatureClaim(format: .x509, maker: .nobody)
    }
    let issuer = Array(SHA256.hash(data: signer.issuer))
    let certificate = signed.certificates.first { $0.serial == signer.serial && $0.issuer == signer.issuer }
    guard let identity = certificate?.identity else {
      return SignatureClaim(format: .x509, maker: .certificate(serial: Array(signer.serial), issuer: issuer))
    }
    var claim = SignatureClaim(format: .x509, maker: .identity(identity.name, issuer: issuer))
    claim.namesMachine = identity.isMachine
    return claim
  }

  struct Identity {
    let name: String
    /// People have addresses; a URI names a workflow, and some addresses are a service's account.
    let isMachine: Bool

    init(address: String) {
      name = address
      isMachine = address.lowercased().hasSuffix(".gserviceaccount.com")
    }

    init(uri: String) {
      name = uri
      isMachine = true
    }
  }

  private struct Unreadable: Error {}

  /// The parts of a CMS message that name its signer. BER: gpgsm leaves lengths open.
  private struct SignedData {
    var certificates: [Certificate] = []
    var signer: (serial: ArraySlice<UInt8>, issuer: ArraySlice<UInt8>)?

    init(_ message: [UInt8]) throws {
      let fields = try X509Claim.children(try BER.parse(message))
      guard fields.count == 2, let outer = try X509Claim.children(fields[1]).first else { throw Unreadable() }
      let parts = try X509Claim.children(outer)
      for part in parts where part.identifier == .init(tagWithNumber: 0, tagClass: .contextSpecific) {
        certificates = try X509Claim.children(part).prefix(16).compactMap { try? Certificate($0) }
      }
      // The signer infos come last, in a set.
      guard let last = parts.last, last.identifier == .set, let info = try X509Claim.children(last).first else {
        throw Unreadable()
      }
      let fieldsOfInfo = try X509Claim.children(info)
      guard fieldsOfInfo.count > 2 else { throw Unreadable() }
      let name = fieldsOfInfo[1]
      // A signer named by its key's id instead is found by no certificate here.
      guard name.identifier == .sequence else { return }
      let pair = try X509Claim.children(name)
      guard pair.count == 2 else { throw Unreadable() }
      signer = (try X509Claim.primitive(pair[1]), pair[0].encodedBytes)
    }
  }

  private struct Certificate {
    let serial: ArraySlice<UInt8>
    let issuer: ArraySlice<UInt8>
    private(set) var identity: Identity?

    init(_ node: ASN1Node) throws {
      guard let body = try X509Claim.children(node).first else { throw Unreadable() }
      var fields = try X509Claim.children(body)[...]
      if fields.first?.identifier == .init(tagWithNumber: 0, tagClass: .contextSpecific) { fields.removeFirst() }
      guard fields.count >= 6 else { throw Unreadable() }
      let start = fields.startIndex
      serial = try X509Claim.primitive(fields[start])
      issuer = fields[start + 2].encodedBytes
      let subject = fields[start + 4]
      for field in fields where field.identifier == .init(tagWithNumber: 3, tagClass: .contextSpecific) {
        guard let list = try X509Claim.children(field).first else { continue }
        identity = try X509Claim.children(list).lazy.compactMap { try Self.alternativeName($0) }.first
      }
      if identity == nil { identity = try Self.address(in: subject) }
    }

    /// The first address or URI of the extension that holds alternative names (RFC 5280, section 4.2.1.6).
    private static func alternativeName(_ node: ASN1Node) throws -> Identity? {
      let parts = try X509Claim.children(node)
      guard let first = parts.first, let value = parts.last,
        try ASN1ObjectIdentifier(berEncoded: first) == [2, 5, 29, 17]
      else { return nil }
      for name in try X509Claim.children(try BER.parse(try X509Claim.primitive(value))) {
        guard name.identifier.tagClass == .contextSpecific,
          let text = String(validating: try X509Claim.primitive(name), as: UTF8.self)
        else { continue }
        if name.identifier.tagNumber == 1 { return Identity(address: text) }
        if name.identifier.tagNumber == 6 { return Identity(uri: text) }
      }
      return nil
    }

    /// The address that older certificates have in their subject.
    private static func address(in subject: ASN1Node) throws -> Identity? {
      for set in try X509Claim.children(subject) {
        for attribute in try X509Claim.children(set) {
          let pair = try X509Claim.children(attribute)
          guard pair.count == 2, try ASN1ObjectIdentifier(berEncoded: pair[0]) == [1, 2, 840, 113549, 1, 9, 1],
            let text = String(validating: try X509Claim.primitive(pair[1]), as: UTF8.self)
          else { continue }
          return Identity(address: text)
        }
      }
      return nil
    }
  }

  private static func children(_ node: ASN1Node) throws -> [ASN1Node] {
    guard case .constructed(let nodes) = node.content else { throw Unreadable() }
    return Array(nodes)
  }

  private static func primitive(_ node: ASN1Node) throws -> ArraySlice<UInt8> {
    guard case .primitive(let bytes) = node.content else { throw Unreadable() }
    return bytes
  }
}
