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
  /// What an earlier process kept. It is read from the disk once, also where a push moves the lead.
  private var memories: [(root: ObjectID, memory: LeadMemory?)] = []
  /// A push that moves the lead step by step reads it once for each of them, and needs the last.
  private static let most = 4

  func found(_ refs: [[UInt8]: ObjectID], root: ObjectID) -> LeadReader.Found? {
    readings.first { $0.root == root && $0.tips.allSatisfy { refs[$0.ref] == $0.tip } }?.found
  }

  func memory(from root: ObjectID, read: () -> LeadMemory?) -> LeadMemory? {
    if let known = memories.first(where: { $0.root == root }) { return known.memory }
    let memory = read()
    memories.append((root, memory))
    return memory
  }

  func keep(_ found: LeadReader.Found, root: ObjectID, tips: [(ref: [UInt8], tip: ObjectID?)]) {
    if readings.count == Self.most { readings.removeFirst() }
    readings.append(Reading(root: root, tips: tips, found: found))
  }
}
