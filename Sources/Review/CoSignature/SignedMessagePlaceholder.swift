internal import OpenPGP
struct SignedMessageDefect: Error { let message: String }
struct SignedMessage { let content: [UInt8]; let signature: SignaturePacket
  static func read(_ b: [UInt8]) throws(SignedMessageDefect) -> SignedMessage { throw SignedMessageDefect(message: "x") } }
