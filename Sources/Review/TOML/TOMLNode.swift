/// A TOML value.
indirect enum TOMLNode: Sendable {
  case table(TOMLNodes)
  case array([TOMLNode])
  case string(String)
  case integer(Int)
  case bool(Bool)
  /// Floats, dates and times: allowed where nobody reads them.
  case other
}

/// The members of a TOML table.
typealias TOMLNodes = [String: TOMLNode]

/// Reads a TOML document of bounded size into plain values.
func readTOML(_ bytes: [UInt8], named name: String) throws(FileDefect) -> TOMLNodes {
  guard bytes.count <= 1 << 20 else { throw FileDefect("\(name) is larger than 1 MiB") }
  guard String(validating: bytes, as: UTF8.self) != nil else { throw FileDefect("\(name) is not valid UTF-8") }
  guard !bytes.contains(0) else { throw FileDefect("\(name) contains a NUL character") }
  var reader = TOMLReader(bytes, named: name)
  return try reader.document()
}
