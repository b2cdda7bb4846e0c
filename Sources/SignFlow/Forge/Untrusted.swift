internal import Review

/// Text that somebody outside wrote: a title, a description, a message of the forge.
///
/// It can hold escape sequences, letters that cannot be seen, and megabytes. Whatever shows it, be it by string
/// interpolation, shows it made safe for one line of a terminal; only who asks for `raw` gets the text itself.
package struct Untrusted: Sendable, Hashable, CustomStringConvertible {
  /// As it came. Never to be printed.
  package let raw: String

  package init(_ raw: String) { self.raw = raw }

  /// Made safe by `printable`, at most 200 characters.
  package var description: String { printable(raw) }

  /// Made safe by `printable`, at most `limit` characters.
  package func shown(limit: Int) -> String { printable(raw, limit: limit) }
}
