internal import GitBridge

/// The machine-readable survey: schema `stagex-maint/survey/1`; docs/survey.md says what each member means.
extension Survey {
  /// - Parameter hidesNames: Whether people become numbers, and keys and commits are left out.
  package func json(hidingNames hidesNames: Bool) -> JSONValue {
    func buckets(_ counts: [Int]) -> JSONValue {
      .object(zip(["0", "1", "2+"], counts).map { JSONValue.Member($0, .integer(Int64($1))) })
    }
    var members: [JSONValue.Member] = [
      .init("schema", .string("stagex-maint/survey/1")), .init("name", .string(name)), .init("ref", .string(ref)),
      .init("tip", .string(tip.hex)), .init("since", since.map { .string(datestamp($0)) } ?? .null),
      .init("from", oldest.map { .string(datestamp($0)) } ?? .null),
      .init("to", newest.map { .string(datestamp($0)) } ?? .null),
      .init("commits", .integer(Int64(commits))), .init("malformed", .integer(Int64(malformed))),
      .init("adoptions", .integer(Int64(adoptions))), .init("formats", .counts(formats)),
      .init("machine-signed", .integer(Int64(machineSigned))), .init("changes", .integer(Int64(changes.count))),
      .init("claimed", buckets(self.buckets)),
    ]
    if let certificates, let checkedBuckets {
      members.append(.init("checked", buckets(checkedBuckets)))
      members.append(.init("certificates", .integer(Int64(certificates))))
    }
    members += [
      .init("well-since", wellSince.map { .string(datestamp($0)) } ?? .null),
      .init(
        "arrivals",
        .object(Arrival.allCases.compactMap { way in byArrival[way].map { .init(way.rawValue, buckets($0)) } })),
      .init("by-bots", buckets(byBots)),
      .init(
        "merges",
        .object([
          "all": .integer(Int64(merges.all)), "clean": .integer(Int64(merges.clean)),
          "content": .integer(Int64(merges.content)),
          "taken-for-clean": .integer(Int64(merges.takenForClean)), "unknown": .integer(Int64(merges.unknown)),
        ])),
      .init(
        "months", .array(months.map { .object(["month": .string("\($0.month)"), "claimed": buckets($0.buckets)]) })),
      .init("signers", .array(signers.enumerated().map { json($1, number: $0 + 1, hidesNames) })),
    ]
    return .object(members)
  }

  private func json(_ signer: Signer, number: Int, _ hidesNames: Bool) -> JSONValue {
    .object([
      "number": .integer(Int64(number)), "format": .string(signer.claim.format.name),
      "key": hidesNames ? .null : .string(signer.claim.key), "label": hidesNames ? .null : .string(signer.label),
      "machine": signer.machine.map { .string($0.rawValue) } ?? .null, "commits": .integer(Int64(signer.commits)),
      "endorsed": .integer(Int64(signer.endorsed)), "reviewed": .integer(Int64(signer.reviewed)),
    ])
  }

  /// One change of the list that `--commits` prints: schema `stagex-maint/surveyed-change/1`.
  package func json(_ change: Change) -> JSONValue {
    .object([
      "schema": .string("stagex-maint/surveyed-change/1"), "name": .string(name), "commit": .string(change.commit.hex),
      "time": .integer(change.time), "kind": .string(change.kind.rawValue), "arrival": .string(change.arrival.rawValue),
      "bot": .bool(change.isByBot), "claimed": .strings(change.claimed.map { signers[Int($0)].claim.key }),
      "checked": change.checked.map { .integer(Int64($0)) } ?? .null,
    ])
  }
}

extension Survey.Change {
  /// As a verdict would call it.
  package var kind: ChangeKind { isContentMerge ? .contentMerge : .ordinary }
}
