import Review
import SignFlow
import Testing

/// A trust root's file says all that it was read from, or is refused. Found while fuzzing.
@Suite struct TrustRootFileTests {
  private static let commit = "commit 0123456789abcdef0123456789abcdef01234567\n"

  @Test func groupsAreOneFingerprint() throws {
    let digits = String(repeating: "0a1b", count: 16)
    let file = try TrustRootFile.read(Array("\(Self.commit)fingerprint \(TrustRootFile.grouped(digits))\n".utf8))
    #expect(file.fingerprint == digits)
    #expect(try TrustRootFile.read(Array(file.text(comment: "again").utf8)) == file)
  }

  @Test(arguments: ["  ", "0a1b", "zz", String(repeating: "0A1B", count: 16)])
  func anythingElseIsNone(_ text: String) {
    #expect(throws: FileDefect.self) {
      try TrustRootFile.read(Array("\(Self.commit)fingerprint \(text)\n".utf8))
    }
  }
}
