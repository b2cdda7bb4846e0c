package import OpenPGP

extension Registry {
  /// What this machine's GnuPG makes of the registry: which of the keys that could sign at `now` it does not know.
  /// Where it is one of the two engines, as by default, no signature by such a key is accepted.
  ///
  /// To be asked before a change of the registry is accepted: afterwards it would be found out at the first push.
  ///
  /// - Parameters:
  ///   - now: Seconds since 1970.
  ///   - deadline: When GnuPG is waited for no longer.
  package func gnupgReading(at now: Int64, deadline: ContinuousClock.Instant? = nil) -> GnuPGReading {
    var settings = GnuPGEngine.Settings()
    settings.deadline = deadline
    return GnuPGReading.of(keyring, at: now, settings: settings)
  }
}
