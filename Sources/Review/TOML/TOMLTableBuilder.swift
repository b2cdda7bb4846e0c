/// A table while its document is read. Keys are compared as bytes, as TOML does.
final class TOMLTableBuilder {
  private enum Entry {
    case value(TOMLNode)
    case table(TOMLTableBuilder)
    case list(List)
  }

  /// The tables of one name. A class, so that a list of many thousands is not copied for each of them.
  private final class List {
    var tables: [TOMLTableBuilder]
    init(_ table: TOMLTableBuilder) { tables = [table] }
  }

  /// How a table came to be: each may be opened again only in its own way.
  private enum Origin {
    /// By a header below it, such as `[a.b]` for `a`; a header of its own may follow, or a dotted key.
    case implied
    /// By its own header.
    case header
    /// By a dotted key: tables may be put into it by headers, but it has none of its own.
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
    case nil: parent.entries[last] = .list(List(table))
    case .list(let list): list.tables.append(table)
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
      case .table(let inner) where inner.origin != .header:
        inner.origin = .dotted
        table = inner
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
      case .table(let inner): table = inner
      case .list(let list):
        guard let last = list.tables.last else { return nil }
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
      case .list(let list):
        var nodes: [TOMLNode] = []
        for table in list.tables { nodes.append(.table(try table.nodes(named: name))) }
        result[text] = .array(nodes)
      }
    }
    return result
  }

  static func text(_ path: [[UInt8]]) -> String {
    path.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".")
  }
}
