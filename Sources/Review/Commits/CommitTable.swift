package import GitBridge

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
