/// One question to an engine: did a key of the keyring sign these bytes?
///
/// The bytes signed are `head` followed by `tail`: a commit is signed without its signature header, which lies
/// in its middle, and thus nothing is copied. Both are borrowed: they must stay valid until the engine's call returns.
@safe package struct Question {
  package let signature: SignaturePacket
  /// The first part of what was signed; lent.
  package let head: UnsafeRawBufferPointer
  /// The rest of what was signed; lent.
  package let tail: UnsafeRawBufferPointer

  /// Both parts have to live as long as this.
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
