/// One question to an engine: did a key of the keyring sign these bytes?
///
/// The bytes signed are `head` followed by `tail`: a commit is signed without its signature header, which lies
/// in its middle, and thus nothing is copied. Both are borrowed: they must stay valid until the engine's call returns.
@safe package struct Question {
  package let signature: SignaturePacket
  package let head: UnsafeRawBufferPointer
  package let tail: UnsafeRawBufferPointer

  @unsafe package init(signature: SignaturePacket, head: UnsafeRawBufferPointer, tail: UnsafeRawBufferPointer) {
    self.signature = signature
    unsafe self.head = head
    unsafe self.tail = tail
  }

  /// Lends a question about an array of bytes.
  package static func asking<R, E: Error>(
    _ signature: SignaturePacket, over payload: [UInt8], _ body: (Question) throws(E) -> R
  ) throws(E) -> R {
    let result: Result<R, E> = unsafe payload.withUnsafeBytes { bytes in
      do throws(E) {
        return .success(
          try body(unsafe Question(signature: signature, head: bytes, tail: .init(start: nil, count: 0))))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}

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

/// Judges signatures against one keyring. Narrow on purpose, so that independent implementations fit behind it.
package protocol SignatureEngine {
  /// For messages: `native`, `gnupg`, `gpgme`.
  var name: String { get }

  /// Answers one question. Never throws: trouble is an answer too, `failed`.
  mutating func judge(_ question: Question) -> Answer
}
