internal import GitBridge
internal import Review

/// The forms of what events say.
enum CIValue {
  static func commit(_ text: String?, _ name: String) throws(GateInputError) -> ObjectID {
    guard let text else { throw missing(name) }
    guard let id = ObjectID(hexString: text) else {
      throw GateInputError("\(name) is no full commit id: \(printable(text, limit: 80))")
    }
    return id
  }

  static func branch(_ text: String?, _ name: String) throws(GateInputError) -> String {
    guard let text else { throw missing(name) }
    guard let branch = BranchName(text) else {
      throw GateInputError("\(name) is no branch's name: \(printable(text, limit: 80))")
    }
    return branch.ref
  }

  /// A full name, of a branch or a tag.
  static func ref(_ text: String?, _ name: String) throws(GateInputError) -> String {
    guard let text else { throw missing(name) }
    for prefix in ["refs/heads/", "refs/tags/"]
    where text.hasPrefix(prefix) && BranchName(String(text.dropFirst(prefix.count))) != nil {
      return text
    }
    throw GateInputError("\(name) is neither a branch's nor a tag's full name: \(printable(text, limit: 80))")
  }

  static func number(_ text: String?, _ name: String) throws(GateInputError) -> Int {
    guard let text else { throw missing(name) }
    guard text.utf8.allSatisfy(\.isDigit), text.utf8.count <= 9, let number = Int(text), number > 0 else {
      throw GateInputError("\(name) is no number of a request: \(printable(text, limit: 80))")
    }
    return number
  }

  static func missing(_ name: String) -> GateInputError { GateInputError("the event does not say \(name)") }
}
