/// Takes the members out of a table one by one, so that what nobody asked for can be refused.
struct TableReader {
  private var members: TOMLNodes
  let place: String

  init(_ members: TOMLNodes, place: String) {
    self.members = members
    self.place = place
  }

  var names: [String] { members.keys.sorted() }

  mutating func string(_ key: String) throws(FileDefect) -> String? {
    guard let node = members.removeValue(forKey: key) else { return nil }
    guard case .string(let value) = node else { throw FileDefect("\(place): \(key) must be a string") }
    return value
  }

  mutating func required(_ key: String) throws(FileDefect) -> String {
    guard let value = try string(key) else { throw FileDefect("\(place): \(key) is missing") }
    return value
  }

  mutating func bool(_ key: String) throws(FileDefect) -> Bool? {
    guard let node = members.removeValue(forKey: key) else { return nil }
    guard case .bool(let value) = node else { throw FileDefect("\(place): \(key) must be true or false") }
    return value
  }

  mutating func integer(_ key: String, from least: Int = .min) throws(FileDefect) -> Int? {
    guard let node = members.removeValue(forKey: key) else { return nil }
    guard case .integer(let value) = node else { throw FileDefect("\(place): \(key) must be a whole number") }
    guard value >= least else { throw FileDefect("\(place): \(key) must be at least \(least)") }
    return value
  }

  mutating func choice<Value: RawRepresentable<String>>(_ key: String) throws(FileDefect) -> Value? {
    guard let name = try string(key) else { return nil }
    guard let value = Value(rawValue: name) else { throw FileDefect("\(place): \(key): unknown value \"\(name)\"") }
    return value
  }

  mutating func strings(_ key: String) throws(FileDefect) -> [String]? {
    guard let node = members.removeValue(forKey: key) else { return nil }
    guard case .array(let nodes) = node else { throw FileDefect("\(place): \(key) must be a list of strings") }
    var values: [String] = []
    for node in nodes {
      guard case .string(let value) = node else { throw FileDefect("\(place): \(key) must be a list of strings") }
      values.append(value)
    }
    return values
  }

  mutating func table(_ key: String) throws(FileDefect) -> TableReader? {
    guard let node = members.removeValue(forKey: key) else { return nil }
    guard case .table(let value) = node else { throw FileDefect("\(place): \(key) must be a table") }
    return TableReader(value, place: "\(place): \(key)")
  }

  mutating func tables(_ key: String) throws(FileDefect) -> [TableReader]? {
    guard let node = members.removeValue(forKey: key) else { return nil }
    guard case .array(let nodes) = node else {
      throw FileDefect("\(place): \(key) must be a list of tables: [[\(key)]]")
    }
    var values: [TableReader] = []
    for (index, node) in nodes.enumerated() {
      guard case .table(let value) = node else {
        throw FileDefect("\(place): \(key) must be a list of tables: [[\(key)]]")
      }
      values.append(TableReader(value, place: "\(place): \(key) \(index + 1)"))
    }
    return values
  }

  /// - Throws: `FileDefect` when members are left that nobody asked for.
  func finish() throws(FileDefect) {
    guard let unknown = names.first else { return }
    throw FileDefect("\(place): unknown key \(unknown)")
  }
}
