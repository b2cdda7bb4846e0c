internal import Basics

/// Commits that wait to be looked at, newest committer time first.
typealias CommitQueue = BinaryHeap<Int64, CommitGraph.Node>
