/// That a primary key has taken a key back, itself or one of its subkeys; its mathematics is good.
package struct KeyRevocation: Hashable, Sendable {
  /// Whose revocation it is.
  package let primary: Fingerprint
  /// The key that is worth no more: the primary key, and with it all of its subkeys, or one subkey.
  package let key: Fingerprint
  /// What it says.
  package let revocation: Revocation

  package init(primary: Fingerprint, key: Fingerprint, revocation: Revocation) {
    self.primary = primary
    self.key = key
    self.revocation = revocation
  }
}

extension KeyRevocation {
  /// The revocations that the primary keys in these files have made, whatever the files are called and wherever in them
  /// the signatures stand.
  ///
  /// - Parameter files: Each a certificate, several of them, or nothing but signatures, as gpg writes them for a bad
  ///   day (`openpgp-revocs.d`); armored or not. What cannot be read is passed over: whether a certificate can be used
  ///   is asked elsewhere.
  // R34
  package static func all(in files: [[UInt8]]) -> Set<KeyRevocation> { search(files).found }

  /// As ``all(in:)``, and the first primary key in whose name there is more than can be checked: a revocation of it, or
  /// of others, may have been passed over. Nil where everything was looked at.
  package static func search(_ files: [[UInt8]]) -> (found: Set<KeyRevocation>, flooded: Fingerprint?) {
    RevocationReader.read(files)
  }
}
