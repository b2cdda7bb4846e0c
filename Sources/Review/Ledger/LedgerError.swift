internal import Basics

/// Why a ledger cannot be read or written. It never changes a verdict: only knowledge is missing.
package struct LedgerError: Error, Sendable, Equatable {
  /// What is wrong with which file, safe to print.
  package let message: String
  /// The next command to type, or whom to ask; never empty.
  package let next: String

  package init(_ message: String, next: String) {
    self.message = message
    self.next = next
  }

  static func system(_ what: String, _ path: String, _ number: Int32) -> LedgerError {
    LedgerError(
      "the ledger \(printable(path)) cannot be \(what): \(errorText(number))", next: "ls -ld \(shellWord(path))")
  }
}
