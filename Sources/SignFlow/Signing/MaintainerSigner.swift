package import OpenPGP

/// Who signs, and with what.
package struct SignerIdentity: Sendable, Equatable {
  /// The person's id in the registry.
  package let person: String
  /// The primary key's fingerprint, which the registry lists.
  package let primary: Fingerprint
  /// The fingerprint of the key that makes the signature.
  package let signing: Fingerprint
  /// The card that holds it; nil with Split GPG, and where the policy asks for no cards.
  package let card: CardNumber?

  package init(person: String, primary: Fingerprint, signing: Fingerprint, card: CardNumber?) {
    self.person = person
    self.primary = primary
    self.signing = signing
    self.card = card
  }
}

/// Something that signs for one maintainer.
///
/// What it returns has been verified by our engine and by GnuPG, and is by the key that ``identity`` names.
package protocol MaintainerSigner {
  var identity: SignerIdentity { get }

  /// An armored detached signature over these bytes, for commits and tags.
  mutating func detachedSignature(over payload: [UInt8]) throws(SigningError) -> [UInt8]

  /// A binary OpenPGP signed message over these bytes, for co-signatures and images.
  mutating func signedMessage(over content: [UInt8]) throws(SigningError) -> [UInt8]

  /// The same for one of many: GnuPG may still be looking at it, while the card makes the next one. It may be kept, and
  /// must go nowhere before its ``settle()``.
  mutating func unsettledMessage(over content: [UInt8]) throws(SigningError) -> [UInt8]

  /// Waits for GnuPG's word on the oldest message of ``unsettledMessage(over:)`` that it was not waited for.
  ///
  /// - Throws: When it is not good.
  mutating func settle() throws(SigningError)
}

extension MaintainerSigner {
  package mutating func unsettledMessage(over content: [UInt8]) throws(SigningError) -> [UInt8] {
    try signedMessage(over: content)
  }

  package mutating func settle() throws(SigningError) {}
}

/// What happens while a signature is made, for whoever talks to the person.
package enum SigningEvent: Sendable, Equatable {
  /// gpg-agent has started the program that asks for the PIN.
  case pinPrompt
  /// Nothing has happened for a second: the card waits for its touch.
  case waiting
  case signed
}
