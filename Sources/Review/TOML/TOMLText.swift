/// A text as a TOML string. Whatever JSON escapes, TOML reads, but for characters beyond U+FFFF that cannot be seen.
func tomlString(_ text: String) -> String { JSONValue.string(text).text }

/// Texts as a TOML array of strings.
func tomlList(_ items: [String]) -> String { "[" + items.map(tomlString).joined(separator: ", ") + "]" }
