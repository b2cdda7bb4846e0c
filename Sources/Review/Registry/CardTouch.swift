/// When a card asks to be touched, as statements about cards name it (OpenPGP Smart Card Application 3.4, section
/// 4.4.3.6, and Yubico's two further values).
package enum CardTouch: String, Sendable, CaseIterable {
  case off
  case on
  case fixed
  case cached
  case cachedFixed = "cached-fixed"

  /// The octet that cards and attestations use.
  package init?(octet: UInt8) {
    switch octet {
    case 0: self = .off
    case 1: self = .on
    case 2: self = .fixed
    case 3: self = .cached
    case 4: self = .cachedFixed
    default: return nil
    }
  }

  /// Whether nobody can switch it off and keep the key: the others yield to the admin PIN.
  package var isFixed: Bool { self == .fixed || self == .cachedFixed }
}
