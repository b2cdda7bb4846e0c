package import OpenPGP

/// One thing that is wrong with a registry, or will be.
package struct KeyFinding: Sendable, Equatable {
  /// How bad it is: an error keeps somebody from endorsing, a note asks for nothing.
  package enum Severity: String, Sendable, CaseIterable {
    /// Something does not count now.
    case error
    /// Something will stop to count, or may.
    case warning
    /// Asks for nothing.
    case note
  }

  /// A code never changes its meaning.
  package enum Code: String, Sendable, CaseIterable {
    /// The certificate is missing or cannot be used.
    case noCertificate = "no-certificate"
    case expiresSoon = "expires-soon"
    case expired, revoked
    case weakKey = "weak-key"
    case unsupportedKey = "unsupported-key"
    /// Nothing vouches for the signing key in a way that counts.
    case notBound = "not-bound"
    /// The key says that it was made in the future.
    case futureKey = "future-key"
    /// Good for us, and GnuPG does not know it.
    case gnupg
    /// Others may revoke the key, and are not heard here, or not always.
    case designatedRevoker = "designated-revoker"
    case noSigningKey = "no-signing-key"
    case encryptionOnly = "encryption-only"
    /// RSA of less than 3072 bits.
    case smallRSA = "small-rsa"
    /// Self-signatures with SHA-1.
    case sha1
    /// The primary key itself makes signatures.
    case primarySigns = "primary-signs"
    /// A subkey is marked for certifying.
    case subkeyCertifies = "subkey-certifies"
    /// The entry names no smartcard.
    case noDevice = "no-device"
    /// The policy asks for more evidence than there is.
    case evidence
    case machineKey = "machine-key"
    case sharedKey = "shared-key"
    case bot
    /// None of the person's keys counts.
    case noKeyCounts = "no-key-counts"
    /// One signing key on one card.
    case noSpare = "no-spare"
    /// One signing key, though on several cards.
    case oneKey = "one-key"
    /// Fewer people can endorse than the policy asks for somewhere.
    case tooFewMaintainers = "too-few-maintainers"
    /// Just as many can as it asks for.
    case nobodyToSpare = "nobody-to-spare"
    /// Another warning of the registry's reader.
    case registry
  }

  /// How bad it is.
  package let severity: Severity
  /// One stable word; MAINTENANCE.md explains each.
  package let code: Code
  /// The person's id; nil when it is about all.
  package let person: String?
  /// The key's label; nil when it is about the person.
  package let label: String?
  /// The primary key or subkey that it is about.
  package let key: Fingerprint?
  /// One sentence without a full stop, safe to print.
  package let message: String
  /// What mends it, best first; empty where nothing need be done.
  package let next: [NextStep]
}
