package import GitBridge

/// What is kept of each new commit: ids, shape and the signature's check. The bytes are not.
package struct CommitRecord: Sendable {
  package let id: ObjectID
  package let tree: ObjectID
  package let parents: [ObjectID]
  /// Seconds since 1970, by the committer's clock.
  package let time: Int64
  package let defect: CommitDefect?
  package let saysAdopt: Bool
  package var signature: SignatureCheck
  /// Facts that the cache already holds; nil where they must be found out.
  var remembered: FactRecord?
}

/// New commits, found by id.
package struct CommitTable: Sendable {
  package private(set) var records: [CommitRecord] = []
  private var placeOf: [ObjectID: Int32] = [:]

  package init() {}

  package mutating func append(_ record: CommitRecord) {
    placeOf[record.id] = Int32(records.count)
    records.append(record)
  }

  package func place(of id: ObjectID) -> Int? { placeOf[id].map(Int.init) }

  package subscript(id: ObjectID) -> CommitRecord? { placeOf[id].map { records[Int($0)] } }

  package mutating func setSignature(_ check: SignatureCheck, at place: Int) { records[place].signature = check }
}
