import Foundation
@testable import OpenPGP
import Support
import Testing

/// Certificates of some twelve hundred people and machines, as gpg keeps them in Debian's packages `debian-keyring` and
/// `debian-archive-keyring`. What signs for gpg signs for us, but for the rules that are named here; and the other way
/// round.
@Suite struct DebianKeyringTests {
  static let files = [
    "debian-keyring", "debian-maintainers", "debian-nonupload", "debian-role-keys", "debian-archive-keyring",
    "debian-archive-removed-keys",
  ].map { "/usr/share/keyrings/\($0).gpg" }.filter { FileManager.default.fileExists(atPath: $0) }

  /// By the words in which we refuse what gpg takes.
  static let rules = [
    "RSA-1", "RSA-7", "DSA-", "ElGamal", "does not count: it uses SHA-1", "cannot be checked: RIPEMD-160", "Ed448",
    "Brainpool", "says the same thing twice",
  ]

  /// What gpg says of each key: whether it may make signatures now.
  static func gpg(_ file: String) throws -> [String: Bool] {
    let words = [
      "--no-options", "--homedir", "/nonexistent", "--no-default-keyring", "--keyring", file, "--trust-model", "always",
      "--no-auto-check-trustdb", "--lock-never", "--with-colons", "--list-keys",
    ]
    let listing = try Tool.run("gpg", words).text
    var keys: [String: Bool] = [:]
    var signs = false
    for line in listing.split(separator: "\n") {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      switch fields[0] {
      case "pub", "sub": signs = !"riedn".contains(fields[1].first ?? "-") && fields[11].contains("s")
      case "fpr": if keys[String(fields[9])] == nil || signs { keys[String(fields[9])] = signs }
      default: break
      }
    }
    return keys
  }

  static func words(_ standing: Standing) -> String {
    switch standing {
    case .weakKey(let text), .unsupported(let text), .notBound(let text): text
    default: "\(standing)"
    }
  }

  @Test(
    .enabled(if: !files.isEmpty, "Debian's keyrings are not installed: apt-get install debian-keyring"),
    arguments: files)
  func `what signs for gpg signs for us`(file: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: file)))
    let certificates = CertificateFile.certificates(in: bytes)
    let theirs = try Self.gpg(file)
    let now = Int64(time(nil))
    var seen = 0
    for certificate in certificates {
      for key in certificate.keys {
        guard let signs = theirs[key.fingerprint.hex] else { continue }
        let standing = certificate.standing(of: key.fingerprint, signedAt: now, judgedAt: .now(now))
        seen += 1
        if standing == .good {
          #expect(signs, "\(key.fingerprint) signs for us and not for gpg")
        } else if signs {
          #expect(
            Self.rules.contains { Self.words(standing).contains($0) },
            "\(key.fingerprint) signs for gpg; for us: \(standing)")
        }
      }
      #expect(certificate.work < 3000, "\(certificate.primary)")
    }
    // Version 3 keys, and certificates of more than a mebibyte, are all that is missing.
    #expect(seen >= theirs.count * 9 / 10, "\(seen) of \(theirs.count)")
  }

  /// GnuPG, shown what counts as we show it, knows all of it.
  @Test(.enabled(if: !files.isEmpty, "Debian's keyrings are not installed: apt-get install debian-keyring"))
  func `GnuPG knows the keys that count`() throws {
    let file = Self.files.last { $0.contains("archive-keyring") || $0.contains("role") } ?? Self.files[0]
    let keyring = Keyring(CertificateFile.certificates(in: [UInt8](try Data(contentsOf: URL(filePath: file)))))
    #expect(GnuPGReading.of(keyring, at: Int64(time(nil))) == GnuPGReading())
  }
}
