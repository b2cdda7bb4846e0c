// Compiled into the module OpenPGP by ./run.

/// RFC 9580, appendix A.1.
private let sampleKey = """
  -----BEGIN PGP PUBLIC KEY BLOCK-----

  xjMEU/NfCxYJKwYBBAHaRw8BAQdAPwmJlL3ZFu1AUxl5NOSofIBzOhKA1i+AEJku
  Q+47JAY=
  -----END PGP PUBLIC KEY BLOCK-----

  """

private let engine = NativeEngine(keyring: Keyring([try! Certificate.read(Array(sampleKey.utf8))]))

/// Signature packets, then the mathematics over a payload that the sample key never signed.
@_cdecl("LLVMFuzzerTestOneInput") public func fuzzSignature(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: count))
  guard let signature = try? SignaturePacket(packet: bytes) else { return 0 }
  precondition(signature.packet == bytes)
  let answer = Question.asking(signature, over: Array("not signed".utf8)) { engine.judge($0) }
  if case .good = answer { fatalError("a signature out of nothing") }
  return 0
}
