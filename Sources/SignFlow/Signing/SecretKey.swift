internal import Cgpgme
package import OpenPGP

/// A secret key as GnuPG knows it: on a card, on disk, or out of reach.
package struct SecretKey: Sendable, Equatable {
  /// Of the very key.
  package let fingerprint: Fingerprint
  /// Whether gpg has the secret half itself, or a card's stub of it.
  package let isUsable: Bool
  /// The card that the stub names; nil for a key on disk.
  package let card: CardNumber?

  package init(fingerprint: Fingerprint, isUsable: Bool, card: CardNumber?) {
    self.fingerprint = fingerprint
    self.isUsable = isUsable
    self.card = card
  }

  /// All keys and subkeys with a secret half that this home's gpg knows.
  ///
  /// This is a look at local files: it proves nothing to others, and guards only against the slip of signing with a
  /// key on disk.
  package static func all(in home: GnuPGHome) throws(SigningError) -> [SecretKey] {
    let context = try GPGMEContext.openPGP(home)
    var error = unsafe gpgme_op_keylist_start(context.handle, nil, 1)
    if let failure = GPGMEFailure(error) { throw failure.signingError("list secret keys") }
    var keys: [SecretKey] = []
    while true {
      var next: gpgme_key_t?
      error = unsafe gpgme_op_keylist_next(context.handle, &next)
      if let failure = GPGMEFailure(error) {
        if failure.code == GPG_ERR_EOF { return keys }
        throw failure.signingError("list secret keys")
      }
      guard let key = unsafe next else { return keys }
      defer { unsafe gpgme_key_unref(key) }
      var part = unsafe key.pointee.subkeys
      while let subkey = unsafe part {
        let text = unsafe subkey.pointee.fpr.map { unsafe String(cString: $0) }
        if let fingerprint = text.flatMap(Fingerprint.init(hex:)) {
          let onCard = unsafe subkey.pointee.is_cardkey != 0
          let number = unsafe subkey.pointee.card_number.map { unsafe String(cString: $0) }
          let isUsable = unsafe subkey.pointee.secret != 0
          let card = onCard ? number.flatMap(CardNumber.init(applicationID:)) : nil
          keys.append(SecretKey(fingerprint: fingerprint, isUsable: isUsable, card: card))
        }
        unsafe part = subkey.pointee.next
      }
    }
  }
}
