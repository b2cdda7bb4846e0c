internal import GitBridge

/// The lead as one reviewer has read it: asked for again with the same refs, it is not read again.
///
/// What is read follows from the commits and from where the branches stand that were asked for on the way.
final class LeadShelf {
  private struct Reading {
    let root: ObjectID
    let tips: [(ref: [UInt8], tip: ObjectID?)]
    let found: LeadReader.Found
  }

  private var readings: [Reading] = []
  /// A push that moves the lead step by step reads it once for each of them, and needs the last.
  private static let most = 4

  func found(_ refs: [[UInt8]: ObjectID], root: ObjectID) -> LeadReader.Found? {
    readings.first { $0.root == root && $0.tips.allSatisfy { refs[$0.ref] == $0.tip } }?.found
  }

  func keep(_ found: LeadReader.Found, root: ObjectID, tips: [(ref: [UInt8], tip: ObjectID?)]) {
    if readings.count == Self.most { readings.removeFirst() }
    readings.append(Reading(root: root, tips: tips, found: found))
  }
}
