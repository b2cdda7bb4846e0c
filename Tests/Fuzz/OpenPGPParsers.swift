@testable import OpenPGP
@testable import Review
@testable import SignFlow

/// Signatures, messages and the framing of them.
let openPGPParsers: [String: Parser] = [
  // What is handed to the second engine is what the first one read; and the loose reader, which counts for surveys,
  // names the same maker.
  "signature": { bytes in
    guard case .openPGP(let one) = SignatureBlock.read(armor: Array(bytes)) else { return }
    let other = try! SignaturePacket(packet: one.packet)
    precondition(one.created == other.created && one.issuerKeyID == other.issuerKeyID)
    guard let claim = ClaimedIssuer(packets: one.packet) else {
      precondition(one.issuerKeyID == nil && one.issuerFingerprint == nil)
      return
    }
    if let fingerprint = one.issuerFingerprint { precondition(claim.fingerprint == fingerprint) }
  },
  // A packet that is broken in any way still is told from others, or is not.
  "signature-packet": { bytes in
    let packet = Array(bytes)
    let claim = ClaimedIssuer(packets: packet)
    guard let one = try? SignaturePacket(packet: packet) else { return }
    precondition(one.packet == packet || SignatureFields(packet: packet) != nil)
    if let keyID = one.issuerKeyID { precondition(claim?.keyID == keyID || claim?.fingerprint?.keyID == keyID) }
    _ = UnreadableSignature(packet.dropFirst(2))
  },
  // Told apart from unsigned, whatever it holds; and no person where it names nobody.
  "claim": { bytes in
    let claim = SignatureClaim.read(armor: Array(bytes))
    precondition(claim.maker != .nobody || !claim.namesMachine)
    precondition(!claim.notCounted.isEmpty && !SignatureBlock.hasText(behind: []))
    // A machine that is named by its key as people see it is that machine.
    let isMachine = MachineKeys(further: [claim.key]).contains(claim)
    switch claim.maker {
    case .fingerprint, .keyID, .sshKey: precondition(isMachine)
    default: break
    }
    // Text behind a signature is seen, whatever the signature is.
    let more = Array("-----END PGP SIGNATURE-----\n".utf8) + bytes
    let isBlank = bytes.allSatisfy { [0x20, 0x09, 0x0D, 0x0A].contains($0) }
    precondition(SignatureBlock.hasText(behind: more) != isBlank)
  },
  // A signature's blob says the same in an armor.
  "ssh-claim": { bytes in
    let blob = Array(bytes)
    precondition(SSHClaim.read(blob) == SignatureClaim.read(armor: armored(blob, "SSH SIGNATURE")))
  },
  "x509-claim": { bytes in
    let blob = Array(bytes)
    let claim = X509Claim.read(blob)
    precondition(claim == SignatureClaim.read(armor: armored(blob, "SIGNED MESSAGE")))
    precondition(!claim.namesMachine || { if case .identity = claim.maker { true } else { false } }())
  },
  // A strict armor says to the loose readers what it says to the strict one, and is written back as it was read.
  "armor": { bytes in
    let text = Array(bytes)
    let blocks = Armor.looseBlocks(in: text)
    let loose = LooseArmor.content(of: text)
    guard let strict = try? Armor.decode(text, label: "PGP SIGNATURE", limit: Armor.signatureLimit) else { return }
    precondition(blocks == [strict])
    if text.starts(with: "-----BEGIN PGP SIGNATURE-----\n".utf8) { precondition(loose == strict) }
    let written = Armor.encode(strict, label: "PGP SIGNATURE")
    precondition(try! Armor.decode(written, label: "PGP SIGNATURE", limit: .max) == strict)
  },
  // Packets follow each other without a gap, and a body framed anew is the same packet.
  "packets": { bytes in
    var reader = ByteReader(Array(bytes))
    var end = 0
    while !reader.isAtEnd, let header = try? PacketHeader.read(&reader) {
      precondition(header.whole.lowerBound == end && header.whole.upperBound == header.body.upperBound)
      end = header.whole.upperBound
      let framed = PacketHeader.frame(header.type, reader.bytes[header.body])
      var again = ByteReader(framed)
      let other = try! PacketHeader.read(&again)
      precondition(other.type == header.type && again.isAtEnd)
      precondition(framed[other.body].elementsEqual(reader.bytes[header.body]))
    }
  },
  // A message never grows beyond its bound, and what it says can be written plainly, and read again.
  "message": { bytes in
    guard let message = try? SignedMessage.read(Array(bytes), admittingText: true) else { return }
    precondition(message.content.count <= SignedMessage.limit)
    guard message.signature.type == SignatureType.document else { return }
    guard let plain = signedMessage(message.content, message.signature), plain.count <= SignedMessage.limit else {
      return
    }
    let again = try! SignedMessage.read(plain)
    precondition(again.content == message.content && again.signature.packet == message.signature.packet)
  },
  // A bomb is given up at the bound; and what is cut short is broken, however much of it came out.
  "compressed": { bytes in
    guard let first = bytes.first else { return }
    let format = [Inflate.Format.raw, .zlib, .bzip2][Int(first) % 3]
    let data = Array(bytes.dropFirst())
    guard let plain = try? Inflate.decompress(data, format, limit: 65_536) else { return }
    precondition(plain.count <= 65_536)
    precondition((try? Inflate.decompress(data.dropLast(), format, limit: 65_536)) == nil)
    precondition((try? Inflate.decompress(data + [0], format, limit: 65_536)) == nil)
    if !plain.isEmpty { precondition((try? Inflate.decompress(data, format, limit: plain.count - 1)) == nil) }
  },
  // What gpg says of a signature is never more than that it is good as the packet says. The signature comes first.
  "gnupg-status": { bytes in
    let text = Array(bytes)
    guard let end = text.firstRange(of: "-----END PGP SIGNATURE-----\n".utf8)?.upperBound,
      case .openPGP(let signature) = SignatureBlock.read(armor: Array(text[..<end]))
    else { return }
    var status = GnuPGStatus()
    for line in text[end...].split(separator: UInt8(ascii: "\n")) {
      guard let (keyword, fields) = GnuPGStatus.split(line) else { continue }
      status.note(keyword, fields)
    }
    switch status.answer(about: signature) {
    case .good(let key, _, let time), .expired(let key, _, let time), .revoked(let key, _, let time):
      precondition(time == signature.created)
      precondition(signature.issuerFingerprint.map { $0 == key } ?? true)
    default: break
    }
  },
]

/// In base64 between two lines, as git keeps it.
private func armored(_ blob: [UInt8], _ label: String) -> [UInt8] {
  Array("-----BEGIN \(label)-----\n".utf8) + Base64.encode(blob) + Array("\n-----END \(label)-----\n".utf8)
}
