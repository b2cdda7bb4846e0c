internal import Glibc

/// A call of the system that failed: what could not be done, and the `errno` value that says why.
package struct SystemError: Error, Equatable, Sendable {
  /// A participle for messages: `opened`, `written`, `renamed`.
  package let what: String
  /// An `errno` value.
  package let number: Int32

  /// - Parameter number: an `errno` value, taken before anything else can set another.
  package init(_ what: String, _ number: Int32) {
    self.what = what
    self.number = number
  }
}

/// The system's words for an `errno` value, in the C locale unless somebody set another.
package func errorText(_ number: Int32) -> String {
  var buffer = [CChar](repeating: 0, count: 128)
  guard unsafe strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
  return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
