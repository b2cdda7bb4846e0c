/// How sure the registry must be that a key lives on a smartcard before the key counts.
// R69
package enum Evidence: String, Sendable, CaseIterable {
  /// For projects without cards. Said aloud in every verdict.
  case off
  /// The registry's entry names the device; two maintainers agreed to the entry.
  case declared
  /// Two other maintainers signed what they saw: device, serial number, touch setting.
  case witnessed
  /// The vendor's attestation chain for the very key that signs.
  case attested
}
