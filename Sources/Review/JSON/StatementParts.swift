/// A statement as it is read: an object of "critical", which is what is stated, and "optional", by which nobody goes.
struct StatementParts {
  let critical: JSONValue
  let optional: JSONValue

  /// - Parameters:
  ///   - type: What the statement has to say that it is.
  ///   - names: The members that "critical" has to have, in their order.
  init(_ document: JSONValue, type: String, names: [String]) throws(JSONDefect) {
    guard case .object(let parts) = document, parts.map(\.name) == ["critical", "optional"],
      let critical = document["critical"], case .object(let members) = critical, let optional = document["optional"]
    else { throw JSONDefect(message: "not an object of \"critical\" and \"optional\"") }
    guard members.map(\.name) == names else {
      throw JSONDefect(message: "\"critical\" has unknown or missing members")
    }
    self.critical = critical
    self.optional = optional
    guard try text("type") == type else { throw JSONDefect(message: "not of type \"\(type)\"") }
  }

  /// A member of "critical" that has to be a string.
  func text(_ name: String) throws(JSONDefect) -> String {
    guard let value = critical[name]?.string else { throw JSONDefect(message: "\"\(name)\" is not a string") }
    return value
  }
}
