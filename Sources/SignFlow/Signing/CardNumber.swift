/// Which card: the application identifier of an OpenPGP card (OpenPGP Smart Card Application 3.4, section 4.2.1),
/// which holds its maker and its serial number.
package struct CardNumber: Hashable, Sendable, CustomStringConvertible {
  /// 32 hex digits, upper case: `D276000124 01 VVVV MMMM SSSSSSSS 0000`.
  package let applicationID: String

  /// Takes exactly 32 ASCII hex digits that begin as an OpenPGP card's do.
  package init?(applicationID text: String) {
    let upper = text.utf8.map { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "f") ? $0 - 32 : $0 }
    guard upper.count == 32, upper.starts(with: "D27600012401".utf8),
      upper.allSatisfy({
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains($0)
      })
    else { return nil }
    applicationID = String(decoding: upper, as: UTF8.self)
  }

  /// Eight digits, as they are printed on the card and by gpg; leading zeros kept.
  package var serial: String { String(applicationID.dropFirst(20).prefix(8)) }

  /// Registered makers whose cards maintainers use; others by number.
  package var maker: String {
    switch applicationID.dropFirst(16).prefix(4) {
    case "0006": "Yubico"
    case "000F": "Nitrokey"
    case "F517": "FSIJ (Gnuk)"
    case "0005": "ZeitControl"
    case let number: "maker \(number)"
    }
  }

  package var description: String { "the \(maker) card no. \(serial)" }
}
