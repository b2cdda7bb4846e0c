internal import GitBridge
internal import Review

/// An object of the forge's answer, read member by member. What is missing or of another type makes the whole answer
/// malformed; `null` counts as missing, as forges use it so.
struct Members {
  private let value: JSONValue
  private let origin: String
  private let place: String

  init(_ value: JSONValue, origin: String, place: String = "") {
    self.value = value
    self.origin = origin
    self.place = place
  }

  func string(_ name: String) throws(ForgeError) -> String {
    guard let string = value[name]?.string else { throw wrong(name, "text") }
    return string
  }

  /// Text, or nothing where the member is absent or null.
  func optionalString(_ name: String) throws(ForgeError) -> String? {
    isAbsent(name) ? nil : try string(name)
  }

  func integer(_ name: String) throws(ForgeError) -> Int {
    guard let integer = value[name]?.integer else { throw wrong(name, "a number") }
    return Int(integer)
  }

  func optionalInteger(_ name: String) throws(ForgeError) -> Int? { isAbsent(name) ? nil : try integer(name) }

  func optionalBool(_ name: String) throws(ForgeError) -> Bool? {
    guard !isAbsent(name) else { return nil }
    guard case .bool(let bool) = value[name] else { throw wrong(name, "true or false") }
    return bool
  }

  func object(_ name: String) throws(ForgeError) -> Members {
    guard let object = value[name], case .object = object else { throw wrong(name, "an object") }
    return Members(object, origin: origin, place: place + name + ".")
  }

  func optionalObject(_ name: String) throws(ForgeError) -> Members? { isAbsent(name) ? nil : try object(name) }

  func objectID(_ name: String) throws(ForgeError) -> ObjectID {
    guard let id = ObjectID(hexString: try string(name)) else { throw wrong(name, "an object's id") }
    return id
  }

  func branch(_ name: String) throws(ForgeError) -> BranchName {
    guard let branch = BranchName(try string(name)) else { throw wrong(name, "a branch's name") }
    return branch
  }

  func repository(_ name: String) throws(ForgeError) -> RepositoryPath {
    guard let path = RepositoryPath(try string(name)) else { throw wrong(name, "a repository's name") }
    return path
  }

  func wrong(_ name: String, _ expected: String) -> ForgeError {
    .malformed(origin: origin, reason: "\(place)\(name) is not \(expected)")
  }

  private func isAbsent(_ name: String) -> Bool { value[name] == nil || value[name] == .null }
}
