internal import Basics
internal import GitBridge
internal import Glibc
internal import OpenPGP

/// Keeps the bytes over which the two engines disagreed, so that the admin can send them to whoever mends the wrong
/// one.
struct DisagreementReport {
  let repository: Repository

  /// Writes the commit and the certificates into a folder beside the repository.
  ///
  /// - Returns: The folder; nil when nothing could be written, which changes no verdict.
  func write(_ commit: ObjectID, keyring: Keyring) -> String? {
    guard let bytes = try? repository.read(commit, as: .commit) else { return nil }
    let common = repository.commonDirectory
    let top = (common.hasSuffix("/") ? common : common + "/") + "stagex-maint"
    let folder = "\(top)/disagreement-\(commit.hex)"
    unsafe mkdir(top, 0o700)
    unsafe mkdir(folder, 0o700)
    let written = write(bytes, to: folder + "/commit") && write(keyring.gnupgKeyring, to: folder + "/keyring.pgp")
    return written ? folder : nil
  }

  private func write(_ bytes: [UInt8], to path: String) -> Bool {
    (try? FileWriting.make(path, bytes, mode: 0o600, .emptied)) != nil
  }
}
