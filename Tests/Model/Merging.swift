/// What merging the parents again makes of one path.
enum Again: Equatable {
  case content(Content?)
  /// A conflict, or merge bases that disagree.
  case conflict
}

extension History {
  func mergeBases(_ left: Commits, _ right: Commits) -> [CommitID] {
    let common = left.intersection(right)
    return common.ids.filter { base in !common.ids.contains { $0 != base && reach($0).contains(base) } }
  }

  /// R95, R103, R104: three-way, path by path, from each merge base alone; more than two parents pairwise.
  ///
  /// - Parameter fromEach: false asks the first merge base only: a mutant.
  package func mergeAgain(_ parents: [CommitID], fromEach: Bool = true) -> (tree: Tree, conflicts: Set<String>) {
    var tree = self[parents[0]].tree
    var conflicts: Set<String> = []
    var left = reach(parents[0])
    for parent in parents.dropFirst() {
      let theirs = self[parent].tree
      let bases = mergeBases(left, reach(parent)).map { self[$0].tree }
      var result: Tree = [:]
      for path in Set(tree.keys).union(theirs.keys) {
        let results = (fromEach ? bases : Array(bases.prefix(1))).map { base -> Again in
          let (ours, theirs, base) = (tree[path], theirs[path], base[path])
          return ours == theirs || base == theirs ? .content(ours) : base == ours ? .content(theirs) : .conflict
        }
        if let first = results.first, results.allSatisfy({ $0 == first }), case .content(let content) = first {
          result[path] = content
        } else {
          conflicts.insert(path)
        }
      }
      tree = result
      left.formUnion(reach(parent))
    }
    return (tree, conflicts)
  }
}

func differences(_ one: Tree, _ other: Tree) -> Set<String> {
  Set(one.keys).union(other.keys).filter { one[$0] != other[$0] }
}

/// R10.
func isRuleFile(_ path: String) -> Bool { path == "MAINTAINERS" || path == "review.toml" || path.hasPrefix("keys/") }
