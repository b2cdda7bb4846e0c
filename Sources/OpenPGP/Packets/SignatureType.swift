/// Signature types that certificates are made of (RFC 9580, section 5.2.1).
enum SignatureType {
  static let document: UInt8 = 0x00
  static let text: UInt8 = 0x01
  static let certifications: ClosedRange<UInt8> = 0x10...0x13
  static let subkeyBinding: UInt8 = 0x18
  static let primaryKeyBinding: UInt8 = 0x19
  static let directKey: UInt8 = 0x1F
  static let keyRevocation: UInt8 = 0x20
  static let subkeyRevocation: UInt8 = 0x28
  static let certificationRevocation: UInt8 = 0x30

  static let revocations: Set<UInt8> = [keyRevocation, subkeyRevocation, certificationRevocation]

  // What a key signs about itself, by the packet that it stands after (section 10.1).
  static let ofPrimary: Set<UInt8> = [directKey, keyRevocation]
  static let ofUser = Set(certifications).union([certificationRevocation])
  static let ofSubkey: Set<UInt8> = [subkeyBinding, subkeyRevocation]
  /// All of them. Other types say nothing about what a key may do, such as which certifications by others its owner
  /// wants to be passed on (0x16, “attested certifications”).
  static let ofCertificates = ofPrimary.union(ofUser).union(ofSubkey)
}
