// Compiled into the module OpenPGP by ./run.

/// Armored signatures, as a commit's header holds them.
@_cdecl("LLVMFuzzerTestOneInput") public func fuzzArmor(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let text = unsafe Array(UnsafeBufferPointer(start: data, count: count))
  if case .openPGP(let signature) = SignatureBlock.read(armor: text) {
    precondition((try? SignaturePacket(packet: signature.packet)) != nil, "an admitted packet is not admitted again")
  }
  return 0
}
