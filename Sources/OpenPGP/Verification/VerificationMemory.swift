internal import Crypto
internal import Synchronization

/// What the mathematics has said of self-signatures, for as long as this process lives.
///
/// A push has the same certificate read many times, from one tree after another, and merged with newer copies.
///
/// Attack: certificates that are dear to check, of which a server would pay for each again and again.
enum VerificationMemory {
  /// Some megabytes.
  private static let most = 1 << 15
  private static let known = Mutex<[SHA256Digest: Bool]>([:])

  static func verify(_ fields: SignatureFields, by key: KeyPacket, over hashed: [UInt8]) -> Verification {
    let name = name(fields, key, hashed)
    if let isGood = known.withLock({ $0[name] }) { return isGood ? .good : .bad }
    let answer = key.material.verify(fields, over: hashed)
    guard answer == .good || answer == .bad else { return answer }
    known.withLock { known in
      if known.count >= most { known = [:] }
      known[name] = answer == .good
    }
    return answer
  }

  /// All that the answer depends on; of each part its length, so that no two questions have one name.
  private static func name(_ fields: SignatureFields, _ key: KeyPacket, _ hashed: [UInt8]) -> SHA256Digest {
    var hash = SHA256()
    for part in [key.body[...], hashed[...], fields.bytes[fields.hashedPart], fields.bytes[fields.numbers]] {
      var length: [UInt8] = []
      length.append(bigEndian: UInt32(part.count))
      hash.update(data: length)
      hash.update(data: part)
    }
    return hash.finalize()
  }
}
