internal import Crypto

/// The public key inside an SSH signature (OpenSSH's PROTOCOL.sshsig): `SSHSIG`, a version, the key, and more.
enum SSHClaim {
  static func read(_ blob: [UInt8]) -> SignatureClaim {
    let magic = Array("SSHSIG".utf8)
    let lengthAt = magic.count + 4
    guard blob.starts(with: magic), blob.count >= lengthAt + 4 else {
      return SignatureClaim(format: .ssh, maker: .nobody)
    }
    let length = blob[lengthAt..<lengthAt + 4].reduce(0) { $0 << 8 | Int($1) }
    let start = lengthAt + 4
    guard length > 0, length <= blob.count - start else { return SignatureClaim(format: .ssh, maker: .nobody) }
    return SignatureClaim(format: .ssh, maker: .sshKey(Array(SHA256.hash(data: blob[start..<start + length]))))
  }
}
