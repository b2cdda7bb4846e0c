import GitBridge
import Support
import Testing

extension ScriptedRepository {
  /// What git makes of merging two commits: the tree, or nil for a conflict.
  func mergedByGit(_ ours: ObjectID, _ theirs: ObjectID) throws -> ObjectID? {
    let finished = try gitMayFail(["merge-tree", "--write-tree", "\(ours)", "\(theirs)"])
    #expect(finished.status <= 1, "\(finished.errorText)")
    return finished.status == 0 ? ObjectID(hexString: finished.lines[0]) : nil
  }
}

extension MergedAgain {
  /// The tree of a clean merge.
  var cleanTree: ObjectID? {
    if case .clean(let tree) = self { return tree }
    return nil
  }
}
