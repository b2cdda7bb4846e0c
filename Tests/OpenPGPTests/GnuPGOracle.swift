import Glibc
import OpenPGP
import Support

/// What gpg itself says of bytes that our reader has never seen or would not admit. Written apart from the engines.
final class GnuPGOracle {
  private let folder: ScratchFolder
  private let keys: String
  /// Primary fingerprints of the certificates that gpg has imported.
  let imported: Set<String>

  /// Shows gpg certificates as packets, as they are.
  init(keyring: [UInt8]) throws {
    folder = try ScratchFolder()
    try folder.write("keyring.gpg", keyring)
    imported = []
    keys = "--homedir /nonexistent --no-default-keyring --keyring \(folder.path)/keyring.gpg"
  }

  /// Lets gpg import each of these files, of which it may take what it likes.
  init(importing certificates: [[UInt8]]) throws {
    folder = try ScratchFolder()
    let home = "--homedir \(folder.path)"
    keys = home
    for (index, certificate) in certificates.enumerated() { try folder.write("certificate-\(index)", certificate) }
    let path = folder.path
    let files = certificates.indices.map { " \(path)/certificate-\($0)" }.joined()
    let output = RealHistory.output("\(Self.gpg) \(home) --batch --import\(files) 2>/dev/null")
    imported = Set(
      String(decoding: output, as: UTF8.self).split(separator: "\n")
        .filter { $0.hasPrefix("[GNUPG:] IMPORT_OK ") }.compactMap { $0.split(separator: " ").last.map(String.init) })
  }

  private static let gpg =
    "env -i LC_ALL=C /usr/bin/gpg --no-options --no-autostart --no-tty --quiet --trust-model always"
    + " --lock-never --no-random-seed-file --status-fd 1"

  /// Judges inline messages in one process: whether each holds a good signature and nothing but good ones.
  func judge(messages: [[UInt8]]) throws -> [Bool] {
    for (index, message) in messages.enumerated() { try folder.write("message-\(index)", message) }
    try folder.write("names", Array(messages.indices.map { "\(folder.path)/message-\($0)\n" }.joined().utf8))
    let output = RealHistory.output("\(Self.gpg) \(keys) --verify-files < \(folder.path)/names 2>/dev/null")
    return String(decoding: output, as: UTF8.self).split(separator: "[GNUPG:] FILE_START ").map(Self.isGood)
  }

  /// Judges an armored detached signature as git does: `gpg --verify`.
  func judge(armor: [UInt8], payload: [UInt8]) throws -> Bool {
    try folder.write("signature", armor)
    try folder.write("payload", payload)
    let output = RealHistory.output(
      "\(Self.gpg) \(keys) --verify \(folder.path)/signature \(folder.path)/payload 2>/dev/null")
    return Self.isGood(Substring(decoding: output, as: UTF8.self))
  }

  private static func isGood(_ lines: Substring) -> Bool {
    let good = lines.contains("[GNUPG:] GOODSIG ") && lines.contains("[GNUPG:] VALIDSIG ")
    let others = ["BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG", "NODATA"]
    return good && !others.contains { lines.contains("[GNUPG:] \($0)") }
  }

  /// A signature packet, or what is left of one, behind a one-pass packet for `key` and the payload.
  static func message(_ packet: [UInt8], over payload: [UInt8], by key: TestKey, hash: HashAlgorithm = .sha512)
    -> [UInt8]
  {
    let onePass = [3, 0, hash.rawValue, key.algorithm.rawValue] + key.fingerprint.bytes.suffix(8) + [1]
    return OpenPGPEncoding.packet(4, onePass)
      + OpenPGPEncoding.packet(11, [UInt8(ascii: "b"), 0, 0, 0, 0, 0] + payload) + packet
  }
}
