/// What is wrong with a configuration file, in words that name the place.
package struct FileDefect: Error, Equatable, Sendable {
  /// One sentence, not yet safe to print.
  package let message: String
  package init(_ message: String) { self.message = message }
}

extension FileDefect {
  static func notAFile(_ path: String) -> FileDefect { FileDefect("\(path) is not a regular file") }
  static func notAFolder(_ path: String) -> FileDefect { FileDefect("\(path) is not a folder") }
  static func tooMany(_ path: String, _ most: Int) -> FileDefect { FileDefect("\(path) holds more than \(most) files") }
}
