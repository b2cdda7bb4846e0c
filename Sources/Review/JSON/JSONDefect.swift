/// Why some bytes are not the JSON that is read here.
package struct JSONDefect: Error, Equatable, Sendable {
  /// One sentence, not yet safe to print.
  package let message: String
}
