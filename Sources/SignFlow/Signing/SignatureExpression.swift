/// The numbers of a signature as gpg-agent gives them: libgcrypt's canonical S-expression
/// `(7:sig-val(5:eddsa(1:r32:…)(1:s32:…)))`.
struct SignatureExpression {
  let algorithm: String
  /// In the order of the expression, each with its name.
  let numbers: [(name: String, value: [UInt8])]

  /// Nil for anything else: then gpg, who knows more forms, is asked instead.
  init?(_ bytes: [UInt8]) {
    var reader = Reader(rest: bytes[...])
    guard reader.take("("), reader.word() == "sig-val", reader.take("("), let algorithm = reader.word() else {
      return nil
    }
    var numbers: [(name: String, value: [UInt8])] = []
    while reader.take("(") {
      guard let name = reader.word(), let value = reader.string(), reader.take(")") else { return nil }
      numbers.append((name, value))
    }
    guard reader.take(")"), reader.take(")"), reader.rest.isEmpty else { return nil }
    self.algorithm = algorithm
    self.numbers = numbers
  }

  private struct Reader {
    var rest: ArraySlice<UInt8>

    mutating func take(_ sign: Character) -> Bool {
      guard rest.first == sign.asciiValue else { return false }
      rest = rest.dropFirst()
      return true
    }

    /// `LENGTH:OCTETS`
    mutating func string() -> [UInt8]? {
      let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard (1...4).contains(digits.count), let count = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
      rest = rest.dropFirst(digits.count)
      guard take(":"), rest.count >= count else { return nil }
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }

    mutating func word() -> String? { string().flatMap { String(validating: $0, as: UTF8.self) } }
  }
}
