package import GitBridge

/// New commits, found by id.
package struct CommitTable: Sendable {
  /// In the order in which they were appended. A place in a table is an index of this array.
  package private(set) var records: [CommitRecord] = []
  private var placeOf: [ObjectID: Int32] = [:]

  package init() {}

  /// Puts a commit at the end. One that is there already would be found at its new place only.
  package mutating func append(_ record: CommitRecord) {
    placeOf[record.id] = Int32(records.count)
    records.append(record)
  }

  /// Where a commit stands in ``records``; nil for one that is not in the table.
  package func place(of id: ObjectID) -> Int? { placeOf[id].map(Int.init) }

  /// The record of a commit; nil for one that is not in the table: it was there before, or was never reached.
  package subscript(id: ObjectID) -> CommitRecord? { placeOf[id].map { records[Int($0)] } }

  /// Enters what a check of the signature said: checks end after the walk has gone on.
  package mutating func setSignature(_ check: SignatureCheck, at place: Int) { records[place].signature = check }
}
