/// What an engine says. It is about mathematics and identity; whether the key counts is `Certificate.standing`.
package enum Answer: Equatable, Sendable {
  /// `key` made the signature at `time` (seconds since 1970); `primary` is its certificate's primary key.
  case good(key: Fingerprint, primary: Fingerprint, time: Int64)
  /// The same, and GnuPG adds that the key, or its primary key, has expired by now. Only GnuPG's engines say so.
  case expired(key: Fingerprint, primary: Fingerprint, time: Int64)
  /// The same, and GnuPG adds that the key, or its primary key, is revoked. Only GnuPG's engines say so.
  case revoked(key: Fingerprint, primary: Fingerprint, time: Int64)
  /// The signature names a key of the keyring, and that key has not made it.
  case bad
  /// No key of the keyring has the issuer that the signature names.
  case unknownKey
  /// The engine lacks what it takes to judge.
  case unsupported(String)
  /// The engine is in trouble. Never good.
  case failed(String)
}
