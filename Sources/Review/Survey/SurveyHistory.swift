internal import GitBridge

/// What a survey keeps of each commit, in columns: a hundred bytes, so that a history of any length fits.
/// A commit is a number here, given as it was read.
struct SurveyHistory {
  typealias Node = Int32

  struct Marks: OptionSet {
    let rawValue: UInt8
    /// The commit is malformed.
    static let malformed = Marks(rawValue: 1)
    static let saysAdopt = Marks(rawValue: 2)
    /// Its author is known as a bot.
    static let bot = Marks(rawValue: 4)
    /// Its committer is a forge.
    static let byForge = Marks(rawValue: 8)
    static let signed = Marks(rawValue: 16)
  }

  private(set) var ids: [ObjectID] = []
  private(set) var trees: [ObjectID] = []
  /// Seconds since 1970, by the committer's clock.
  private(set) var times: [Int64] = []
  private(set) var marks: [Marks] = []
  /// Places in the table of signers; -1 for none.
  var claimed: [Int32] = []
  private var parentStarts: [Int32] = [0]
  private var parentIDs: [ObjectID] = []
  private var parentNodes: [Node] = []

  var count: Int { ids.count }

  mutating func append(_ id: ObjectID, _ commit: CommitParse, _ marks: Marks) {
    ids.append(id)
    trees.append(commit.tree)
    times.append(commit.committerTime)
    self.marks.append(marks)
    claimed.append(-1)
    parentIDs += commit.parents
    parentStarts.append(Int32(parentIDs.count))
  }

  /// Turns the parents' ids into numbers; every one of them has been read.
  mutating func connect() {
    var places = [ObjectID: Node](minimumCapacity: ids.count)
    for (node, id) in ids.enumerated() { places[id] = Node(node) }
    parentNodes = parentIDs.map { places[$0] ?? -1 }
    parentIDs = []
  }

  func parents(_ node: Node) -> ArraySlice<Node> {
    parentNodes[Int(parentStarts[Int(node)])..<Int(parentStarts[Int(node) + 1])]
  }

  func isMerge(_ node: Node) -> Bool { parentStarts[Int(node) + 1] - parentStarts[Int(node)] >= 2 }

  /// The rule's word for it: an empty commit of one parent whose subject begins with "adopt".
  func isAdoption(_ node: Node) -> Bool {
    guard marks[Int(node)].contains(.saysAdopt), !marks[Int(node)].contains(.malformed) else { return false }
    let parents = parents(node)
    guard parents.count == 1, let parent = parents.first, parent >= 0 else { return false }
    return trees[Int(parent)] == trees[Int(node)]
  }
}
