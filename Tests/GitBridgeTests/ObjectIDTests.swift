import GitBridge
import Testing

struct ObjectIDTests {
  private let hex = "0123456789abcdef0123456789abcdef01234567"

  @Test func `forty digits are read and written back`() {
    #expect(ObjectID(hexString: hex)?.hex == hex)
    #expect(ObjectID(hexString: hex.uppercased())?.hex == hex)
    #expect(ObjectID(hexString: hex)?.bytes.count == 20)
    #expect(ObjectID(hexString: hex)?.bytes.prefix(3) == [0x01, 0x23, 0x45])
  }

  @Test(arguments: [
    "", "0123", "0123456789abcdef0123456789abcdef0123456", "0123456789abcdef0123456789abcdef012345678",
    "0123456789abcdef0123456789abcdef0123456g", " 123456789abcdef0123456789abcdef01234567",
    "0x23456789abcdef0123456789abcdef01234567",
    // A full-width digit: Swift's Character calls it a hexadecimal digit.
    "\u{FF10}123456789abcdef0123456789abcdef01234567", "+123456789abcdef0123456789abcdef01234567",
  ])
  func `anything else is no id`(text: String) {
    #expect(ObjectID(hexString: text) == nil)
  }

  @Test func `order is the order of the bytes`() throws {
    let texts = [
      "0000000000000000000000000000000000000000", "0000000000000000000000000000000000000001",
      "0000000000000000000000000000000100000000", "00000000000000010000000000000000ffffffff",
      "7fffffffffffffffffffffffffffffffffffffff", "8000000000000000000000000000000000000000",
      "ffffffffffffffffffffffffffffffffffffffff",
    ]
    let ids = try texts.map { try #require(ObjectID(hexString: $0)) }
    #expect(ids.shuffled().sorted() == ids)
    #expect(ids[0].isZero && ids[0] == .zero && !ids[1].isZero)
  }

  @Test func `raw bytes and digits agree`() throws {
    let id = try #require(ObjectID(hexString: hex))
    #expect(id.bytes.withUnsafeBytes { ObjectID(bytes: $0) } == id)
  }
}
