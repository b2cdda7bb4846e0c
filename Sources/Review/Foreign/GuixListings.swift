internal import GitBridge
internal import OpenPGP

/// The lists of authorized keys of a history's trees, each file read once.
struct GuixListings {
  enum Listing {
    case keys(Set<Fingerprint>)
    case absent
    /// Why it is not understood.
    case invalid(String)
  }

  private let repository: Repository
  private var files: [ObjectID: Listing] = [:]

  init(_ repository: Repository) { self.repository = repository }

  mutating func listing(of tree: ObjectID) throws(GitError) -> Listing {
    guard let entry = try repository.entries(tree: tree, named: [GuixAuthorizations.path])[0] else { return .absent }
    // A symbolic link's content is a path, which would be read as the list itself.
    guard entry.isRegularFile else { return .invalid(FileDefect.notAFile(GuixAuthorizations.path).message) }
    if let known = files[entry.id] { return known }
    let listing = try read(entry.id)
    files[entry.id] = listing
    return listing
  }

  private func read(_ file: ObjectID) throws(GitError) -> Listing {
    if let size = try repository.size(of: file), size > SExpression.longest {
      return .invalid("\(GuixAuthorizations.path) is larger than \(SExpression.longest) bytes")
    }
    let bytes = try repository.read(file, as: .blob)
    do throws(FileDefect) {
      return .keys(try GuixAuthorizations.read(bytes).keys)
    } catch {
      return .invalid(error.message)
    }
  }
}
