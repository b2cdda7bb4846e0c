extension Repository {
  /// Visits the commits of reach(tips) − reach(hidden), each once, in no particular order, with its parts and its raw
  /// bytes. The bytes are valid during the visit only. `visit` may ask this repository anything.
  ///
  /// - Parameter exact: true reads all of reach(hidden), then every other commit once: the truth on any history, at a
  ///   cost that grows with the whole history. False goes back by committer time only as far as needed, like git:
  ///   where a commit claims to be older than its parents, commits of reach(hidden) may be visited too. Never fewer
  ///   than the truth: a forged clock gains nothing. Without hidden commits both are the same.
  /// - Throws: ``GitError/shallow(path:)`` or ``GitError/missingObject(_:promised:)`` where history is cut off,
  ///   ``GitError/malformedObject(_:reason:)`` for a commit without a readable tree line. A commit that is malformed
  ///   otherwise is visited, with its defect.
  package func walk(
    from tips: [ObjectID], hiding hidden: [ObjectID], exact: Bool,
    visit: (ObjectID, CommitParse, UnsafeRawBufferPointer) throws(GitError) -> Void
  ) throws(GitError) {
    if hidden.isEmpty || exact {
      var marks = graph.takeMarks()
      try unsafe stream(from: hidden, &marks) { _, _, _ in }
      try unsafe stream(from: tips, &marks, visit)
      graph.giveBack(marks)
      return
    }
    for node in try LimitedWalk.newCommits(tips, hidden, self) {
      let id = graph.ids[Int(node)]
      try unsafe withCommit(id) { commit, bytes throws(GitError) in try unsafe visit(id, commit, bytes) }
    }
  }

  /// Visits what is reachable and not marked yet, and marks it. One read for each commit.
  private func stream(
    from tips: [ObjectID], _ marks: inout Marks,
    _ visit: (ObjectID, CommitParse, UnsafeRawBufferPointer) throws(GitError) -> Void
  ) throws(GitError) {
    var waiting: [CommitGraph.Node] = []
    for tip in tips { Repository.add(graph.node(tip), &waiting, &marks) }
    while let node = waiting.popLast() {
      let id = graph.ids[Int(node)]
      try unsafe withCommit(id) { commit, bytes throws(GitError) in
        graph.load(node, commit)
        for index in 0..<graph.parentCount(node) { Repository.add(graph.parent(node, index), &waiting, &marks) }
        try unsafe visit(id, commit, bytes)
      }
    }
  }

  private static func add(_ node: CommitGraph.Node, _ waiting: inout [CommitGraph.Node], _ marks: inout Marks) {
    guard marks[node] == 0 else { return }
    marks[node] = 1
    waiting.append(node)
  }

  /// In bytes. The longest in Linux's history, a merge of signed tags, has 70,000.
  package static let longestCommit = 8 << 20

  /// Lends a commit's parts and bytes, valid during the call only.
  package func withCommit<Result>(
    _ id: ObjectID, _ body: (CommitParse, UnsafeRawBufferPointer) throws(GitError) -> Result
  ) throws(GitError) -> Result {
    let object: RawObject
    do throws(GitError) {
      object = try RawObject(id, from: self)
    } catch .missingObject(let id, let promised) {
      // A missing parent never makes a root: what is below it would go unjudged.
      throw isShallow ? .shallow(path: gitDirectory) : .missingObject(id, promised: promised)
    }
    try object.expect(.commit, id)
    return try unsafe object.lend { bytes throws(GitError) in
      // Attack: a header of millions of lines, which a pack holds in a few thousand bytes.
      guard bytes.count <= Repository.longestCommit else {
        throw .limit(id, reason: "a commit of more than \(Repository.longestCommit) bytes")
      }
      guard let commit = unsafe CommitParse.parse(bytes) else {
        throw .malformedObject(id, reason: "no tree line")
      }
      return try unsafe body(commit, bytes)
    }
  }

  /// Sees to it that the graph knows the commit's time and parents.
  func load(_ node: CommitGraph.Node) throws(GitError) {
    if graph.isLoaded(node) { return }
    try unsafe withCommit(graph.ids[Int(node)]) { commit, _ in graph.load(node, commit) }
  }
}
