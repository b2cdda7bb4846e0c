internal import GitBridge

/// What a survey knows of a merge.
package enum SurveyedMerge: UInt8, Sendable {
  /// Its tree is what merging its parents again yields.
  case clean
  /// It resolved a conflict, or has content of its own: a change.
  case content
  /// A forge's button made it, and it was not done again. A forge merges only what merges without a conflict; but
  /// people can resolve one in its editor, and then its key signs that too.
  case takenForClean
  /// It could not be done again: trees are missing here, or malformed.
  case unknown
}

/// Does the merges of a history again, as far as each needs it.
///
/// Nearly all can be told by less than a merge: by the trees' ids where one side changed nothing, or by holding four
/// trees against each other where the sides touch different paths. The rest is done by what judges pushes.
struct SurveyMerges {
  typealias Node = SurveyHistory.Node

  let history: SurveyHistory
  let steps: SurveySteps
  let repository: Repository
  let workers: Workers
  let settings: ReviewSettings

  struct Found {
    var kinds: [Node: SurveyedMerge] = [:]
    /// How many were told by the ids alone, by four trees, and by a merge.
    var byIDs = 0
    var byTrees = 0
    var byMerging = 0
  }

  private struct Question: Sendable {
    let node: Node
    let parents: [ObjectID]
    let merged: ObjectID
    /// The trees of the one base and of two parents; nil for several bases, none, or more parents.
    let trees: (base: ObjectID, ours: ObjectID, theirs: ObjectID)?
  }

  private enum Answer: Sendable {
    case byTrees(SurveyedMerge)
    case byMerging(SurveyedMerge)
  }

  /// - Parameter skipped: Merges that are taken for clean.
  func find(_ merges: [Node], skipping skipped: Set<Node>) throws(ReviewProblem) -> Found {
    var found = Found()
    var questions: [Question] = []
    var bases = SurveyBases(history, order: steps.order)
    for node in merges {
      if skipped.contains(node) {
        found.kinds[node] = .takenForClean
        continue
      }
      let parents = Array(history.parents(node))
      let merged = history.trees[Int(node)]
      var trees: (base: ObjectID, ours: ObjectID, theirs: ObjectID)?
      if parents.count == 2 {
        let common = bases.bases(parents[0], parents[1])
        if common.count == 1 {
          let (base, ours, theirs) = (
            history.trees[Int(common[0])], history.trees[Int(parents[0])], history.trees[Int(parents[1])]
          )
          if let expected = ours == theirs || base == theirs ? ours : base == ours ? theirs : nil {
            found.kinds[node] = expected == merged ? .clean : .content
            found.byIDs += 1
            continue
          }
          trees = (base, ours, theirs)
        }
      }
      questions.append(
        Question(node: node, parents: parents.map { history.ids[Int($0)] }, merged: merged, trees: trees))
    }
    let asked = questions
    let answers = try workers.map(asked.count, repository, settings) { (index, repository) throws(ReviewProblem) in
      try Self.answer(asked[index], repository)
    }
    for (question, answer) in zip(questions, answers) {
      switch answer {
      case .byTrees(let kind):
        found.byTrees += 1
        found.kinds[question.node] = kind
      case .byMerging(let kind):
        found.byMerging += 1
        found.kinds[question.node] = kind
      }
    }
    return found
  }

  private static func answer(_ question: Question, _ repository: Repository) throws(ReviewProblem) -> Answer {
    do throws(GitError) {
      if let trees = question.trees,
        let asExpected = try repository.isMergedPathByPath(
          base: trees.base, ours: trees.ours, theirs: trees.theirs, merged: question.merged)
      {
        return .byTrees(asExpected ? .clean : .content)
      }
      return .byMerging(
        try repository.mergeAgain(parents: question.parents) == .clean(tree: question.merged) ? .clean : .content)
    } catch {
      switch error {
      // A clone without its trees can be surveyed all the same, and says what it could not see.
      case .missingObject, .malformedObject, .limit: return .byMerging(.unknown)
      default: throw .git(error)
      }
    }
  }
}
