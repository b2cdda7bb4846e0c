/// A table while its document is read. Keys are compared as bytes, as TOML does.
final class TOMLTableBuilder {
  private enum Entry {
    case value(TOMLNode)
    case table(TOMLTableBuilder)
    case list([TOMLTableBuilder])
  }

  /// How a table came to be: each may be opened again only in its own way.
  private enum Origin {
    /// By a header below it, such as `[a.b]` for `a`; a header of its own may follow.
    case implied
    /// By its own header.
    case header
    /// By a dotted key.
    case dotted
  }

  private var entries: [[UInt8]: Entry] = [:]
  private var origin: Origin

  convenience init() { self.init(.header) }
  private init(_ origin: Origin) { self.origin = origin }

  /// `[a.b]`; nil when that table is defined already, or is something else.
  func defineTable(at path: [[UInt8]]) -> TOMLTableBuilder? {
    guard let last = path.last, let parent = descend(path.dropLast()) else { return nil }
    switch parent.entries[last] {
    case nil:
      let table = TOMLTableBuilder(.header)
      parent.entries[last] = .table(table)
      return table
    case .table(let table) where table.origin == .implied:
      table.origin = .header
      return table
    default: return nil
    }
  }

  /// `[[a.b]]`; nil when something else has that name.
  func appendTable(at path: [[UInt8]]) -> TOMLTableBuilder? {
    guard let last = path.last, let parent = descend(path.dropLast()) else { return nil }
    let table = TOMLTableBuilder(.header)
    switch parent.entries[last] {
    case nil: parent.entries[last] = .list([table])
    case .list(var tables):
      // Taken out first, so that the list is not copied for each of its tables.
      parent.entries[last] = nil
      tables.append(table)
      parent.entries[last] = .list(tables)
    default: return nil
    }
    return table
  }

  /// `a.b = value`; false when that key has a value already.
  func set(_ value: TOMLNode, at path: [[UInt8]]) -> Bool {
    var table = self
    for key in path.dropLast() {
      switch table.entries[key] {
      case nil:
        let inner = TOMLTableBuilder(.dotted)
        table.entries[key] = .table(inner)
        table = inner
      case .table(let inner) where inner.origin == .dotted: table = inner
      default: return false
      }
    }
    guard let last = path.last, table.entries[last] == nil else { return false }
    table.entries[last] = .value(value)
    return true
  }

  private func descend(_ path: ArraySlice<[UInt8]>) -> TOMLTableBuilder? {
    var table = self
    for key in path {
      switch table.entries[key] {
      case nil:
        let inner = TOMLTableBuilder(.implied)
        table.entries[key] = .table(inner)
        table = inner
      case .table(let inner) where inner.origin != .dotted: table = inner
      case .list(let tables):
        guard let last = tables.last else { return nil }
        table = last
      default: return nil
      }
    }
    return table
  }

  /// The finished table.
  func nodes(named name: String) throws(FileDefect) -> TOMLNodes {
    var result: TOMLNodes = [:]
    for (key, entry) in entries {
      let text = String(decoding: key, as: UTF8.self)
      // Swift compares strings by canonical equivalence: two keys that differ only in that would become one.
      guard result[text] == nil else { throw FileDefect("\(name): two keys read the same: \(text)") }
      switch entry {
      case .value(let value): result[text] = value
      case .table(let table): result[text] = .table(try table.nodes(named: name))
      case .list(let tables):
        var nodes: [TOMLNode] = []
        for table in tables { nodes.append(.table(try table.nodes(named: name))) }
        result[text] = .array(nodes)
      }
    }
    return result
  }

  static func text(_ path: [[UInt8]]) -> String { path.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".") }
}
