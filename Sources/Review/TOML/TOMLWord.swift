/// What a word without quotes means: a boolean, a number, a date or a time.
enum TOMLWord: Equatable {
  case bool(Bool)
  case integer(Int)
  /// A whole number beyond 64 bits.
  case tooLarge
  /// A float, a date or a time.
  case other

  /// Nil where it means nothing.
  static func read(_ word: ArraySlice<UInt8>) -> TOMLWord? {
    if word.elementsEqual("true".utf8) { return .bool(true) }
    if word.elementsEqual("false".utf8) { return .bool(false) }
    for (mark, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where word.starts(with: mark.utf8) {
      return digits(word.dropFirst(2), radix: radix).map { integer($0, radix: radix) }
    }
    let sign = word.first == UInt8(ascii: "+") || word.first == UInt8(ascii: "-") ? word.prefix(1) : []
    let rest = word.dropFirst(sign.count)
    if rest.elementsEqual("inf".utf8) || rest.elementsEqual("nan".utf8) { return .other }
    if let number = decimal(rest) { return integer(sign + number, radix: 10) }
    return isFloat(rest) || sign.isEmpty && isMoment(rest) ? .other : nil
  }

  private static func integer(_ digits: ArraySlice<UInt8>, radix: Int) -> TOMLWord {
    Int(String(decoding: digits, as: UTF8.self), radix: radix).map { .integer($0) } ?? .tooLarge
  }

  /// The digits without the underscores between them; nil where there is anything else, or nothing.
  private static func digits(_ text: ArraySlice<UInt8>, radix: Int) -> ArraySlice<UInt8>? {
    var result: ArraySlice<UInt8> = []
    var lastIsDigit = false
    for byte in text {
      if byte == UInt8(ascii: "_") {
        guard lastIsDigit else { return nil }
        lastIsDigit = false
      } else {
        guard Character(Unicode.Scalar(byte)).hexDigitValue.map({ $0 < radix }) == true else { return nil }
        result.append(byte)
        lastIsDigit = true
      }
    }
    return lastIsDigit ? result : nil
  }

  /// The same in base ten, without a leading zero.
  private static func decimal(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard let digits = digits(text, radix: 10), digits.count == 1 || digits.first != UInt8(ascii: "0") else {
      return nil
    }
    return digits
  }

  /// A whole part, then a fraction, an exponent or both.
  private static func isFloat(_ text: ArraySlice<UInt8>) -> Bool {
    let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 | 0x20 == UInt8(ascii: "e") }
    let numbers = parts[0].split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard decimal(numbers[0]) != nil, numbers.count == 1 || digits(numbers[1], radix: 10) != nil else { return false }
    guard parts.count == 2 else { return numbers.count == 2 }
    let isSigned = parts[1].first == UInt8(ascii: "+") || parts[1].first == UInt8(ascii: "-")
    return digits(parts[1].dropFirst(isSigned ? 1 : 0), radix: 10) != nil
  }

  // MARK: Dates and times (RFC 3339)

  private static func isMoment(_ text: ArraySlice<UInt8>) -> Bool {
    if isTime(text) { return true }
    guard isDate(text.prefix(10)) else { return false }
    let rest = text.dropFirst(10)
    guard let mark = rest.first else { return true }
    guard mark | 0x20 == UInt8(ascii: "t") || mark == UInt8(ascii: " ") else { return false }
    let time = rest.dropFirst()
    if let last = time.last, last | 0x20 == UInt8(ascii: "z") { return isTime(time.dropLast()) }
    let offset = time.suffix(6)
    if isTime(time.dropLast(6)), offset.first == UInt8(ascii: "+") || offset.first == UInt8(ascii: "-") {
      return isHoursAndMinutes(offset.dropFirst())
    }
    return isTime(time)
  }

  static func isDate(_ text: ArraySlice<UInt8>) -> Bool {
    let parts = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard parts.map(\.count) == [4, 2, 2], let year = number(parts[0]), let month = number(parts[1]),
      let day = number(parts[2]),
      year > 0, 1...12 ~= month
    else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return 1...days[month - 1] ~= day
  }

  /// Hours, minutes, seconds, perhaps a fraction.
  private static func isTime(_ text: ArraySlice<UInt8>) -> Bool {
    let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts[0].count == 8, isHoursAndMinutes(parts[0].prefix(5)), parts[0].dropFirst(5).first == UInt8(ascii: ":"),
      let seconds = number(parts[0].suffix(2)), seconds < 60
    else { return false }
    return parts.count == 1 || number(parts[1].prefix(1)) != nil && parts[1].allSatisfy(TOMLReader.isDigit)
  }

  private static func isHoursAndMinutes(_ text: ArraySlice<UInt8>) -> Bool {
    let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard parts.map(\.count) == [2, 2], let hours = number(parts[0]), let minutes = number(parts[1]) else {
      return false
    }
    return hours < 24 && minutes < 60
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard !digits.isEmpty, digits.allSatisfy(TOMLReader.isDigit) else { return nil }
    return Int(String(decoding: digits, as: UTF8.self))
  }
}
