internal import GitBridge

/// Judges whether the steps of a branch with `from` take their changes from where it says: only merges,
/// whose side parents one of those branches holds.
final class SourceReview {
  private let repository: Repository
  private let ref: [UInt8]
  private let refs: RefView
  private let start: ObjectID
  private let isProtected: ([UInt8]) -> Bool
  private var sources: [[String]: Source] = [:]
  /// What the rules that were asked last say of the branch: nearly all steps stand under the same.
  private var last: (rules: Rules, from: [Glob])?

  /// The branches that one list of patterns names, and what they hold beyond the start.
  private struct Source {
    let tips: [ObjectID]
    let held: Set<ObjectID>
  }

  /// - Parameter start: Where judging begins: the commits below it are asked about one by one.
  init(
    _ repository: Repository, ref: [UInt8], refs: RefView, start: ObjectID, isProtected: @escaping ([UInt8]) -> Bool
  ) {
    self.repository = repository
    self.ref = ref
    self.refs = refs
    self.start = start
    self.isProtected = isProtected
  }

  /// - Parameter rules: Those in force for the step.
  func judge(_ step: Step, _ table: CommitTable, under rules: Rules) throws(ReviewProblem) -> [Refusal] {
    let allowed = allowedSources(rules)
    guard !allowed.isEmpty else { return [] }
    let from = allowed.map { printable($0.pattern) }.joined(separator: ", ")
    let shown = printable(ref)
    func refused(_ message: String) -> [Refusal] {
      let name = String(decoding: ref, as: UTF8.self)
      return [Refusal(.wrongSourceBranch, commit: step.new, ref: name, message: message, next: "merge the change into \(from) first")]
    }
    let parents = try reading { () throws(GitError) in try table.parents(of: step.new, in: repository) }
    guard parents.count >= 2 else {
      return refused("\(shown) takes only merges from \(from); \(step.new.short) is not a merge")
    }
    let source = try source(allowed)
    for side in parents.dropFirst() {
      guard try holds(source, side) else {
        return refused("\(shown) takes only merges from \(from); none of them holds \(side.short), which \(step.new.short) merges")
      }
    }
    return []
  }

  private func allowedSources(_ rules: Rules) -> [Glob] {
    if let last, last.rules === rules { return last.from }
    let from = rules.policy.branchRule(for: ref)?.from ?? []
    last = (rules, from)
    return from
  }

  private func holds(_ source: Source, _ commit: ObjectID) throws(ReviewProblem) -> Bool {
    if source.held.contains(commit) { return true }
    return try reading { () throws(GitError) in
      // What is not beyond the start is below it, or no source holds it.
      guard try repository.isAncestor(commit, of: start) else { return false }
      for tip in source.tips where try repository.isAncestor(commit, of: tip) { return true }
      return false
    }
  }

  private func source(_ globs: [Glob]) throws(ReviewProblem) -> Source {
    let patterns = globs.map(\.pattern)
    if let known = sources[patterns] { return known }
    let tips = refs.sources(of: ref, matching: globs, isProtected: isProtected).map(\.tip)
    var held: Set<ObjectID> = []
    try reading { () throws(GitError) in
      try unsafe repository.walk(from: tips, hiding: [start], exact: false) { (id, _, _) throws(GitError) in held.insert(id) }
    }
    let source = Source(tips: tips, held: held)
    sources[patterns] = source
    return source
  }
}
