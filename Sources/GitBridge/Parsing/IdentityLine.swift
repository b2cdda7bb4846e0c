/// Who wrote or committed, and when: `NAME <EMAIL> SECONDS ±HHMM`.
///
/// Accepted is what `git fsck` has no error for (fsck.c, `fsck_ident`): names may be empty or hold any byte but
/// `<`, `>`, LF and NUL, in any encoding. Nothing here identifies a maintainer.
struct IdentityLine {
  /// Seconds since 1970, as the author claims them.
  let time: Int64

  /// Parses the bytes between the header's key and its line end.
  init?(_ range: Range<Int>, in bytes: UnsafeRawBufferPointer) {
    var at = range.lowerBound
    let end = range.upperBound

    func next() -> UInt8? { at < end ? unsafe bytes[at] : nil }
    func skipText() {
      while let byte = next(), byte != UInt8(ascii: "<"), byte != UInt8(ascii: ">") { at += 1 }
    }

    skipText()
    // The name may be empty, the space before `<` must be there.
    guard next() == UInt8(ascii: "<"), at > range.lowerBound, unsafe bytes[at - 1] == UInt8(ascii: " ") else {
      return nil
    }
    at += 1
    skipText()
    guard next() == UInt8(ascii: ">") else { return nil }
    at += 1
    guard next() == UInt8(ascii: " ") else { return nil }
    at += 1

    let digits = at
    var seconds: Int64 = 0
    while let byte = next(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      let (tens, overflow) = seconds.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
      guard !overflow, !carry else { return nil }
      seconds = sum
      at += 1
    }
    guard at > digits, unsafe bytes[digits] != UInt8(ascii: "0") || at == digits + 1 else { return nil }
    guard next() == UInt8(ascii: " ") else { return nil }
    at += 1

    guard end - at == 5, next() == UInt8(ascii: "+") || next() == UInt8(ascii: "-") else { return nil }
    for index in at + 1..<end {
      guard unsafe (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else { return nil }
    }
    time = seconds
  }
}
