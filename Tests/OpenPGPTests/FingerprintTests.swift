import OpenPGP
import Testing

@Suite struct FingerprintTests {
  let hex = "0123456789ABCDEF0123456789abcdef01234567"

  @Test func `40 and 64 hex digits of any case are a fingerprint`() throws {
    let short = try #require(Fingerprint(hex: hex))
    #expect(short.hex == hex.uppercased())
    #expect(short.count == 20)
    #expect(short.keyID.hex == "89ABCDEF01234567")
    let long = try #require(Fingerprint(hex: String(repeating: "0F", count: 32)))
    #expect(long.count == 32)
    #expect(long.keyID.hex == "0F0F0F0F0F0F0F0F")
    #expect(Fingerprint(bytes: short.bytes) == short)
    #expect(Fingerprint(bytes: long.bytes) == long)
  }

  @Test(arguments: [
    "", "0123456789ABCDEF", "0123456789ABCDEF0123456789abcdef0123456", "0123456789ABCDEF0123456789abcdef012345678",
    "0123456789ABCDEF0123456789abcdef0123456\u{FF17}", "0123456789ABCDEF0123456789abcdef0123456e\u{301}",
    "0x23456789ABCDEF0123456789abcdef01234567", "0123456789ABCDEF 0123456789abcdef0123456",
    String(repeating: "0", count: 62), String(repeating: "0", count: 66),
  ])
  func `anything else is none`(text: String) {
    #expect(Fingerprint(hex: text) == nil)
  }

  @Test func `fingerprints sort by their octets`() throws {
    let low = try #require(Fingerprint(hex: "00" + String(repeating: "FF", count: 19)))
    let high = try #require(Fingerprint(hex: "01" + String(repeating: "00", count: 19)))
    let last = try #require(Fingerprint(hex: String(repeating: "00", count: 19) + "01"))
    #expect(low < high)
    #expect(last < low)
    #expect(!(high < low))
  }

  @Test func `a short fingerprint is not a long one with zeros after it`() throws {
    let short = try #require(Fingerprint(hex: hex))
    let long = try #require(Fingerprint(hex: hex + String(repeating: "0", count: 24)))
    #expect(short != long)
    #expect(short < long)
  }
}
