/// Which implementations check a signature.
package enum EngineChoice: String, Sendable, CaseIterable {
  /// Ours and GnuPG, and both must say the same. For everything that lets something in.
  case both
  case native
  case gpgme
}
