/// Ends a walk through trees that unfold to more than anybody could look at.
///
/// Attack: a few small folders that contain each other many times, with long names deep below: a million paths of forty
/// kilobytes each.
struct PathBounds {
  private let whole: ObjectID
  private let most: (paths: Int, bytes: Int)
  private var folders = 0
  private var paths = 0
  private var bytes = 0
  /// What is kept of a path beside its bytes, about.
  private static let beside = 128

  /// - Parameter whole: The tree that is named where there is too much.
  init(_ repository: Repository, whole: ObjectID) {
    self.whole = whole
    most = (repository.mostPaths, repository.mostPathBytes)
  }

  /// - Parameter depth: How many folders lead to the one that is opened.
  func goDown(to depth: Int) throws(GitError) {
    guard depth <= Repository.deepestFolder else {
      throw .limit(whole, reason: "folders nested deeper than \(Repository.deepestFolder)")
    }
  }

  /// - Parameter length: Of the folder's path, in bytes.
  mutating func openFolder(_ length: Int) throws(GitError) {
    folders += 1
    guard folders <= most.paths else { throw .limit(whole, reason: "more than \(most.paths) folders") }
    try add(length)
  }

  /// - Parameter length: Of the path, in bytes.
  mutating func takePath(_ length: Int) throws(GitError) {
    paths += 1
    guard paths <= most.paths else { throw .limit(whole, reason: "more than \(most.paths) paths") }
    try add(length)
  }

  private mutating func add(_ length: Int) throws(GitError) {
    bytes += length + Self.beside
    guard bytes <= most.bytes else { throw .limit(whole, reason: "paths of more than \(most.bytes >> 20) MiB") }
  }
}
