internal import GitBridge
internal import OpenPGP

/// The machine-readable verdict: schema `stagex-maint/verdict/1`.
extension Verdict {
  /// As docs/verdict.md describes it.
  package var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("schema", .string("stagex-maint/verdict/1")),
      .init("verdict", .string(outcome.rawValue)),
      .init("updates", .array(updates.map(\.json))),
      .init("refusals", .array(refusals.map(\.json))),
    ]
    if !notes.isEmpty { members.append(.init("notes", .strings(notes))) }
    return .object(members)
  }
}

extension ReviewedUpdate {
  /// As docs/verdict.md describes it.
  package var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("ref", .string(ref)), .init("old", .string(old.hex)), .init("new", .string(new.hex)),
      .init("base", .string(base.hex)), .init("threshold", .integer(Int64(threshold))),
      .init("changes", .array(changes.map(\.json))),
    ]
    if let without { members.append(.init("without", .string(without.hex))) }
    return .object(members)
  }
}

extension ReviewedChange {
  /// As docs/verdict.md describes it.
  package var json: JSONValue {
    .object([
      "commit": .string(commit.hex), "kind": .string(kind.rawValue), "required": .integer(Int64(required)),
      "endorsers": .array(endorsers.map(\.json)), "paths": .array(paths.map(\.json)),
      "verdict": .string(outcome.rawValue),
    ])
  }
}

extension Endorser {
  /// As docs/verdict.md describes it.
  package var json: JSONValue {
    .object([
      "person": .string(person), "via": .string(via.rawValue), "by": .string(by.hex), "key": .string(key.hex),
      "subkey": .string(subkey.hex), "time": .integer(time),
    ])
  }
}

extension PathDemand {
  /// As docs/verdict.md describes it.
  package var json: JSONValue {
    // JSON cannot carry bytes that are not UTF-8; they are escaped as they are on a terminal.
    .object([
      "path": .string(String(validating: path, as: UTF8.self) ?? printable(path, limit: .max)),
      "required": .integer(Int64(threshold)), "groups": .strings(groups),
    ])
  }
}

extension Refusal {
  /// As docs/verdict.md describes it.
  package var json: JSONValue {
    var members: [JSONValue.Member] = [.init("code", .string(code.rawValue))]
    if let commit { members.append(.init("commit", .string(commit.hex))) }
    members += [.init("ref", .string(ref)), .init("message", .string(message)), .init("next", .string(next))]
    if !because.isEmpty { members.append(.init("because", .array(because.map(\.json)))) }
    return .object(members)
  }
}

extension Because {
  /// As docs/verdict.md describes it.
  package var json: JSONValue {
    var members: [JSONValue.Member] = [.init("code", .string(code.rawValue)), .init("commit", .string(commit.hex))]
    if let person { members.append(.init("person", .string(person))) }
    members.append(.init("detail", .string(detail)))
    return .object(members)
  }
}
