/// Just enough arithmetic on large numbers to forge signatures in tests: digits of 32 bits, least significant first.
struct BigNumber: Equatable {
  var digits: [UInt32]

  init(_ digits: [UInt32]) {
    self.digits = digits
    while self.digits.last == 0 { self.digits.removeLast() }
  }

  /// From octets, most significant first.
  init(bytes: some Collection<UInt8>) {
    var digits: [UInt32] = []
    for (index, byte) in bytes.reversed().enumerated() {
      if index % 4 == 0 { digits.append(0) }
      digits[index / 4] |= UInt32(byte) << UInt32(8 * (index % 4))
    }
    self.init(digits)
  }

  init(hex: String) {
    let digits = Array(hex.count % 2 == 0 ? hex : "0" + hex)
    self.init(bytes: stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16)! })
  }

  /// Octets, most significant first, padded on the left to `count`.
  func bytes(count: Int) -> [UInt8] {
    (0..<count).reversed().map { index in
      index / 4 < digits.count ? UInt8(truncatingIfNeeded: digits[index / 4] >> UInt32(8 * (index % 4))) : 0
    }
  }

  static func + (left: BigNumber, right: BigNumber) -> BigNumber {
    var sum: [UInt32] = []
    var carry: UInt64 = 0
    for index in 0...max(left.digits.count, right.digits.count) {
      carry += UInt64(index < left.digits.count ? left.digits[index] : 0)
      carry += UInt64(index < right.digits.count ? right.digits[index] : 0)
      sum.append(UInt32(truncatingIfNeeded: carry))
      carry >>= 32
    }
    return BigNumber(sum)
  }

  static func * (left: BigNumber, right: BigNumber) -> BigNumber {
    var product = [UInt32](repeating: 0, count: left.digits.count + right.digits.count + 1)
    for (i, a) in left.digits.enumerated() {
      var carry: UInt64 = 0
      for (j, b) in right.digits.enumerated() {
        carry += UInt64(product[i + j]) + UInt64(a) * UInt64(b)
        product[i + j] = UInt32(truncatingIfNeeded: carry)
        carry >>= 32
      }
      product[i + right.digits.count] = UInt32(carry)
    }
    return BigNumber(product)
  }

  static func < (left: BigNumber, right: BigNumber) -> Bool {
    left.digits.count != right.digits.count
      ? left.digits.count < right.digits.count
      : left.digits.reversed().lexicographicallyPrecedes(right.digits.reversed())
  }

  /// The smallest number whose cube is at least this one.
  var cubeRoot: BigNumber {
    var root = BigNumber([])
    for bit in (0..<(digits.count * 32 / 3 + 32)).reversed() {
      var candidate = root
      while candidate.digits.count <= bit / 32 { candidate.digits.append(0) }
      candidate.digits[bit / 32] |= 1 << UInt32(bit % 32)
      if candidate * candidate * candidate < self { root = candidate }
    }
    return root + BigNumber([1])
  }
}
