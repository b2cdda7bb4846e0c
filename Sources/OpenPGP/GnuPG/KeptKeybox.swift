internal import Crypto
internal import Glibc

/// A keybox that an earlier process had gpg make, with the name of what it was made of and by which gpg.
///
/// Holding one spares gpg the checking of a certificate's self-signatures for each question, see ``GnuPGKeybox``: in a
/// push of one commit that is most of what gpg does. What gpg found in them when it imported them stands in it, so it
/// is worth no less than gpg's own keybox in a home, and must be as well out of other people's reach.
package struct KeptKeybox: Sendable {
  /// The octets that it was made from.
  package let origin: [UInt8]
  /// The keybox's file.
  package let content: [UInt8]

  package init(origin: [UInt8], content: [UInt8]) {
    self.origin = origin
    self.content = content
  }

  /// Names a keyring and the gpg that is to read it: another gpg may think otherwise of old self-signatures.
  static func origin(keyring: [UInt8], program: String) -> [UInt8] {
    var status = stat()
    var identity = program
    if unsafe stat(program, &status) == 0 {
      identity += " \(status.st_size) \(status.st_ino) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec)"
    }
    return Array(SHA256.hash(data: Array(identity.utf8) + [0] + keyring))
  }
}
